"""Two leads of one person become one: by the hand of a channel manager."""

from typing import Any

from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.leads import chances, outgoing, points, ripening
from tcma.leads.by_hand import JOINED, close_as, grip
from tcma.leads.intake import NAMED
from tcma.leads.models import Lead
from tcma.leads.offers import hold
from tcma.leads.rules import OPEN_LEAD, LeadState
from tcma.outbox.rules import Event
from tcma.permissions import Permission


def join(work: Work, lead: Lead, into: Lead) -> None:
    """Let a lead go on in another of the same person, which takes what only this one said; each keeps
    its request as it came; with what both say a rule may take it now. Conflict when they are not the same person's, or one has closed.
    """
    work.require(Permission.LEAD_ASSIGN)
    same = lead.id != into.id and lead.vendor_id == into.vendor_id and lead.address
    if not same or lead.address_hash != into.address_hash:
        raise Conflict("These are not two leads of one person.", code="lead.person")
    if lead.source_partner_id != into.source_partner_id:
        raise Conflict(
            "They agreed to two partners' words, so the two stay apart.", code="lead.person"
        )
    for each in sorted((lead, into), key=lambda one: one.id):  # one order for all who lock both
        hold(work, each.id)
    work.session.refresh(into)
    if into.state not in (*OPEN_LEAD, LeadState.OPPORTUNITY):
        raise Conflict("The other lead has closed.", code="lead.closed")
    grip(work, lead)
    close_as(work, lead, JOINED)
    lead.joined_id = into.id
    with ripening.watched(work, [into]):
        for name, value in told_besides(into, lead).items():
            setattr(into, name, value)
        into.moved_at = work.now
        work.session.flush()  # points count what stands
        points.count_again(work, [into])
        chances.judged(work, into)
    work.audit("joined by", "lead", into.id, vendor_id=into.vendor_id, other=lead.ref)
    outgoing.tell(work, Event.LEAD_RECEIVED, into.id, key=f"joined {lead.ref}")
    work.wake(Job.NURTURE_STOP, lead_id=into.id)


def told_besides(into: Lead, lead: Lead) -> dict[str, Any]:
    """Return what a lead says that the other does not: what was said there first stays."""
    besides: dict[str, Any] = {
        name: getattr(lead, name)
        for name in NAMED
        if not getattr(into, name) and getattr(lead, name)
    }
    more = {k: v for k, v in lead.answers.items() if k not in into.answers}
    return besides | ({"answers": {**into.answers, **more}} if more else {})
