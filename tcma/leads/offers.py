"""Route waiting leads: one offer each to one partner; then told by mail with a signed link."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm.attributes import set_committed_value

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.lead_notices import LeadOffered, leads_offered
from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.leads.deciding import requests_of
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.queries import LINK
from tcma.leads.routing.choosing import Choice
from tcma.leads.rules import LINK_LASTS, MOST_EPOCHS, LeadState, OfferState, answer_by
from tcma.leads.standing import standing_of
from tcma.library.models import Campaign
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Role

TELLS = (Role.SELLER, Role.OWNER)
BATCH = 200
"""Leads decided in one transaction: the vendor's lock is held for a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Given:
    """A lead that goes to a partner, and why."""

    lead: Lead
    partner_id: UUID
    reason: str
    trace: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a partner who is told about leads."""

    id: UUID
    email: str
    name: str
    zone: str


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
        standing.given(choice.partner_id)
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
    lead.state = LeadState.UNASSIGNED
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
    """Write the offers of a batch; `tell` writes to their people."""
    if not given:
        return
    ids = {each.partner_id for each in given}
    zones: dict[UUID, str] = dict(
        work.session.execute(select(Partner.id, Partner.zone).where(Partner.id.in_(ids))).all()
    )
    until = {partner_id: answer_by(work.now, zone) for partner_id, zone in zones.items()}
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
        work.audit(
            "offered",
            "lead",
            lead.id,
            vendor_id=vendor_id,
            partner_id=each.partner_id,
            reason=each.reason,
        )
    work.session.execute(OFFER, {"rows": json.dumps(rows), "vendor": vendor_id, "now": work.now})
    for each in given:  # as the statement left them
        set_committed_value(each.lead, "state", LeadState.OFFERED)
        set_committed_value(each.lead, "partner_id", each.partner_id)
        set_committed_value(each.lead, "epoch", each.lead.epoch + 1)
    work.wake(Job.LEAD_TELL)


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


def tell(work: Work, *, most: int = BATCH) -> int:
    """Write the letters of open offers that nobody was told about; return of how many.

    Letters are made here, not where the pool is locked.
    """
    offers = work.session.execute(
        select(LeadOffer, Lead, Campaign.name.label("campaign"))
        .join(Lead, Lead.id == LeadOffer.lead_id)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(LeadOffer.told_at.is_(None), LeadOffer.state == OfferState.OFFERED)
        .order_by(LeadOffer.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=LeadOffer)
    ).all()
    people = _people(work, {offer.partner_id for offer, _, _ in offers})
    letters: dict[UUID, list[LeadOffered]] = {}
    for offer, lead, campaign in offers:
        offer.told_at = work.now
        for person in people.get(offer.partner_id, ()):
            token = work.site.signer.sign(
                LINK, f"{offer.id}:{person.id}", expires_at=work.now + LINK_LASTS
            )
            letters.setdefault(offer.vendor_id, []).append(
                LeadOffered(
                    to=person.email,
                    name=person.name,
                    company=lead.company or "Somebody",
                    campaign=campaign,
                    place=f"{lead.country} {lead.postcode}".strip(),
                    reason=offer.reason,
                    answer_by=offer.answer_by,
                    zone=person.zone,
                    url=f"{work.site.public_url}/l/lead/{token}",
                )
            )
    for vendor_id, written in letters.items():
        leads_offered(work, written, vendor_id=vendor_id)
    return len(offers)


def _people(work: Work, partner_ids: Collection[UUID]) -> dict[UUID, list[Person]]:
    rows = work.session.execute(
        select(
            Membership.partner_id,
            UserAccount.id,
            UserAccount.email,
            UserAccount.name,
            UserAccount.zone,
        )
        .join(UserAccount, UserAccount.id == Membership.user_id)
        .where(
            Membership.partner_id.in_(partner_ids),
            Membership.role.in_(TELLS),
            Membership.state == MembershipState.ACTIVE,
        )
    )
    found: dict[UUID, list[Person]] = {}
    for row in rows:
        person = Person(row.id, row.email, row.name, row.zone)
        found.setdefault(row.partner_id, []).append(person)
    return found
