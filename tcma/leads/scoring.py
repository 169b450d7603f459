"""Points of a lead, each with its reason; an author can read why."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcma.leads.rules import COMPANY_POINTS, FORM_POINTS, PHONE_POINTS

HOT_ANSWERS = {"more than 200": 20, "over 200": 20, "within 30 days": 20, "this month": 20}


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of points, 0 to 100, and what each came from."""

    points: int
    reasons: tuple[tuple[str, int], ...]


def score(*, company: str, phone: str, answers: Mapping[str, str], clicks: int) -> Score:
    """Return the points of a form submission: the form itself, contact facts, answers, clicks."""
    reasons = [("filled in the form", FORM_POINTS)]
    if company:
        reasons.append(("named the company", COMPANY_POINTS))
    if phone:
        reasons.append(("left a phone number", PHONE_POINTS))
    for answer in answers.values():
        points = HOT_ANSWERS.get(answer.strip().casefold(), 0)
        if points:
            reasons.append((f"said “{answer}”", points))
    if clicks:
        reasons.append((f"clicked {clicks}×", min(clicks, 3) * 5))
    return Score(min(sum(p for _, p in reasons), 100), tuple(reasons))
