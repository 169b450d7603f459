"""Registrations of deals that nobody moves: their people are warned, then they lapse, where a vendor's rules say so.

A channel manager gives more time, also to one that has lapsed. Deals that came of a lead never lapse: their
lead's own rules (`idle`) hold.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery import lead_notices
from tcma.errors import Conflict, Invalid
from tcma.leads import outgoing
from tcma.leads.deals import registered
from tcma.leads.deciding import rules_in_force
from tcma.leads.models import Opportunity, RoutingVersion
from tcma.leads.routing.rules import Deals
from tcma.leads.rules import LAPSED
from tcma.leads.telling import TELLS, people_of
from tcma.outbox.rules import Event
from tcma.permissions import Permission, Principal

BATCH = 100
MOST_DAYS = 365
"""How far ahead a channel manager may keep a registration."""


def vendors_with_a_rule(session: Session, now: datetime) -> list[tuple[UUID, Deals]]:
    """Return the vendors whose rules in force let registrations lapse, and what they say."""
    known = session.scalars(select(RoutingVersion.vendor_id).distinct()).all()
    said = ((each, rules_in_force(session, each, now).rules.deals) for each in known)
    return [(vendor_id, deals) for vendor_id, deals in said if deals.days]


def lapses_at(
    rule: Deals,
    moved_at: datetime,
    *,
    kept_until: datetime | None = None,
    warned_at: datetime | None = None,
) -> datetime | None:
    """Return when a registration lapses unless it is moved; None where none does.

    Never sooner after the warning than the rule's days between both, however old it was when the rule came.
    """
    if not rule.days:
        return None
    grace = timedelta(days=rule.warn_days)
    ends = [moved_at + timedelta(days=rule.days)]
    ends += [kept_until] if kept_until else []
    ends += [warned_at + grace] if warned_at else []
    return max(ends)


def ends_at(session: Session, principal: Principal, ref: str, now: datetime) -> datetime | None:
    """Return when a registered deal lapses; None for any other, and where the vendor's rules let none lapse."""
    query = visible(select(Opportunity), principal, Opportunity)
    one = session.scalar(query.where(Opportunity.ref == ref, registered()))
    if one is None:
        return None
    rule = rules_in_force(session, one.vendor_id, now).rules.deals
    return lapses_at(rule, one.moved_at, kept_until=one.kept_until, warned_at=one.warned_at)


def warn(work: Work, vendor_id: UUID, rule: Deals) -> int:
    """Say of each registration that is nearly over when it lapses; return how many. Each once."""
    ones = work.session.scalars(
        _over_by(vendor_id, rule, work.now + timedelta(days=rule.warn_days)).where(
            Opportunity.warned_at.is_(None)
        )
    ).all()
    for one in ones:
        one.warned_at = work.now
        until = lapses_at(rule, one.moved_at, kept_until=one.kept_until, warned_at=work.now)
        _write(work, one, until=found(until))
        work.audit("warned of the end of", "opportunity", one.ref, vendor_id=vendor_id,
                   partner_id=one.partner_id)  # fmt: skip
    return len(ones)


def lapse(work: Work, vendor_id: UUID, rule: Deals) -> int:
    """End registrations that stayed still after the warning; return how many."""
    ones = work.session.scalars(
        _over_by(vendor_id, rule, work.now).where(
            Opportunity.warned_at <= work.now - timedelta(days=rule.warn_days)
        )
    ).all()
    for one in ones:
        one.state, one.closed_at, one.loss_reason = "lost", work.now, LAPSED
        _write(work, one, until=None)
        work.audit("let lapse", "opportunity", one.ref, vendor_id=vendor_id,
                   partner_id=one.partner_id)  # fmt: skip
        outgoing.tell_deal(work, Event.OPPORTUNITY_CHANGED, one, key=work.now.isoformat())
    return len(ones)


def extend(work: Work, ref: str, *, until: date) -> None:
    """Keep a registration until the end of a day, whatever happens; one that lapsed is open again.

    The same day again changes nothing. Invalid for a day that is past or more than a year ahead, Conflict
    for one that came of a lead, or was won or lost.
    """
    work.require(Permission.LEAD_ASSIGN)
    query = visible(select(Opportunity), work.principal, Opportunity)
    one = found(work.session.scalar(query.where(Opportunity.ref == ref).with_for_update()))
    if one.lead_id is not None or (one.state != "open" and one.loss_reason != LAPSED):
        message = "Only a registered deal that is open, or has lapsed, can be given more time."
        raise Conflict(message, code="opportunity.closed")
    ends = datetime.combine(until, time(), UTC) + timedelta(days=1)
    if not work.now < ends <= work.now + timedelta(days=MOST_DAYS):
        message = "Choose a day from today on, within a year."
        raise Invalid(message, code="opportunity.until", fields={"until": message})
    if one.state == "open" and one.kept_until == ends:
        return
    one.kept_until, one.warned_at = ends, None
    if one.state != "open":
        one.state, one.closed_at, one.loss_reason = "open", None, None
    work.audit("gave more time to", "opportunity", one.ref, vendor_id=one.vendor_id,
               partner_id=one.partner_id, until=until.isoformat())  # fmt: skip
    outgoing.tell_deal(work, Event.OPPORTUNITY_CHANGED, one, key=work.now.isoformat())


def _over_by(vendor_id: UUID, rule: Deals, at: datetime) -> Select[Opportunity]:
    moved = at - timedelta(days=rule.days or 0)
    kept = func.coalesce(Opportunity.kept_until, at)
    return (
        select(Opportunity)
        .where(
            Opportunity.vendor_id == vendor_id,
            registered(),
            Opportunity.moved_at <= moved,
            kept <= at,
        )
        .order_by(Opportunity.moved_at, Opportunity.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )


def _write(work: Work, one: Opportunity, *, until: datetime | None) -> None:
    """Write to the partner's people: it lapses at an instant, or has."""
    url = f"{work.site.public_url}/console/opportunities/{one.ref}"
    for person in people_of(work, Membership.partner_id == one.partner_id, TELLS):
        if until is None:
            lead_notices.deal_lapsed(
                work, person.reader, vendor_id=one.vendor_id,
                company=one.company, deal=one.name, url=url,
            )  # fmt: skip
        else:
            lead_notices.deal_lapses(
                work, person.reader, vendor_id=one.vendor_id,
                company=one.company, deal=one.name, until=until, zone=person.zone, url=url,
            )  # fmt: skip
