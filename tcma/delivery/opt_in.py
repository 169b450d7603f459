"""Double opt-in: the mail that asks the owner of a mailbox, and its answer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tcma.contacts.consent import ConsentAct, is_too_late, may_be_asked
from tcma.contacts.consent_ledger import NewLine, as_line, confirm_line, lines_of, write_line
from tcma.contacts.models import ConsentEntry, Contact
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.budgets import came_back
from tcma.delivery.letters import write_letter
from tcma.delivery.links import Purpose, read_link
from tcma.delivery.notices import queue_letters
from tcma.delivery.sender_queries import senders
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.partners.models import BrandProfile, Partner
from tcma.permissions import SYSTEM, Permission
from tcma.senders.rules import PROVED
from tcma.words import say

LANGUAGES = ("en", "de", "fr", "es", "ja")
VERSION = "double-opt-in-1"


def send_opt_in(work: Work, line: int) -> int:
    """Send the mail that asks for a line of the ledger; return the message's number.

    It comes from the partner's own address where its launches would leave from a proved one, else from
    the house's: who is asked knows the partner, and seldom its vendor.
    """
    asked = work.session.get_one(ConsentEntry, line)
    person = work.session.get_one(Contact, asked.contact_id)
    partner = work.session.get_one(Partner, asked.partner_id)
    token = work.site.signer.message_token(Purpose.CONSENT, asked.id)
    letter = write_letter(
        f"opt_in.{language_of(person.language, partner.locale)}",
        {"partner": partner.name},
        house=partner.name,
        url=f"{work.site.public_url}/{Purpose.CONSENT.value}/{token}",
        foot=_foot(work, partner),
    )
    sender_id = _own_sender(work, partner.id, asked.vendor_id)
    letters = [(person.address, letter)]
    return queue_letters(work, letters, vendor_id=asked.vendor_id, sender_id=sender_id)[0]


def _own_sender(work: Work, partner_id: UUID, vendor_id: UUID | None) -> UUID | None:
    """Return the first address of its own that a launch is offered, on a proved domain and not held."""
    offered = senders(work.session, SYSTEM, vendor_id=vendor_id, partner_id=partner_id)
    own = (each.id for each in offered if not each.is_fallback and each.state in PROVED)
    return next((each for each in own if not came_back(work.session, each)), None)


def _foot(work: Work, partner: Partner) -> str:
    fields: dict[str, Any] = work.session.scalars(
        select(BrandProfile.fields)
        .where(BrandProfile.partner_id == partner.id)
        .order_by(BrandProfile.id.desc())
        .limit(1)
    ).first() or {}  # fmt: skip
    parts = (partner.legal_name, str(fields.get("address", "")))
    return ", ".join(part for part in parts if part)


def language_of(*wanted: str) -> str:
    """Return the first of some locales that these pages and mails speak, else English."""
    spoken = (each[:2].lower() for each in wanted)
    return next((each for each in spoken if each in LANGUAGES), "en")


def ask(work: Work, contact_id: int) -> int:
    """Ask one person of the partner's for consent; Conflict after a no or within 30 days."""
    work.require(Permission.CONTACTS_MANAGE)
    wanted = visible(select(Contact).where(Contact.id == contact_id), work.principal, Contact)
    person: Contact = found(work.session.scalars(wanted.with_for_update()).one_or_none())
    found(person.address or None)
    lines = [as_line(row) for row in lines_of(work.session, person.partner_id, person.address_hash)]
    if not may_be_asked(lines, now=work.now):
        raise Conflict(
            say("This person was asked in the last 30 days, or has said no."),
            code="consent.asked",
            remedy=say("Wait for an answer; nobody is asked twice in a row."),
        )
    line = NewLine(
        partner_id=person.partner_id, contact_id=person.id, address_hash=person.address_hash,
        act=ConsentAct.ASKED, jurisdiction=person.country, source="asked by mail",
        text_version=VERSION,
    )  # fmt: skip
    number = write_line(work, line)
    send_opt_in(work, number)
    work.audit("asked", "consent", number, partner_id=person.partner_id)
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question of a partner's to somebody: answered with yes, or ended without an answer."""

    partner_id: UUID
    partner: str
    address: str
    language: str
    is_confirmed: bool
    is_too_late: bool


def asked(work: Work, token: str) -> Asked:
    """Return what a mailed link asks; NotFound for a forged one and for somebody erased."""
    row = _asked_line(work, token)
    person = found(work.session.get(Contact, row.contact_id))
    partner = work.session.get_one(Partner, row.partner_id)
    later = lines_of(work.session, row.partner_id, row.address_hash)
    confirmed = any(x.act == ConsentAct.CONFIRMED and x.id > row.id for x in later)
    return Asked(
        partner_id=partner.id,
        partner=partner.name,
        address=found(person.address or None),
        language=language_of(person.language, partner.locale),
        is_confirmed=confirmed,
        is_too_late=not confirmed and is_too_late(row.at, work.now),
    )


def confirm(work: Work, token: str, *, evidence: dict[str, Any]) -> Asked:
    """Say yes by a mailed link; `evidence` is what the request shows. For POST only.

    After 30 days it changes nothing. The journeys of leads that waited for the yes begin.
    """
    if not asked(work, token).is_too_late:
        said = confirm_line(work, _asked_line(work, token).id, evidence=evidence)
        if said.contact_id is not None:
            work.wake(Job.NURTURE_ENROL, contact_id=said.contact_id)
    return asked(work, token)


def _asked_line(work: Work, token: str) -> ConsentEntry:
    number, _ = read_link(work.site.signer, Purpose.CONSENT, token)
    row = found(work.session.get(ConsentEntry, number))
    return found(row if row.act == ConsentAct.ASKED else None)
