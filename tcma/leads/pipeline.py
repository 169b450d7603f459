"""The pipeline: open opportunities by stage with their sums, moved one stage at a time or amended."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.leads import outgoing
from tcma.leads.models import Lead, Opportunity
from tcma.leads.queries import opportunity_row, opportunity_rows
from tcma.leads.rules import Stage
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
    """One stage of the board."""

    stage: Stage
    before: Stage | None
    after: Stage | None
    rows: tuple[OpportunityRow, ...]

    @property
    def sums(self) -> list[Money]:
        """Return what stands at this stage, a sum per currency."""
        found: dict[str, int] = {}
        for row in self.rows:
            found[row.worth.currency] = found.get(row.worth.currency, 0) + row.worth.minor
        return [Money(minor, currency) for currency, minor in sorted(found.items())]


def board(session: Session, principal: Principal) -> tuple[Column, ...]:
    """Return the open opportunities a principal may see, by stage, those that close first on top."""
    query = (
        visible(opportunity_rows(), principal, Opportunity)
        .where(Opportunity.state == "open")
        .order_by(Opportunity.closes_on.asc().nulls_last(), Opportunity.id)
        .limit(MOST_ON_BOARD)
    )
    rows = [opportunity_row(row) for row in session.execute(query)]
    return tuple(
        Column(
            stage,
            STAGES[n - 1] if n else None,
            STAGES[n + 1] if n + 1 < len(STAGES) else None,
            tuple(row for row in rows if row.stage is stage),
        )
        for n, stage in enumerate(STAGES)
    )


def opportunity(session: Session, principal: Principal, ref: str) -> OpportunityRow:
    """Return one opportunity; NotFound when it is not the principal's to see."""
    query = visible(opportunity_rows(), principal, Opportunity).where(Opportunity.ref == ref)
    return opportunity_row(found(session.execute(query).first()))


def move(work: Work, ref: str, *, stage: Stage) -> None:
    """Put an open opportunity at another stage; Conflict when it has closed meanwhile."""
    one = _open(work, ref)
    before, one.stage = one.stage, stage
    if before != stage:
        _tell(work, one, "moved", before=before, after=stage)


def amend(work: Work, ref: str, *, name: str, worth: Money, closes_on: date | None) -> None:
    """Change what an open opportunity is called, may be worth and when it may close."""
    if worth.minor <= 0:
        message = say("Write what it may be worth.")
        raise Invalid(message, code="opportunity.amount", fields={"amount": message})
    one = _open(work, ref)
    before = {"amount": one.amount_minor, "closes_on": str(one.closes_on or "")}
    one.name = name.strip()[:200] or one.name
    one.amount_minor, one.closes_on = worth.minor, closes_on
    after = {"amount": one.amount_minor, "closes_on": str(closes_on or "")}
    _tell(work, one, "amended", before=before, after=after)


def _open(work: Work, ref: str) -> Opportunity:
    work.require(Permission.LEAD_ANSWER)
    query = visible(select(Opportunity), work.principal, Opportunity)
    one = found(work.session.scalar(query.where(Opportunity.ref == ref).with_for_update()))
    if one.state != "open":
        raise Conflict(say("This opportunity has closed meanwhile."), code="opportunity.closed")
    return one


def _tell(work: Work, one: Opportunity, verb: str, **detail: Any) -> None:
    work.session.execute(update(Lead).where(Lead.id == one.lead_id).values(moved_at=work.now))
    work.audit(
        verb,
        "opportunity",
        one.ref,
        vendor_id=one.vendor_id,
        partner_id=one.partner_id,
        **detail,
    )
    outgoing.tell(work, Event.OPPORTUNITY_CHANGED, one.lead_id, key=work.now.isoformat())
