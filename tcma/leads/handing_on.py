"""The second hop, done: offered leads come to a person at their partner, or are given on by hand."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, literal_column, or_, select, update
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.accounts.queries import Person, members_of
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.lead_notices import lead_given
from tcma.delivery.notices import Reader
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.leads.intake import company_of
from tcma.leads.models import COMPANY_BACKWARDS, Lead, LeadOffer
from tcma.leads.models_people import LeadHand, LeadSharing, SellerAbsence
from tcma.leads.routing.masking import SOMEBODY
from tcma.leads.routing.sellers import Asked, Handed, Seller, Way, choose
from tcma.leads.rules import LeadState, OfferState
from tcma.partners.models import Partner
from tcma.permissions import Permission, Role
from tcma.words import say

GIVEN = (LeadState.OFFERED, LeadState.ACCEPTED, LeadState.OPPORTUNITY)
"""States in which a lead can be given to a colleague."""
BY_RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One time a lead came to somebody: `person` is empty when everybody heard of it."""

    person: str
    reason: str
    by: str
    at: datetime


def sellers_of(session: Session, partner_id: UUID) -> list[Person]:
    """Return the people who get a partner's leads: its sellers, or its owners without any."""
    sellers = members_of(session, partner_id=partner_id, roles=(Role.SELLER,))
    return sellers or members_of(session, partner_id=partner_id, roles=(Role.OWNER,))


def hand_over(work: Work, offers: Sequence[tuple[LeadOffer, Lead]]) -> None:
    """Choose a person for each offer whose partner shares its leads by a rule.

    The partners' rules are locked, in order: two of these at once take turns, not the same turn.
    """
    by_partner: dict[UUID, list[tuple[LeadOffer, Lead]]] = defaultdict(list)
    for offer, lead in offers:
        by_partner[offer.partner_id].append((offer, lead))
    rules = work.session.scalars(
        select(LeadSharing)
        .where(LeadSharing.partner_id.in_(by_partner))
        .order_by(LeadSharing.partner_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for rule in rules:
        if rule.way != Way.EVERYBODY or rule.keeps:
            _hand_over(work, rule, by_partner[rule.partner_id])


def _hand_over(work: Work, rule: LeadSharing, offers: Sequence[tuple[LeadOffer, Lead]]) -> None:
    people = sellers_of(work.session, rule.partner_id)
    away = _away_now(work, rule.partner_id)
    turns = dict(rule.turns)
    rows = []
    for offer, lead in offers:
        handed = choose(
            Asked(
                company=lead.company or "this company",
                country=lead.country,
                postcode=lead.postcode,
                knows=_knows(work.session, offer.partner_id, lead) if rule.keeps else None,
            ),
            [
                Seller(
                    id=each.user_id,
                    name=each.name,
                    turn=turns.get(str(each.user_id), 0),
                    is_away=each.user_id in away,
                    areas=tuple(rule.areas.get(str(each.user_id), ())),
                    gets_all=each.user_id == rule.person_id,
                )
                for each in people
            ],
            way=Way(rule.way),
            keeps=rule.keeps,
        )
        if handed.person and handed.in_turn:
            turns[str(handed.person.id)] = max(turns.values(), default=0) + 1
        rows.append(_given(work, offer, lead, handed))
    rule.turns = turns
    work.session.execute(insert(LeadHand), rows)


def _given(work: Work, offer: LeadOffer, lead: Lead, handed: Handed) -> dict[str, object]:
    person_id = handed.person.id if handed.person else None
    offer.person_id = person_id
    if not offer.shared:
        lead.person_id = person_id
    return {
        "lead_id": lead.id,
        "partner_id": offer.partner_id,
        "person_id": person_id,
        "reason": handed.reason,
        "trace": handed.trace,
        "given_by": BY_RULE,
        "at": work.now,
    }


def today_at(work: Work, partner_id: UUID) -> date:
    """Return the day it is in a partner's zone."""
    zone = work.session.get_one(Partner, partner_id).zone
    return work.now.astimezone(ZoneInfo(zone)).date()


def _away_now(work: Work, partner_id: UUID) -> set[UUID]:
    today = today_at(work, partner_id)
    rows = select(SellerAbsence.user_id).where(
        SellerAbsence.partner_id == partner_id,
        SellerAbsence.starts_on <= today,
        SellerAbsence.ends_on >= today,
    )
    return set(work.session.scalars(rows))


def _knows(session: Session, partner_id: UUID, lead: Lead) -> UUID | None:
    """Return who had the newest lead of this person or of this company at a partner."""
    same = Lead.address_hash == lead.address_hash
    if company := company_of(lead.address):
        same = or_(same, literal_column(COMPANY_BACKWARDS) == company[::-1])
    before = select(Lead.person_id).where(
        Lead.vendor_id == lead.vendor_id,
        Lead.partner_id == partner_id,
        Lead.person_id.is_not(None),
        Lead.id != lead.id,
        same,
    )
    return session.scalar(before.order_by(Lead.id.desc()).limit(1))


def taken(work: Work, offer: LeadOffer, person_id: UUID | None, by: str) -> None:
    """Note who accepted: they work on it now, whoever it was offered to."""
    person = person_id or work.principal.user_id or offer.person_id
    work.session.execute(update(Lead).where(Lead.id == offer.lead_id).values(person_id=person))
    if person and person != offer.person_id:
        _note(work, offer.lead_id, offer.partner_id, person, reason=say("accepted it"), by=by)


def give(work: Work, ref: str, person_id: UUID) -> str:
    """Give a lead of one's partner to a colleague; return their name. They hear of it by mail.

    Invalid for somebody who does not answer leads; NotFound for leads of others.
    """
    work.require(Permission.LEAD_ANSWER)
    wanted = visible(select(Lead).where(Lead.ref == ref), work.principal, Lead)
    lead = found(work.session.scalar(wanted.with_for_update()))
    partner_id = found(work.principal.partner_id)
    found(lead if lead.partner_id == partner_id and lead.state in GIVEN else None)
    people = answerers(work.session, partner_id)
    person = next((each for each in people if each.user_id == person_id), None)
    if person is None:
        message = say("Choose a colleague who answers leads.")
        raise Invalid(message, code="lead.person", fields={"person": message})
    if lead.person_id == person_id:
        return person.name
    lead.person_id = person_id
    reason = say("given by {name}", name=work.principal.name)
    _note(work, lead.id, partner_id, person_id, reason=reason, by=work.principal.name)
    work.audit("given on", "lead", lead.id, vendor_id=lead.vendor_id, to=person.name)
    if lead.state == LeadState.OFFERED:
        work.session.execute(
            update(LeadOffer)
            .where(LeadOffer.lead_id == lead.id, LeadOffer.state == OfferState.OFFERED)
            .values(person_id=person_id, told_at=None)
        )
        work.wake(Job.LEAD_TELL)
    elif person_id != work.principal.user_id:
        lead_given(
            work,
            Reader.of(person),
            vendor_id=lead.vendor_id,
            company=lead.company or SOMEBODY,
            given_by=work.principal.name,
            url=f"{work.site.public_url}/console/leads/{lead.ref}",
        )
    return person.name


def pass_on(work: Work, offer: LeadOffer, person_id: UUID) -> None:
    """Give what is behind a mailed link to a colleague; of one that several partners are asked about,
    its partner's own offer.
    """
    lead = work.session.get_one(Lead, offer.lead_id)
    if lead.partner_id == work.principal.partner_id:
        give(work, lead.ref, person_id)
        return
    work.require(Permission.LEAD_ANSWER)
    people = {each.user_id: each.name for each in answerers(work.session, offer.partner_id)}
    name = found(people.get(person_id))
    moved = work.session.scalars(
        update(LeadOffer)
        .where(
            LeadOffer.id == offer.id,
            LeadOffer.partner_id == work.principal.partner_id,
            LeadOffer.state == OfferState.OFFERED,
        )
        .values(person_id=person_id, told_at=None)
        .returning(LeadOffer.id)
    ).one_or_none()
    if moved is None:
        raise Conflict(say("This lead is not with you any more."), code="lead.gone")
    reason = say("given by {name}", name=work.principal.name)
    _note(work, lead.id, offer.partner_id, person_id, reason=reason, by=work.principal.name)
    work.audit("given on", "lead", lead.id, vendor_id=lead.vendor_id, to=name)
    work.wake(Job.LEAD_TELL)


def whose(offer: LeadOffer, lead: Lead) -> UUID | None:
    """Return who at an offer's partner has it: the lead's person once it is theirs."""
    return lead.person_id if lead.partner_id == offer.partner_id else offer.person_id


def answerers(session: Session, partner_id: UUID) -> list[Person]:
    """Return who at a partner may answer leads."""
    return members_of(session, partner_id=partner_id, able_to=Permission.LEAD_ANSWER)


def _note(  # noqa: PLR0913 - a line of the history
    work: Work, lead_id: UUID, partner_id: UUID, person_id: UUID, *, reason: str, by: str
) -> None:
    work.session.add(
        LeadHand(
            lead_id=lead_id,
            partner_id=partner_id,
            person_id=person_id,
            reason=reason,
            trace={},
            given_by=by,
            at=work.now,
        )
    )


def hands(session: Session, lead_id: UUID, partner_id: UUID) -> list[Hand]:
    """Return to whom a lead came inside a partner, first one first."""
    rows = session.execute(
        select(LeadHand, UserAccount.name)
        .outerjoin(UserAccount, UserAccount.id == LeadHand.person_id)
        .where(LeadHand.lead_id == lead_id, LeadHand.partner_id == partner_id)
        .order_by(LeadHand.id)
    )
    return [
        Hand(person=name or "", reason=hand.reason, by=hand.given_by, at=hand.at)
        for hand, name in rows
    ]
