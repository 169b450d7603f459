"""Shares of plans and claims that say how well funds are run: what each counts, and the rows of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.mdf.models.funding import ActivityLaunch, Claim, FundActivity, FundRequest
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import ClaimState, RequestState
from tcma.permissions import Principal
from tcma.reporting.stages import YES_CLAIM, YES_PLAN, rows_of, since_of

PROOF = (Reason.POP_MISSING, Reason.POP_WRONG_FORMAT, Reason.COST_PROOF_MISSING)
"""Reasons of a return or refusal that speak of a proof."""


class Measure(StrEnum):
    """One share: of these rows, so many are so."""

    PLANS = "plans"
    POLICY = "policy"
    DRAWN = "drawn"
    RUN_HERE = "run_here"
    CLAIMS = "claims"
    COMPLETE = "complete"
    ASKED_BACK = "asked_back"


@dataclass(frozen=True, slots=True)
class Measured:
    """How many rows, and how many of them are so."""

    measure: Measure
    count: int
    part: int


def measured(
    session: Session, principal: Principal, *, since: datetime | None = None
) -> tuple[Measured, ...]:
    """Return every measure of what a principal may see."""
    return tuple(_measured(session, principal, each, since) for each in Measure)


def _measured(
    session: Session, principal: Principal, measure: Measure, since: datetime | None
) -> Measured:
    each = counted(principal, measure, since=since).subquery()
    row = session.execute(select(func.count(), func.count().filter(each.c.first))).one()
    return Measured(measure, row[0], row[1])


def counted(
    principal: Principal, measure: Measure, *, since: datetime | None = None
) -> Select[*tuple[Any, ...]]:
    """Return the rows of a measure: id, ref, title, partner, state, at, took, first (is so)."""
    return _MEASURES[measure](principal, since)


def _plans(
    principal: Principal,
    since: datetime | None,
    part: ColumnElement[bool],
    *only: ColumnElement[bool],
) -> Select[*tuple[Any, ...]]:
    row = FundRequest
    rows = rows_of(row, row.title, row.decided_at, row.submitted_at, part).where(*only)
    return since_of(visible(rows, principal, row), row.decided_at, since)


def _claims(
    principal: Principal,
    since: datetime | None,
    part: ColumnElement[bool],
    *only: ColumnElement[bool],
) -> Select[*tuple[Any, ...]]:
    rows = rows_of(Claim, FundRequest.title, Claim.decided_at, Claim.filed_at, part)
    rows = rows.join(FundRequest, FundRequest.id == Claim.request_id).where(*only)
    return since_of(visible(rows, principal, Claim), Claim.decided_at, since)


_YES = FundRequest.state.in_(YES_PLAN)
_DRAWN = FundRequest.trace["policy"]["to_a_person"].astext == "true"
_WITH_FAULT = or_(
    ~_YES,
    FundRequest.approved_minor < FundRequest.requested_minor,
    FundRequest.trace["reason"].astext.is_not(None),
)
_RUN_HERE = exists().where(
    FundActivity.request_id == FundRequest.id, ActivityLaunch.activity_id == FundActivity.id
)
_COMPLETE = func.coalesce(Claim.trace["reason"].astext, "").not_in([str(each) for each in PROOF])
_PAID_ONCE = Claim.state.in_((ClaimState.PAID, ClaimState.REVERSED))

Rows = Callable[[Principal, datetime | None], Select[*tuple[Any, ...]]]
_MEASURES: Mapping[Measure, Rows] = {
    Measure.PLANS: lambda who, since: _plans(who, since, _YES),
    Measure.POLICY: lambda who, since: _plans(who, since, _YES & FundRequest.decided_by.is_(None)),
    Measure.DRAWN: lambda who, since: _plans(who, since, _WITH_FAULT, _DRAWN),
    Measure.RUN_HERE: lambda who, since: _plans(
        who, since, _RUN_HERE, FundRequest.state.in_((RequestState.APPROVED, RequestState.CLOSED))
    ),
    Measure.CLAIMS: lambda who, since: _claims(who, since, Claim.state.in_(YES_CLAIM)),
    Measure.COMPLETE: lambda who, since: _claims(who, since, _COMPLETE),
    Measure.ASKED_BACK: lambda who, since: _claims(
        who, since, Claim.state == ClaimState.REVERSED, _PAID_ONCE
    ),
}
