"""How fast plans, claims and payments go, stage by stage; the partner's days to cash are one of them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tcma.permissions import Permission, Principal
from tcma.reporting.figures import Figure, Line, Opens, Report
from tcma.reporting.metrics import share
from tcma.reporting.stages import Pace, Stage, paces
from tcma.words import joined, say

STAGE_WORDS: Mapping[str, str] = {
    Stage.PLAN: say("A plan is answered"),
    Stage.SPEND: say("From the answer to the claim"),
    Stage.CLAIM: say("A claim is answered"),
    Stage.PAY: say("From the answer to the money"),
    Stage.CASH: say("Days to cash: from the claim to the money"),
}
SHORT_WORDS: Mapping[str, str] = {
    Stage.PLAN: say("Plan answered"),
    Stage.SPEND: say("Claim filed"),
    Stage.CLAIM: say("Claim answered"),
    Stage.PAY: say("Money sent"),
    Stage.CASH: say("Days to cash"),
}
"""What fits beside a bar on a phone."""


def pace_report(session: Session, principal: Principal, *, since: datetime | None = None) -> Report:
    """Return one line a stage: how many passed, median and slow days, how many at the first go."""
    if not principal.may(Permission.FUND_READ):
        return Report("pace", say("Pace"), say("Your role does not read funds."), ())
    found = paces(session, principal, since=since)
    lines = tuple(_line(each) for each in found)
    return Report("pace", say("Stage"), _sentence({each.stage: each for each in found}), lines)


def _line(pace: Pace) -> Line:
    about = {"stage": str(pace.stage)}
    rows = Opens("stages", about)
    figures = (
        Figure("passed", say("How many"), pace.count, rows),
        Figure("median", say("Median days"), pace.median, rows),
        Figure("slow", say("Nine in ten within"), pace.slow, rows),
        Figure(
            "first",
            say("At the first go"),
            pace.first,
            Opens("stages", {**about, "facet": "first"}),
            share(pace.first, pace.count) if pace.first is not None else None,
        ),
    )
    return Line(str(pace.stage), STAGE_WORDS[pace.stage], figures)


def _sentence(by_stage: dict[Stage, Pace]) -> str:
    cash, claims = by_stage[Stage.CASH], by_stage[Stage.CLAIM]
    said = []
    if cash.median is not None and cash.count > 1:  # half of one is no half
        days = int(cash.median) if cash.median == int(cash.median) else cash.median
        said.append(say("Half of the claims were money within {median} days.", median=days))
    if claims.count and claims.first is not None:
        said.append(
            say(
                "{first} of {count} claims got a yes at the first go.",
                first=claims.first,
                count=claims.count,
            )
        )
    return joined(*said) or say("No claim was answered yet.")
