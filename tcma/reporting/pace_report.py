"""How fast plans, claims and payments go, stage by stage; the partner's days to cash are one of them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from tcma.permissions import Permission, Principal
from tcma.reporting.figures import Figure, Line, Opens, Report
from tcma.reporting.metrics import share
from tcma.reporting.stages import Pace, Stage, paces

STAGE_WORDS: Mapping[str, str] = {
    Stage.PLAN: "A plan is answered",
    Stage.SPEND: "From the answer to the claim",
    Stage.CLAIM: "A claim is answered",
    Stage.PAY: "From the answer to the money",
    Stage.CASH: "Days to cash: from the claim to the money",
}
SHORT_WORDS: Mapping[str, str] = {
    Stage.PLAN: "Plan answered",
    Stage.SPEND: "Claim filed",
    Stage.CLAIM: "Claim answered",
    Stage.PAY: "Money sent",
    Stage.CASH: "Days to cash",
}
"""What fits beside a bar on a phone."""


def pace_report(session: Session, principal: Principal, *, since: datetime | None = None) -> Report:
    """Return one line a stage: how many passed, median and slow days, how many at the first go."""
    if not principal.may(Permission.FUND_READ):
        return Report("pace", "Pace", "Your role does not read funds.", ())
    found = paces(session, principal, since=since)
    lines = tuple(_line(each) for each in found)
    return Report("pace", "Stage", _sentence({each.stage: each for each in found}), lines)


def _line(pace: Pace) -> Line:
    about = {"stage": str(pace.stage)}
    rows = Opens("stages", about)
    figures = (
        Figure("passed", "How many", pace.count, rows),
        Figure("median", "Median days", pace.median, rows),
        Figure("slow", "Nine in ten within", pace.slow, rows),
        Figure(
            "first",
            "At the first go",
            pace.first,
            Opens("stages", {**about, "facet": "first"}),
            share(pace.first, pace.count) if pace.first is not None else None,
        ),
    )
    return Line(str(pace.stage), STAGE_WORDS[pace.stage], figures)


def _sentence(by_stage: dict[Stage, Pace]) -> str:
    cash, claims = by_stage[Stage.CASH], by_stage[Stage.CLAIM]
    said = []
    if cash.median is not None:
        said.append(f"Half of the claims were money within {cash.median} days.")
    if claims.count and claims.first is not None:
        said.append(f"{claims.first} of {claims.count} claims got a yes at the first go.")
    return " ".join(said) or "No claim was answered yet."
