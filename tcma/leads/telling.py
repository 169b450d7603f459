"""Who hears of an offer, in letters made where no pool is locked: the partner when it is offered, when
its time is over, when nobody touches it and when it is taken back; channel managers when nobody took it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.work import Work
from tcma.delivery import lead_notices, notices
from tcma.delivery.lead_notices import (
    LeadGone,
    LeadOffered,
    LeadTaken,
    fresh_link,
    leads_gone,
    leads_offered,
    leads_taken,
)
from tcma.delivery.notices import Reader
from tcma.errors import Conflict
from tcma.leads.accepting import accept_by_themselves
from tcma.leads.chatting import Answerer, tell_offer
from tcma.leads.handing_on import hand_over
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing import masking
from tcma.leads.routing.masking import SHOWS, SOMEBODY, Fact, facts_of
from tcma.leads.routing.words import ACCEPTS_WORDS
from tcma.leads.rules import LINK_LASTS, LeadState, OfferState
from tcma.leads.signed import SignedOffer, link_for
from tcma.library.models import Campaign
from tcma.outbox.queries import hearers_of_partners
from tcma.outbox.rules import Event
from tcma.partners.models import Vendor
from tcma.permissions import Role
from tcma.words import say

TELLS = (Role.SELLER, Role.OWNER)
BATCH = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told about leads."""

    id: UUID
    email: str
    name: str
    zone: str
    locale: str

    @property
    def reader(self) -> Reader:
        """Whom a letter is written to, in their language."""
        return Reader(email=self.email, name=self.name, locale=self.locale)


def untold(session: Session, state: OfferState, *, most: int = BATCH) -> Sequence[UUID]:
    """Return the offers in a state that nobody was told about, the oldest first."""
    some = select(LeadOffer.id).where(LeadOffer.told_at.is_(None), LeadOffer.state == state)
    return session.scalars(some.order_by(LeadOffer.id).limit(most)).all()


def tell(work: Work, *, most: int = BATCH, only: UUID | None = None) -> int:
    """Write the letters of open offers that nobody was told about; return how many.

    Letters are made here, not where the pool is locked; and here a lead comes to a person, where
    its partner has a rule for that. A lead that somebody moves meanwhile waits for the next time.
    """
    offers = work.session.execute(
        select(LeadOffer, Lead, Campaign.name.label("campaign"), Vendor.name.label("vendor"))
        .join(Lead, Lead.id == LeadOffer.lead_id)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .join(Vendor, Vendor.id == Lead.vendor_id)
        .where(LeadOffer.told_at.is_(None), LeadOffer.state == OfferState.OFFERED)
        .where(LeadOffer.id == only if only else true())
        .order_by(LeadOffer.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=(LeadOffer, Lead))
    ).all()
    hand_over(
        work, [(row.LeadOffer, row.Lead) for row in offers if row.LeadOffer.person_id is None]
    )
    accepted = accept_by_themselves(work, [row.LeadOffer for row in offers])
    people = partners_people(work, {row.LeadOffer.partner_id for row in offers})
    hearing = hearers_of_partners(work.session, list(people), Event.LEAD_OFFERED)
    offered: dict[UUID, list[LeadOffered]] = {}
    taken: dict[UUID, list[LeadTaken]] = {}
    for offer, lead, campaign, vendor in offers:
        offer.told_at = work.now
        for person in told_of(offer.person_id, people.get(offer.partner_id, ())):
            if offer.id in accepted:
                why = ACCEPTS_WORDS[accepted[offer.id]]
                letter = _taken(work, offer, lead, person, campaign=campaign, why=why)
                taken.setdefault(offer.vendor_id, []).append(letter)
            else:
                shown = facts_of(offer.trace.get(SHOWS))
                asks = masking.campaign(campaign, vendor, shown)
                offered.setdefault(offer.vendor_id, []).append(
                    _offered(work, offer, lead, person, campaign=asks, shown=shown)
                )
        if offer.partner_id in hearing and offer.id not in accepted:
            shown = facts_of(offer.trace.get(SHOWS))
            tell_offer(
                work, offer, lead, vendor=vendor, shown=shown,
                campaign=masking.campaign(campaign, vendor, shown),
                answerers=[
                    Answerer(each.name, each.zone, offer_link(work, offer.id, each.id))
                    for each in told_of(offer.person_id, people.get(offer.partner_id, ()))
                ],
            )  # fmt: skip
    for vendor_id, letters in offered.items():
        leads_offered(work, letters, vendor_id=vendor_id)
    for vendor_id, said in taken.items():
        leads_taken(work, said, vendor_id=vendor_id)
    return len(offers)


def _offered(  # noqa: PLR0913 - what the letter is made of
    work: Work,
    offer: LeadOffer,
    lead: Lead,
    person: Person,
    *,
    campaign: str,
    shown: Collection[Fact],
) -> LeadOffered:
    return LeadOffered(
        reader=person.reader,
        company=masking.company(lead.company, shown),
        campaign=campaign,
        place=masking.place(lead.country, lead.postcode, shown),
        reason=offer.reason,
        answer_by=offer.answer_by,
        zone=person.zone,
        url=offer_link(work, offer.id, person.id),
    )


def _taken(  # noqa: PLR0913 - what the letter is made of
    work: Work, offer: LeadOffer, lead: Lead, person: Person, *, campaign: str, why: str
) -> LeadTaken:
    return LeadTaken(
        reader=person.reader,
        company=lead.company or SOMEBODY,
        campaign=campaign,
        place=f"{lead.country} {lead.postcode}".strip(),
        reason=offer.reason,
        accepted=why,
        url=offer_link(work, offer.id, person.id),
    )


def offer_link(work: Work, offer_id: UUID, person_id: UUID) -> str:
    """Return the address by which one person answers an offer."""
    token = link_for(work.site.signer, offer_id, person_id, now=work.now)
    return f"{work.site.public_url}/l/lead/{token}"


def send_fresh(work: Work, signed: SignedOffer) -> None:
    """Mail the person of an ended link a fresh one; Conflict when the lead is not theirs to answer."""
    if not signed.stands:
        raise Conflict(say("This lead is not with you any more."), code="lead.gone")
    fresh_link(
        work,
        signed.reader,
        vendor_id=signed.offer.vendor_id,
        days=LINK_LASTS.days,
        url=offer_link(work, signed.offer.id, signed.person_id),
    )


def tell_gone(work: Work, *, most: int = BATCH, only: UUID | None = None) -> int:
    """Say to those who were asked beside others that a lead is taken; return how many offers."""
    gone = work.session.execute(
        select(LeadOffer, Lead.company)
        .join(Lead, Lead.id == LeadOffer.lead_id)
        .where(LeadOffer.told_at.is_(None), LeadOffer.state == OfferState.GONE)
        .where(LeadOffer.id == only if only else true())
        .order_by(LeadOffer.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=LeadOffer)
    ).all()
    people = partners_people(work, {offer.partner_id for offer, _ in gone})
    letters: dict[UUID, list[LeadGone]] = {}
    for offer, company in gone:
        offer.told_at = work.now
        for person in told_of(offer.person_id, people.get(offer.partner_id, ())):
            letters.setdefault(offer.vendor_id, []).append(
                LeadGone(
                    reader=person.reader,
                    company=masking.company(company, facts_of(offer.trace.get(SHOWS))),
                    url=f"{work.site.public_url}/console/leads",
                )
            )
    for vendor_id, written in letters.items():
        leads_gone(work, written, vendor_id=vendor_id)
    return len(gone)


def time_is_over(work: Work, offer_id: UUID) -> None:
    """Say to a partner that a lead went on because nobody answered."""
    offer = work.session.get_one(LeadOffer, offer_id)
    lead = work.session.get_one(Lead, offer.lead_id)
    people = people_of(work, Membership.partner_id == offer.partner_id, TELLS)
    company = masking.company(lead.company, facts_of(offer.trace.get(SHOWS)))
    for person in told_of(offer.person_id, people):
        notices.lead_timed_out(
            work,
            person.reader,
            vendor_id=offer.vendor_id,
            company=company,
            at=offer.answer_by,
            zone=person.zone,
            url=f"{work.site.public_url}/console/leads",
        )


def lead_was_taken(work: Work, lead: Lead, partner_id: UUID, *, why: str) -> None:
    """Say to a partner that a lead it had accepted is taken back, and why."""
    people = people_of(work, Membership.partner_id == partner_id, TELLS)
    for person in told_of(lead.person_id, people):
        lead_notices.lead_taken_back(
            work,
            person.reader,
            vendor_id=lead.vendor_id,
            company=lead.company or SOMEBODY,
            why=why,
            url=f"{work.site.public_url}/console/leads",
        )


def lead_is_idle(work: Work, lead: Lead, *, until: datetime) -> None:
    """Say to whose lead it is that it goes on at an instant, unless something is noted of it."""
    people = people_of(work, Membership.partner_id == lead.partner_id, TELLS)
    for person in told_of(lead.person_id, people):
        lead_notices.lead_idle(
            work,
            person.reader,
            vendor_id=lead.vendor_id,
            company=lead.company or SOMEBODY,
            days=(work.now - lead.moved_at).days,
            until=until,
            zone=person.zone,
            url=f"{work.site.public_url}/console/leads/{lead.ref}",
        )


def left(session: Session, *, most: int = BATCH) -> Sequence[UUID]:
    """Return the leads that nobody has and no channel manager was told about, the oldest first."""
    some = select(Lead.id).where(Lead.state == LeadState.UNASSIGNED, Lead.escalated_at.is_(None))
    return session.scalars(some.order_by(Lead.id).limit(most)).all()


def escalate(work: Work, *, most: int = BATCH, only: UUID | None = None) -> int:
    """Tell the channel managers about leads that nobody has; return how many. Each is told once."""
    left = work.session.execute(
        select(Lead, Campaign.name.label("campaign"))
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(Lead.state == LeadState.UNASSIGNED, Lead.escalated_at.is_(None))
        .where(Lead.id == only if only else true())
        .order_by(Lead.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=Lead)
    ).all()
    managers: dict[UUID, list[Person]] = {}
    for lead, campaign in left:
        lead.escalated_at = work.now
        if lead.vendor_id not in managers:
            managers[lead.vendor_id] = people_of(
                work, Membership.vendor_id == lead.vendor_id, (Role.CHANNEL_MANAGER,)
            )
        for person in managers[lead.vendor_id]:
            notices.lead_unassigned(
                work,
                person.reader,
                vendor_id=lead.vendor_id,
                company=lead.company or SOMEBODY,
                campaign=campaign,
                tries=lead.epoch,
                url=f"{work.site.public_url}/desk/leads/{lead.ref}",
            )
    return len(left)


def told_of(person_id: UUID | None, people: Sequence[Person]) -> Sequence[Person]:
    """Return whose lead it is; everybody when it is nobody's, or that person has left."""
    return [each for each in people if each.id == person_id] or people


def partners_people(work: Work, ids: Collection[UUID]) -> dict[UUID, list[Person]]:
    """Return who hears of leads at each of these partners."""
    return {each: people_of(work, Membership.partner_id == each, TELLS) for each in ids}


def people_of(work: Work, side: ColumnElement[bool], roles: Collection[Role]) -> list[Person]:
    """Return the active people of one side in these roles."""
    rows = work.session.execute(
        select(
            UserAccount.id,
            UserAccount.email,
            UserAccount.name,
            UserAccount.zone,
            UserAccount.locale,
        )
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(side, Membership.role.in_(roles), Membership.state == MembershipState.ACTIVE)
        .order_by(UserAccount.email)
    )
    return [Person(row.id, row.email, row.name, row.zone, row.locale) for row in rows]
