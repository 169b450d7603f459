"""The pipeline: open opportunities by stage with their sums, moved one stage at a time or amended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tcma.db.audit import AuditEntry
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.leads import actions, outgoing
from tcma.leads.models import Lead, Opportunity
from tcma.leads.queries import has_part, opportunity_row, opportunity_rows
from tcma.leads.rules import LOSS_REASONS, Stage
from tcma.leads.views import OpportunityRow
from tcma.money import Money
from tcma.outbox.rules import Event
from tcma.permissions import Permission, Principal
from tcma.words import say

STAGES = tuple(Stage)
MOST_ON_BOARD = 300
"""Open opportunities a board shows, those that close first; the list has them all."""


@dataclass(frozen=True, slots=True)
class Column:
    """One stage of the board: the first of its cards, and `count` and `sums` of all of them."""

    stage: Stage
    before: Stage | None
    after: Stage | None
    rows: tuple[OpportunityRow, ...]
    count: int
    sums: list[Money]


def board(session: Session, principal: Principal) -> tuple[Column, ...]:
    """Return the open opportunities a principal may see, by stage, those that close first on top."""
    query = (
        visible(opportunity_rows(), principal, Opportunity)
        .where(Opportunity.state == "open")
        .order_by(Opportunity.closes_on.asc().nulls_last(), Opportunity.id)
        .limit(MOST_ON_BOARD)
    )
    rows = [opportunity_row(row, principal) for row in session.execute(query)]
    counts, sums = _totals(session, principal)
    return tuple(
        Column(
            stage,
            STAGES[n - 1] if n else None,
            STAGES[n + 1] if n + 1 < len(STAGES) else None,
            tuple(row for row in rows if row.stage is stage),
            counts.get(stage, 0),
            sums.get(stage, []),
        )
        for n, stage in enumerate(STAGES)
    )


def _totals(
    session: Session, principal: Principal
) -> tuple[dict[str, int], dict[str, list[Money]]]:
    """Return how many are open at each stage, and their sums by currency."""
    total = func.sum(Opportunity.amount_minor).label("total")
    query = select(Opportunity.stage, Opportunity.currency, func.count().label("n"), total)
    open_ones = visible(query, principal, Opportunity).where(Opportunity.state == "open")
    counts: dict[str, int] = {}
    sums: dict[str, list[Money]] = {}
    grouped = open_ones.group_by(Opportunity.stage, Opportunity.currency)
    for row in session.execute(grouped.order_by(Opportunity.currency)):
        counts[row.stage] = counts.get(row.stage, 0) + row.n
        sums.setdefault(row.stage, []).append(Money(int(row.total), row.currency))
    return counts, sums


def opportunity(session: Session, principal: Principal, ref: str) -> OpportunityRow:
    """Return one opportunity; NotFound when it is not the principal's to see."""
    query = opportunity_rows().where(has_part(principal), Opportunity.ref == ref)
    return opportunity_row(found(session.execute(query).first()), principal)


def history(
    session: Session, principal: Principal, ref: str
) -> Sequence[tuple[datetime, str, str]]:
    """Return (when, what, who) of an opportunity of a vendor's, oldest first."""
    opportunity(session, principal, ref)
    query = select(AuditEntry.at, AuditEntry.verb, AuditEntry.actor_name).where(
        AuditEntry.subject == "opportunity", AuditEntry.subject_id == ref
    )
    rows = session.execute(query.order_by(AuditEntry.id)).all()
    return [(row.at, row.verb, row.actor_name) for row in rows]


def move(work: Work, ref: str, *, stage: Stage) -> None:
    """Put an open opportunity at another stage; Conflict when it has closed meanwhile."""
    one = _open(work, ref)
    before, one.stage = one.stage, stage
    if before != stage:
        _progress(work, one)
        _tell(work, one, "moved", before=before, after=stage)


def amend(work: Work, ref: str, *, name: str, worth: Money, closes_on: date | None) -> None:
    """Change what an open opportunity is called, may be worth and when it may close."""
    if worth.minor <= 0:
        message = say("Write what it may be worth.")
        raise Invalid(message, code="opportunity.amount", fields={"amount": message})
    one = _open(work, ref)
    name = name.strip()[:200] or one.name
    if (name, worth.minor, closes_on) == (one.name, one.amount_minor, one.closes_on):
        return
    before = {"amount": one.amount_minor, "closes_on": str(one.closes_on or "")}
    one.name, one.amount_minor, one.closes_on = name, worth.minor, closes_on
    _progress(work, one)
    after = {"amount": one.amount_minor, "closes_on": str(closes_on or "")}
    _tell(work, one, "amended", before=before, after=after)


def close(work: Work, ref: str, *, won: bool, reason: str | None = None) -> None:
    """End an open opportunity, and its lead where it came of one: won, or lost with a reason.

    What has ended the same way already stays as it is; Conflict when it ended otherwise.
    """
    one = _held(work, ref)
    if one.state == ("won" if won else "lost") and (won or one.loss_reason in (reason, None)):
        return
    _refuse_closed(one)
    if one.lead_id is not None:
        lead = work.session.get_one(Lead, one.lead_id, with_for_update=True)
        actions.close(work, lead, won=won, reason=reason)
        return
    if not won and reason not in LOSS_REASONS:
        message = say("Say why it ended.")
        raise Invalid(message, code="lead.loss", fields={"reason": message})
    one.state, one.closed_at = "won" if won else "lost", work.now
    one.loss_reason = None if won else reason
    _tell(work, one, one.state)


def _open(work: Work, ref: str) -> Opportunity:
    one = _held(work, ref)
    _refuse_closed(one)
    return one


def _held(work: Work, ref: str) -> Opportunity:
    work.require(Permission.LEAD_ANSWER)
    query = visible(select(Opportunity), work.principal, Opportunity)
    return found(work.session.scalar(query.where(Opportunity.ref == ref).with_for_update()))


def _refuse_closed(one: Opportunity) -> None:
    if one.state != "open":
        raise Conflict(say("This opportunity has closed meanwhile."), code="opportunity.closed")


def _progress(work: Work, one: Opportunity) -> None:
    """Note that somebody works on it: it lapses later, and is warned of anew."""
    one.moved_at, one.warned_at = work.now, None


def _tell(work: Work, one: Opportunity, verb: str, **detail: Any) -> None:
    if one.lead_id is not None:
        work.session.execute(update(Lead).where(Lead.id == one.lead_id).values(moved_at=work.now))
    work.audit(
        verb,
        "opportunity",
        one.ref,
        vendor_id=one.vendor_id,
        partner_id=one.partner_id,
        **detail,
    )
    outgoing.tell_deal(work, Event.OPPORTUNITY_CHANGED, one, key=work.now.isoformat())
