"""What one contact got and did, newest first: mails, opens, clicks, forms, leads, opt-outs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tcma.contacts.likely import merges_into, parts_of
from tcma.contacts.models import Contact, Suppression
from tcma.db.scope import found, seen_by, visible
from tcma.delivery.feedback_reasons import Action
from tcma.delivery.models import FeedbackReport, Mailing, Message, MessageReaction
from tcma.delivery.rules import REASON_WORDS, MailingKind, MessageState, Reason
from tcma.launches.models import Launch, LaunchMail
from tcma.leads.models import Lead, LeadCapture, LeadTouch, Opportunity
from tcma.leads.rules import HELD, LeadState
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.permissions import Principal
from tcma.rendering.tokens import fill_text
from tcma.tracking.models import Event
from tcma.tracking.queries import VERDICTS, EventKind
from tcma.tracking.rules import Kind

MOST = 200
"""Rows of each kind; a person with more has a longer story than a page."""


class Happening(StrEnum):
    """What happened, in the order of a life; the page has a sentence for each."""

    FORM = "form"
    KNOWN = "known"
    MAILED = "mailed"
    LEFT_OUT = "left_out"
    FAILED = "failed"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    REPLIED = "replied"
    WROTE = "wrote"
    ACCEPTED = "accepted"
    TOUCH = "touch"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"
    STOPPED = "stopped"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line. `about` is a subject, campaign or note; `ref` names the launch or lead."""

    at: datetime
    what: Happening
    about: str = ""
    ref: str = ""
    detail: str = ""
    worth: Money | None = None


def contact_history(session: Session, principal: Principal, number: int) -> list[Moment]:
    """Return the story of one contact of this partner; NotFound for others'."""
    one = visible(select(Contact), principal, Contact).where(Contact.id == number)
    person: Contact = found(session.scalar(one))
    numbers = parts_of(session, number)
    story = [
        Moment(at=person.created_at, what=Happening.KNOWN),
        *_mails(session, principal, numbers),
        *_clicks(session, principal, numbers),
        *_words(session, principal, numbers),
        *_leads(session, principal, person),
        *_stops(session, person),
        *(
            Moment(at=each.at, what=Happening.MERGED, about=each.address)
            for each in merges_into(session, principal, number)
        ),
    ]
    order = {what: place for place, what in enumerate(Happening)}
    return sorted(story, key=lambda moment: (moment.at, order[moment.what]), reverse=True)


REACTIONS = (
    ("human_opened_at", Happening.OPENED),
    ("bounced_at", Happening.BOUNCED),
    ("complained_at", Happening.COMPLAINED),
    ("unsubscribed_at", Happening.UNSUBSCRIBED),
    ("replied_at", Happening.REPLIED),
)
GONE_OUT = (MessageState.SENT, MessageState.UNCERTAIN)
KEPT_BACK = {
    MessageState.SKIPPED: Happening.LEFT_OUT,
    MessageState.FAILED: Happening.FAILED,
}


def _mails(session: Session, principal: Principal, numbers: list[int]) -> Iterator[Moment]:
    """Mails of this partner to the person, and what the person did with each."""
    rows = session.execute(
        select(Message, MessageReaction, Mailing.subject, Launch.ref)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .outerjoin(MessageReaction, MessageReaction.message_id == Message.id)
        .outerjoin(LaunchMail, LaunchMail.mailing_id == Mailing.id)
        .outerjoin(Launch, Launch.id == LaunchMail.launch_id)
        .where(
            Message.contact_id.in_(numbers),
            Mailing.partner_id == principal.partner_id,
            Mailing.kind.in_((MailingKind.LAUNCH, MailingKind.NURTURE)),
        )
        .order_by(Message.id.desc())
        .limit(MOST)
    )
    for message, reaction, subject, ref in rows:
        told: dict[str, Any] = {"about": fill_text(subject, {}), "ref": ref or ""}
        if message.state in GONE_OUT and message.sent_at:
            yield Moment(at=message.sent_at, what=Happening.MAILED, **told)
        elif message.state in KEPT_BACK:
            why = REASON_WORDS[Reason(message.reason)]
            yield Moment(
                at=message.due_at, what=KEPT_BACK[MessageState(message.state)], detail=why, **told
            )
        for column, what in REACTIONS:
            at = getattr(reaction, column) if reaction else None
            if at and not (what is Happening.BOUNCED and message.state == MessageState.FAILED):
                yield Moment(at=at, what=what, **told)


def _clicks(session: Session, principal: Principal, numbers: list[int]) -> Iterator[Moment]:
    """Each click of the person; those of machines are not among them."""
    rows = session.execute(
        select(Event.at, Mailing.subject, Launch.ref)
        .join(Message, Message.id == Event.message_id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .outerjoin(LaunchMail, LaunchMail.mailing_id == Mailing.id)
        .outerjoin(Launch, Launch.id == LaunchMail.launch_id)
        .where(
            Message.contact_id.in_(numbers),
            Mailing.partner_id == principal.partner_id,
            Event.kind == EventKind.CLICK,
            Event.verdict == VERDICTS[Kind.HUMAN],
        )
        .order_by(Event.id.desc())
        .limit(MOST)
    )
    for at, subject, ref in rows:
        yield Moment(at=at, what=Happening.CLICKED, about=fill_text(subject, {}), ref=ref or "")


def _words(session: Session, principal: Principal, numbers: list[int]) -> Iterator[Moment]:
    """What the person wrote back, as far as no lead's history has it."""
    rows = session.execute(
        select(FeedbackReport.at, FeedbackReport.detail)
        .join(Message, Message.id == FeedbackReport.message_id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(
            Message.contact_id.in_(numbers),
            Mailing.partner_id == principal.partner_id,
            FeedbackReport.action == Action.REPLY,
            ~FeedbackReport.detail.has_key("lead"),
        )
        .order_by(FeedbackReport.id.desc())
        .limit(MOST)
    )
    for at, said in rows:
        if said.get("words"):
            yield Moment(at=at, what=Happening.WROTE, about=said["words"])


def _leads(session: Session, principal: Principal, person: Contact) -> Iterator[Moment]:
    """Forms of the person and what became of them, as far as this partner holds the lead."""
    held = (
        select(Lead, Campaign.name)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(
            or_(
                Lead.contact_id == person.id,
                # whose lead an offer is shows when it is accepted
                and_(Lead.address_hash == person.address_hash, Lead.state.in_(HELD)),
            ),
            seen_by(principal, Lead),
        )
    )
    for lead, campaign in session.execute(held.order_by(Lead.id.desc()).limit(MOST)):
        told: dict[str, Any] = {"about": campaign, "ref": lead.ref}
        forms = select(LeadCapture.at).where(LeadCapture.lead_id == lead.id)
        for at in session.scalars(forms):
            yield Moment(at=at, what=Happening.FORM, **told)
        if lead.accepted_at:
            yield Moment(at=lead.accepted_at, what=Happening.ACCEPTED, **told)
        touches = select(LeadTouch).where(LeadTouch.lead_id == lead.id)
        for touch in session.scalars(touches):
            yield Moment(at=touch.at, what=Happening.TOUCH, about=touch.note, ref=lead.ref,
                         detail=touch.kind)  # fmt: skip
        won = session.scalar(select(Opportunity).where(Opportunity.lead_id == lead.id))
        if won:
            worth = Money(won.amount_minor, won.currency)
            yield Moment(at=won.created_at, what=Happening.OPPORTUNITY, worth=worth, **told)
        if lead.closed_at and lead.state in (LeadState.WON, LeadState.LOST):
            yield Moment(at=lead.closed_at, what=Happening(lead.state), **told)


def _stops(session: Session, person: Contact) -> Iterator[Moment]:
    """When this partner, or everybody, had to stop mailing the address."""
    mine = or_(Suppression.partner_id == person.partner_id, Suppression.partner_id.is_(None))
    rows = session.execute(
        select(Suppression.at, Suppression.reason).where(
            Suppression.address_hash == person.address_hash,
            mine,
            Suppression.vendor_id.is_(None),
            Suppression.message_id.is_(None),
        )
    )
    for at, reason in rows:
        yield Moment(at=at, what=Happening.STOPPED, detail=reason)
