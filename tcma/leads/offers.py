"""Route waiting leads: one offer each to one partner; then told by mail with a signed link."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm.attributes import set_committed_value

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.leads.deciding import requests_of, rules_in_force
from tcma.leads.hours import Hours, answer_by
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing.choosing import Choice
from tcma.leads.routing.rules import PartnerFacts
from tcma.leads.rules import MOST_EPOCHS, LeadState, OfferState
from tcma.leads.standing import standing_of
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission

BATCH = 200
"""Leads decided in one transaction: the vendor's lock is held for a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Given:
    """A lead that goes to a partner, and why."""

    lead: Lead
    partner_id: UUID
    reason: str
    trace: dict[str, Any]


def route(work: Work, lead_id: UUID) -> UUID | None:
    """Offer a new lead to the partner the rules choose; return the partner, None when nobody."""
    lead = work.session.scalar(
        select(Lead)
        .where(Lead.id == lead_id, Lead.state == LeadState.NEW)
        .with_for_update(skip_locked=True)
    )
    return _route(work, lead.vendor_id, [lead])[0] if lead else None


def route_waiting(work: Work, vendor_id: UUID, *, most: int = BATCH) -> int:
    """Route a vendor's oldest waiting leads that nobody else routes now; return how many."""
    leads = work.session.scalars(
        select(Lead)
        .where(Lead.vendor_id == vendor_id, Lead.state == LeadState.NEW)
        .order_by(Lead.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    return len(_route(work, vendor_id, leads)) if leads else 0


def _route(work: Work, vendor_id: UUID, leads: Sequence[Lead]) -> list[UUID | None]:
    """Decide leads in their order; the row locks make two routers of one lead one."""
    requests = requests_of(work.session, vendor_id, leads)
    turns = _turns(work, leads)
    standing = standing_of(work.session, vendor_id, now=work.now)
    given: list[Given] = []
    for lead in leads:
        choice = standing.decide(requests[lead.id], turns.get(lead.id, {}))
        if choice.partner_id is None or lead.epoch >= MOST_EPOCHS:
            _leave(work, lead, choice)
            continue
        standing.give(choice, choice.partner_id)
        given.append(Given(lead, choice.partner_id, choice.reason, choice.trace))
    standing.keep(work.session)
    _offer(work, vendor_id, given)
    partners = {each.lead.id: each.partner_id for each in given}
    return [partners.get(lead.id) for lead in leads]


def _turns(work: Work, leads: Sequence[Lead]) -> dict[UUID, dict[UUID, str]]:
    """Return who had each lead before, and how that ended."""
    again = [lead.id for lead in leads if lead.epoch]
    found: dict[UUID, dict[UUID, str]] = {}
    if again:
        for row in work.session.execute(
            select(LeadOffer.lead_id, LeadOffer.partner_id, LeadOffer.state).where(
                LeadOffer.lead_id.in_(again)
            )
        ):
            found.setdefault(row.lead_id, {})[row.partner_id] = row.state
    return found


def _leave(work: Work, lead: Lead, choice: Choice) -> None:
    """Leave a lead to a person at the vendor."""
    lead.state, lead.escalated_at = LeadState.UNASSIGNED, None
    work.wake(Job.LEAD_TELL)
    words = choice.reason if choice.partner_id is None else "Nobody answered in three turns"
    work.audit(
        "left unassigned",
        "lead",
        lead.id,
        vendor_id=lead.vendor_id,
        reason=words,
        trace=choice.trace,
    )


def assign(work: Work, lead: Lead, partner_id: UUID) -> None:
    """Offer a lead to a partner a channel manager names; an open offer is recalled."""
    work.require(Permission.LEAD_ASSIGN)
    if lead.state not in {LeadState.UNASSIGNED, LeadState.OFFERED, LeadState.NEW}:
        raise Conflict("This lead has an owner already.", code="lead.owned")
    found(work.session.get(Enrolment, (lead.vendor_id, partner_id)))
    work.session.execute(
        update(LeadOffer)
        .where(LeadOffer.lead_id == lead.id, LeadOffer.state == OfferState.OFFERED)
        .values(state=OfferState.RECALLED, answered_at=work.now, answered_by=work.principal.name)
    )
    trace = {"rule": "hand", "by": work.principal.name}
    given = Given(lead, partner_id, f"{work.principal.name} chose you", trace)
    _offer(work, lead.vendor_id, [given])


def _offer(work: Work, vendor_id: UUID, given: Sequence[Given]) -> None:
    """Write the offers of a batch; `telling` writes to their people."""
    if not given:
        return
    until = _until(work, vendor_id, {each.partner_id for each in given})
    rows = []
    for each in given:
        lead = each.lead
        rows.append(
            {
                "id": str(new_id()),
                "lead_id": str(lead.id),
                "epoch": lead.epoch + 1,
                "partner_id": str(each.partner_id),
                "reason": each.reason,
                "trace": each.trace,
                "answer_by": until[each.partner_id].isoformat(),
            }
        )
    told = [(each.lead.id, each.partner_id, {"reason": each.reason}) for each in given]
    work.audit_each("offered", "lead", told, vendor_id=vendor_id)
    work.session.execute(OFFER, {"rows": json.dumps(rows), "vendor": vendor_id, "now": work.now})
    for each in given:  # as the statement left them
        set_committed_value(each.lead, "state", LeadState.OFFERED)
        set_committed_value(each.lead, "partner_id", each.partner_id)
        set_committed_value(each.lead, "epoch", each.lead.epoch + 1)
    work.wake(Job.LEAD_TELL)


def _until(work: Work, vendor_id: UUID, ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return by when each partner must answer what it is offered now."""
    rules = rules_in_force(work.session, vendor_id, work.now).rules
    query = select(Partner.id, Partner.slug, Partner.zone, Partner.country)
    found = {}
    for partner in work.session.execute(query.where(Partner.id.in_(ids))):
        facts = rules.partners.get(partner.slug) or PartnerFacts()
        at_work = Hours(
            zone=partner.zone,
            country=partner.country,
            opens=facts.opens,
            closes=facts.closes,
            closed=frozenset(facts.closed),
        )
        found[partner.id] = answer_by(work.now, at_work, needed=rules.answer_hours)
    return found


OFFER = text(
    """
    WITH asked AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS a(id uuid, lead_id uuid,
            epoch int, partner_id uuid, reason text, trace jsonb, answer_by timestamptz)
    ), moved AS (
        UPDATE lead SET state = 'offered', partner_id = a.partner_id, epoch = a.epoch
        FROM asked a WHERE lead.id = a.lead_id
    )
    INSERT INTO lead_offer (id, lead_id, epoch, vendor_id, partner_id, state, reason, trace,
        offered_at, answer_by)
    SELECT id, lead_id, epoch, :vendor, partner_id, 'offered', reason, trace, :now, answer_by
    FROM asked
    """
)
"""Leads and their offers of a whole batch in one statement: the pool's lock is held as briefly."""
