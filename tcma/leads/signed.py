"""Mailed links to one offer: made for one person, and good while that person may answer for its partner."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.accounts.queries import memberships
from tcma.db.scope import found
from tcma.delivery.notices import Reader
from tcma.errors import NotFound
from tcma.ids import Signer
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.rules import LINK_LASTS, OfferState
from tcma.partners.models import Enrolment, Partner
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission, Principal

LINK = "lead"
"""Purpose of the signed link in the mail that offers a lead."""
UNCHECKED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SignedOffer:
    """An offer as its mailed link names it. `person` acts as themselves, in their role at `partner`;
    `ended` says that the link's own time is over.
    """

    offer: LeadOffer
    lead: Lead
    partner: Partner
    person: Principal
    person_id: UUID
    reader: Reader
    ended: bool

    @property
    def stands(self) -> bool:
        """Say whether the offer is still this partner's: to be answered, or accepted by it."""
        return self.offer.state in {OfferState.OFFERED, OfferState.ACCEPTED}


def link_for(signer: Signer, offer_id: UUID, person_id: UUID, *, now: datetime) -> str:
    """Return the token by which one person answers one offer."""
    return signer.sign(LINK, f"{offer_id}:{person_id}", expires_at=now + LINK_LASTS)


def signed_offer(session: Session, signer: Signer, token: str, *, now: datetime) -> SignedOffer:
    """Return the offer behind a mailed link; NotFound when it is forged, or when its person answers
    no leads for that partner any more, or the partner takes none from that vendor.

    A link whose time is over is read, too: its page offers a fresh one and nothing else.
    """
    offer_id, _, user_id = signer.read(LINK, token, UNCHECKED).partition(":")
    offer = found(session.get(LeadOffer, UUID(offer_id)))
    user = found(session.get(UserAccount, UUID(user_id)))
    person = _person(session, user, offer.partner_id)
    enrolled = select(Enrolment.state).where(
        Enrolment.vendor_id == offer.vendor_id, Enrolment.partner_id == offer.partner_id
    )
    if session.scalar(enrolled) != EnrolmentState.ACTIVE:
        raise NotFound
    ends = signer.expiry(token)
    return SignedOffer(
        offer=offer,
        lead=session.get_one(Lead, offer.lead_id),
        partner=session.get_one(Partner, offer.partner_id),
        person=person,
        person_id=user.id,
        reader=Reader(email=user.email, name=user.name, locale=user.locale),
        ended=ends is not None and now > ends,
    )


def _person(session: Session, user: UserAccount, partner_id: UUID) -> Principal:
    """Return a person as their partner knows them today; NotFound when they may not answer."""
    mine = (m for m in memberships(session, user.id) if m.organisation.id == partner_id)
    role = found(next(mine, None)).role
    person = Principal(
        user_id=user.id, name=user.name, role=role, partner_id=partner_id, via="signed link"
    )
    if not person.may(Permission.LEAD_ANSWER):
        raise NotFound
    return person
