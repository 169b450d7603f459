"""A change of an approved activity as a case: the plan as it would become, judged like a new one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tcma.mdf.judging import deciding
from tcma.mdf.judging.claims import at_of
from tcma.mdf.models.funding import FundActivity, FundRequest
from tcma.mdf.programme.verdict import Decision
from tcma.mdf.queries import activities_of, budget_of
from tcma.mdf.rules import ActivityState, Check
from tcma.money import Money

GRANTED = (ActivityState.APPROVED, ActivityState.CLOSED)
NOTICE = "notice"


def change_judged(
    session: Session,
    request: FundRequest,
    row: FundActivity,
    change: Mapping[str, Any],
    *,
    at: datetime,
) -> deciding.Judged:
    """Decide the plan with activity `row` as `change` has it, by the rules the plan stands under.

    The other granted activities count with what they were granted. `at` is when it was asked for.
    """
    rows = _rows(session, request, row)
    case = deciding.request_case(session, request, at)
    case["activities"] = [
        deciding.changed_facts(each, change, request.currency)
        if each.id == row.id
        else deciding.activity_facts(each) | {"requested": _granted(each, request)}
        for each in rows
    ]
    fund = case["fund"]
    if "available" in fund:
        held = Money(sum(each.approved_minor or 0 for each in rows), request.currency)
        left = Money.parse(fund["available"], request.currency)
        fund["available"] = deciding.major(left + held)
    version = deciding.version_on(session, budget_of(session, request), at_of(request, at))
    return deciding.judged(version, case)


def _rows(session: Session, request: FundRequest, row: FundActivity) -> list[FundActivity]:
    return [
        each
        for each in activities_of(session, request.id)
        if each.id == row.id or each.state in GRANTED
    ]


def _granted(row: FundActivity, request: FundRequest) -> str:
    return deciding.major(Money(row.approved_minor or 0, request.currency))


def checks_of_change(
    session: Session, request: FundRequest, row: FundActivity, found: deciding.Judged
) -> tuple[Check, ...]:
    """Return what the rules say to the changed activity and to the plan as a whole.

    What they say to the other activities was decided before.
    """
    line = _rows(session, request, row).index(row)
    return deciding.checks_of(_about(found.decision, line))


def _about(decision: Decision, line: int) -> Decision:
    return replace(
        decision, trace=tuple(step for step in decision.trace if step.line in (None, line))
    )
