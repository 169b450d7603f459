"""What a partner had approved of a programme, and what it has asked for besides: for limits per period."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from tcma.mdf.models.funding import (
    Claim,
    FundActivity,
    FundAllocation,
    FundBudget,
    FundCostLine,
    FundRequest,
)
from tcma.mdf.queries import budget_of
from tcma.mdf.rules import TAKING_CLAIM, ActivityState, ClaimState, RequestState
from tcma.money import Money

PENDING = (RequestState.SUBMITTED, RequestState.APPEALED, RequestState.HELD)
"""Plans that may still take of a limit."""


def history(session: Session, request: FundRequest, at: datetime) -> list[dict[str, Any]]:
    """Return what counts against limits per period beside this plan, by kind of cost.

    What was approved counts with what was granted, and once it is closed with what claims took of it and
    was not asked back: the rest went back into the fund. A plan that was sent before this one and still
    waits counts with what it asks, so that several plans together pass no limit unseen. Rules that
    name no currency hold in that of each fund: plans of another currency have a limit of their own.
    """
    budget = budget_of(session, request)
    rows = session.execute(
        select(FundActivity, FundRequest.state, FundRequest.submitted_at, FundRequest.id)
        .join(FundRequest, FundRequest.id == FundActivity.request_id)
        .join(FundAllocation, FundAllocation.id == FundRequest.allocation_id)
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .where(
            FundBudget.programme_id == budget.programme_id,
            FundBudget.currency == request.currency,
            FundRequest.partner_id == request.partner_id,
            FundRequest.id != request.id,
            FundActivity.state.in_(
                (ActivityState.APPROVED, ActivityState.CLOSED, ActivityState.PLANNED)
            ),
        )
        .order_by(FundActivity.starts_on, FundActivity.id)
    ).all()
    counted = [
        activity
        for activity, state, sent, other in rows
        if activity.state != ActivityState.PLANNED
        or (state in PENDING and sent and (sent, other) < (at, request.id))
    ]
    lines = _lines(session, [each.id for each in counted])
    taken = _taken(session, [each.id for each in counted if each.state == ActivityState.CLOSED])
    return [
        fact
        for activity in counted
        if (minor := _counts(activity, taken))
        for fact in _facts(activity, lines[activity.id], Money(minor, request.currency))
    ]


def _counts(activity: FundActivity, taken: Mapping[UUID, int]) -> int:
    """Return how much of an activity counts against a limit, in minor units."""
    if activity.state == ActivityState.PLANNED:
        return activity.requested_minor
    if activity.state == ActivityState.CLOSED:
        return taken.get(activity.id, 0)
    return activity.approved_minor or 0


def _taken(session: Session, activity_ids: list[UUID]) -> dict[UUID, int]:
    back = func.coalesce(Claim.trace["clawed_back_minor"].as_integer(), 0)
    sums = (
        select(
            Claim.activity_id,
            func.sum(func.coalesce(Claim.approved_minor, Claim.amount_minor))
            - func.sum(case((Claim.state == ClaimState.REVERSED, back), else_=0)),
        )
        .where(Claim.activity_id.in_(activity_ids), Claim.state.in_(TAKING_CLAIM))
        .group_by(Claim.activity_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(sums)}


def _lines(session: Session, activity_ids: list[UUID]) -> dict[UUID, list[FundCostLine]]:
    found: dict[UUID, list[FundCostLine]] = defaultdict(list)
    some = select(FundCostLine).where(FundCostLine.activity_id.in_(activity_ids))
    for line in session.scalars(some.order_by(FundCostLine.activity_id, FundCostLine.no)):
        found[line.activity_id].append(line)
    return found


def _facts(activity: FundActivity, lines: list[FundCostLine], whole: Money) -> list[dict[str, Any]]:
    fact = {"type": activity.kind, "on": activity.starts_on.isoformat()}
    if not any(line.kind for line in lines):
        return [fact | {"amount": str(whole.major)}]
    parts = whole.allocate([line.amount_minor for line in lines])
    return [
        fact
        | {
            "cost": line.kind or line.label,
            "amount": str(part.major),
            "before_share": str(
                Money(
                    line.amount_minor * whole.minor // activity.requested_minor, whole.currency
                ).major
            ),
        }
        for line, part in zip(lines, parts, strict=True)
    ]
