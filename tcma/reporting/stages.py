"""How long money takes, stage by stage: what begins and ends each, and the rows it is counted from.

Times run by the clock, nights and weekends included; a row counts when its stage is over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Select, String, cast, exists, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tcma.db.audit import AuditEntry
from tcma.db.scope import visible
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.ledger import LedgerTransfer
from tcma.mdf.models.payments import Payment
from tcma.mdf.moving import MOVES
from tcma.mdf.rules import ClaimState, PaymentState, RequestState, TransferKind
from tcma.partners.models import Partner
from tcma.permissions import Principal
from tcma.words import say

DAY = 86_400  # seconds
YES_PLAN = (RequestState.APPROVED, RequestState.HELD, RequestState.CLOSED)
SENT_BACK = ("returned", "refused", say("taken back"))
YES_CLAIM = (ClaimState.APPROVED, ClaimState.PAYMENT_PENDING, ClaimState.PAID, ClaimState.REVERSED)


class Stage(StrEnum):
    """One stretch of a plan's or claim's way, in its order."""

    PLAN = "plan"
    SPEND = "spend"
    CLAIM = "claim"
    PAY = "pay"
    CASH = "cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One stage: how many passed it, the middle one's days, the days in which nine of ten did.

    `first` of them had a yes without a return or refusal before; None where nobody decides.
    """

    stage: Stage
    count: int
    median: Decimal | None
    slow: Decimal | None
    first: int | None


def paces(
    session: Session, principal: Principal, *, since: datetime | None = None
) -> tuple[Pace, ...]:
    """Return every stage with what passed it since then, of what a principal may see."""
    return tuple(_pace(session, stage, passed(principal, stage, since=since)) for stage in Stage)


def _pace(session: Session, stage: Stage, rows: Select[*tuple[Any, ...]]) -> Pace:
    each = rows.subquery()
    days = func.extract("epoch", each.c.took) / DAY

    def within(part: float) -> ColumnElement[Decimal]:
        exact = func.percentile_cont(part).within_group(days.asc())
        return func.round(cast(exact, Numeric), 1)

    firsts = func.count().filter(each.c.first)
    row = session.execute(select(func.count(), within(0.5), within(0.9), firsts)).one()
    first = row[3] if stage in (Stage.PLAN, Stage.CLAIM) else None
    return Pace(stage=stage, count=row[0], median=row[1], slow=row[2], first=first)


def passed(
    principal: Principal, stage: Stage, *, since: datetime | None = None
) -> Select[*tuple[Any, ...]]:
    """Return the rows that passed a stage: id, ref, title, partner, state, at, took, first."""
    return _STAGES[stage](principal, since)


def _plans(principal: Principal, since: datetime | None) -> Select[*tuple[Any, ...]]:
    row = FundRequest
    yes = row.state.in_(YES_PLAN)
    rows = rows_of(row, row.title, row.decided_at, row.submitted_at, _at_first_go(row, yes))
    return since_of(visible(rows, principal, row), row.decided_at, since)


def _spending(principal: Principal, since: datetime | None) -> Select[*tuple[Any, ...]]:
    rows = rows_of(Claim, FundRequest.title, Claim.filed_at, FundRequest.decided_at, false())
    rows = rows.join(FundRequest, FundRequest.id == Claim.request_id)
    return since_of(visible(rows, principal, Claim), Claim.filed_at, since)


def _claims(principal: Principal, since: datetime | None) -> Select[*tuple[Any, ...]]:
    yes = Claim.state.in_(YES_CLAIM)
    rows = rows_of(
        Claim, FundRequest.title, Claim.decided_at, Claim.filed_at, _at_first_go(Claim, yes)
    ).join(FundRequest, FundRequest.id == Claim.request_id)
    return since_of(visible(rows, principal, Claim), Claim.decided_at, since)


def _paying(principal: Principal, since: datetime | None) -> Select[*tuple[Any, ...]]:
    return _paid(principal, since, Claim.decided_at)


def _cash(principal: Principal, since: datetime | None) -> Select[*tuple[Any, ...]]:
    return _paid(principal, since, Claim.filed_at)


def _paid(
    principal: Principal,
    since: datetime | None,
    began: InstrumentedAttribute[datetime | None],
) -> Select[*tuple[Any, ...]]:
    at = LedgerTransfer.at
    rows = (
        rows_of(Claim, FundRequest.title, at, began, false())
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .join(Payment, (Payment.claim_id == Claim.id) & (Payment.state == PaymentState.SETTLED))
        .join(
            LedgerTransfer,
            (LedgerTransfer.subject_id == Payment.id) & (LedgerTransfer.kind == TransferKind.PAY),
        )
    )
    return since_of(visible(rows, principal, Claim), at, since)


def rows_of(
    subject: type[FundRequest] | type[Claim],
    title: InstrumentedAttribute[str],
    ended: InstrumentedAttribute[Any],
    began: InstrumentedAttribute[Any],
    first: ColumnElement[Any],
) -> Select[*tuple[Any, ...]]:
    """Return rows that went from `began` to `ended`, with whether they are among the `first`."""
    return (
        select(
            subject.id,
            subject.ref,
            title.label("title"),
            Partner.name.label("partner"),
            subject.state,
            ended.label("at"),
            (ended - began).label("took"),
            first.label("first"),
        )
        .join(Partner, Partner.id == subject.partner_id)
        .where(ended >= began)
    )


def _at_first_go(
    subject: type[FundRequest] | type[Claim], yes: ColumnElement[bool]
) -> ColumnElement[bool]:
    sent_back = exists().where(
        AuditEntry.subject == MOVES[subject][0],
        AuditEntry.subject_id == cast(subject.id, String),
        AuditEntry.verb.in_(SENT_BACK),
    )
    return yes & ~sent_back


def since_of(
    rows: Select[*tuple[Any, ...]], at: InstrumentedAttribute[Any], since: datetime | None
) -> Select[*tuple[Any, ...]]:
    """Return those of them since an instant; all without one."""
    return rows.where(at >= since) if since else rows


_STAGES: Mapping[Stage, Callable[[Principal, datetime | None], Select[*tuple[Any, ...]]]] = {
    Stage.PLAN: _plans,
    Stage.SPEND: _spending,
    Stage.CLAIM: _claims,
    Stage.PAY: _paying,
    Stage.CASH: _cash,
}
