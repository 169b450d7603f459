"""Points of a lead by rule, each with its reason: what it is (fit) and what it does (behaviour, fading)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tcma.leads.rules import COMPANY_POINTS, FORM_POINTS, PHONE_POINTS

HOT_ANSWERS = {"more than 200": 20, "over 200": 20, "within 30 days": 20, "this month": 20}
CLICK_POINTS, MOST_FOR_CLICKS = 5, 15
HALF_LIFE_DAYS = 30
"""A click counts half after this many days, a quarter after twice as many."""
MOST_FOR_FIT, MOST_POINTS = 85, 100
"""What somebody is can never fill the scale: the rest is for what they do."""


@dataclass(frozen=True, slots=True)
class Score:
    """A sum of points, 0 to 100, and what each came from."""

    points: int
    reasons: tuple[tuple[str, int], ...]


def score(
    *, company: str, phone: str, answers: Mapping[str, str], clicked: Sequence[float] = ()
) -> Score:
    """Return the points of a form submission; `clicked` are the ages of its clicks in days."""
    fit = [("filled in the form", FORM_POINTS)]
    if company:
        fit.append(("named the company", COMPANY_POINTS))
    if phone:
        fit.append(("left a phone number", PHONE_POINTS))
    for answer in answers.values():
        points = HOT_ANSWERS.get(answer.strip().casefold(), 0)
        if points:
            fit.append((f"said “{answer}”", points))
    behaviour = _clicks(clicked)
    fits = min(sum(p for _, p in fit), MOST_FOR_FIT)
    does = sum(p for _, p in behaviour)
    return Score(min(fits + does, MOST_POINTS), (*fit, *behaviour))


def _clicks(ages: Sequence[float]) -> list[tuple[str, int]]:
    worth = sum(CLICK_POINTS * 0.5 ** (max(age, 0.0) / HALF_LIFE_DAYS) for age in ages)
    points = min(round(worth), MOST_FOR_CLICKS)
    if not points:
        return []
    last = int(min(ages))
    when = "today" if last == 0 else "a day ago" if last == 1 else f"{last} days ago"
    return [(f"clicked {len(ages)}×, last {when}", points)]
