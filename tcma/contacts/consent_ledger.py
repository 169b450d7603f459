"""The consent ledger: lines are added, never changed; what a list's owner declares about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tcma.contacts.actions import own_list, partner_of
from tcma.contacts.consent import (
    CONFIRMED_ONLY,
    MAIL,
    MARKETING,
    ConsentAct,
    ConsentKind,
    Controller,
    Line,
    Standing,
    Told,
    country_code,
    line_for,
    must_be_asked,
    standing,
)
from tcma.contacts.models import ConsentEntry, Contact, Suppression
from tcma.contacts.rules import LawfulBasis, SuppressionReason, one_line
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.partners.models import Enrolment, Partner
from tcma.words import say

UNSUBSCRIBED = SuppressionReason.UNSUBSCRIBED.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line to add. `vendor_id` names the company when it is not the partner alone.

    `text_version` names the wording that was shown; `evidence` is where one can see it.
    """

    partner_id: UUID
    address_hash: bytes
    act: ConsentAct
    kind: ConsentKind = ConsentKind.EXPRESS
    contact_id: int | None = None
    vendor_id: UUID | None = None
    jurisdiction: str = ""
    source: str = ""
    text_version: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None


def write_line(work: Work, new: NewLine) -> int:
    """Add a line to the ledger; return its number. The caller has checked who may."""
    row = ConsentEntry(
        partner_id=new.partner_id,
        vendor_id=new.vendor_id,
        contact_id=new.contact_id,
        address_hash=new.address_hash,
        purpose=MARKETING,
        channel=MAIL,
        act=new.act,
        kind=new.kind,
        jurisdiction=country_code(new.jurisdiction),
        source=one_line(new.source)[:200],
        text_version=new.text_version[:120],
        evidence=new.evidence,
        at=work.now,
        expires_at=new.expires_at,
    )
    work.session.add(row)
    work.session.flush()  # a mailed link names the line
    return row.id


def lines_of(session: Session, partner_id: UUID, address_hash: bytes) -> list[ConsentEntry]:
    """Return the ledger of one address towards one partner, oldest first."""
    wanted = select(ConsentEntry).where(
        ConsentEntry.partner_id == partner_id, ConsentEntry.address_hash == address_hash
    )
    return list(session.scalars(wanted.order_by(ConsentEntry.id)))


def as_line(row: ConsentEntry) -> Line:
    """Return a stored line as the rules read it."""
    return Line(
        act=ConsentAct(row.act), kind=ConsentKind(row.kind), at=row.at, vendor_id=row.vendor_id,
        jurisdiction=row.jurisdiction, expires_at=row.expires_at,
    )  # fmt: skip


def withdraw(work: Work, new: NewLine) -> None:
    """Add a line that takes consent back, unless that is what the last one says."""
    lines = [as_line(row) for row in lines_of(work.session, new.partner_id, new.address_hash)]
    if standing(lines, now=work.now, vendor_id=new.vendor_id) is not Standing.WITHDRAWN:
        write_line(work, new)


def note_consent(work: Work, contact_id: int, told: Told, *, evidence: str) -> int:
    """Write down what somebody told the partner; `evidence` says where one can see it.

    Raises Invalid without evidence. It lifts no stop that the person set by a link.
    """
    partner_of(work)
    wanted = visible(select(Contact).where(Contact.id == contact_id), work.principal, Contact)
    person: Contact = found(work.session.scalars(wanted).one_or_none())
    found(person.address or None)
    if not evidence.strip():
        message = say("Say where one can see it.")
        raise Invalid(message, code="consent.evidence", fields={"evidence": message})
    home = work.session.get_one(Partner, person.partner_id).country
    place = country_code(person.country or home)
    line = line_for(told, place, work.now)
    new = NewLine(
        partner_id=person.partner_id, contact_id=person.id, address_hash=person.address_hash,
        act=line.act, kind=line.kind, jurisdiction=place, expires_at=line.expires_at,
        source=say("written down by the partner"), evidence={"words": one_line(evidence)[:200]},
    )  # fmt: skip
    number = write_line(work, new)
    work.audit("noted", "consent", number, partner_id=person.partner_id, told=told)
    return number


def form_consent(
    work: Work, contact_id: int, *, source: str, text_version: str, wording: str
) -> int | None:
    """Write down that somebody ticked a form's box; return the line that still asks for an answer.

    Where a tick alone proves nothing a second line waits for the owner of the mailbox; None when
    the first one stands, they have confirmed before, or were asked today.
    """
    person = work.session.get_one(Contact, contact_id)
    home = work.session.get_one(Partner, person.partner_id).country
    place = country_code(person.country or home)
    given = NewLine(
        partner_id=person.partner_id, contact_id=contact_id, address_hash=person.address_hash,
        act=ConsentAct.GIVEN, jurisdiction=place, source=source, text_version=text_version,
        evidence={"wording": wording},
    )  # fmt: skip
    before = lines_of(work.session, person.partner_id, person.address_hash)
    write_line(work, given)
    if place not in CONFIRMED_ONLY or not must_be_asked(map(as_line, before), now=work.now):
        return None
    asked = NewLine(
        partner_id=person.partner_id, contact_id=contact_id, address_hash=person.address_hash,
        act=ConsentAct.ASKED, jurisdiction=place, source=source, text_version=text_version,
    )  # fmt: skip
    return write_line(work, asked)


def confirm_line(work: Work, number: int, *, evidence: dict[str, Any]) -> ConsentEntry:
    """Answer an asking line with yes; twice is once. What they had stopped themselves goes on."""
    asked = found(work.session.get(ConsentEntry, number))
    found(asked if asked.act == ConsentAct.ASKED else None)
    later = [
        row for row in lines_of(work.session, asked.partner_id, asked.address_hash)
        if row.id > asked.id
    ]  # fmt: skip
    if any(row.act == ConsentAct.CONFIRMED for row in later):
        return asked
    answer = NewLine(
        partner_id=asked.partner_id, vendor_id=asked.vendor_id, contact_id=asked.contact_id,
        address_hash=asked.address_hash, act=ConsentAct.CONFIRMED, jurisdiction=asked.jurisdiction,
        source=asked.source, text_version=asked.text_version, evidence=evidence,
    )  # fmt: skip
    write_line(work, answer)
    lift_own_stops(work, asked.address_hash, asked.partner_id)
    work.audit("confirmed", "consent", asked.id, partner_id=asked.partner_id)
    return asked


def lift_own_stops(work: Work, address_hash: bytes, partner_id: UUID) -> None:
    """Take away what a person stopped towards a partner, because they themselves say so."""
    work.session.execute(
        delete(Suppression).where(
            Suppression.address_hash == address_hash,
            Suppression.partner_id == partner_id,
            Suppression.reason == UNSUBSCRIBED,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What the owner of a list says about it. `since` starts the clock of implied consent."""

    basis: LawfulBasis
    evidence: str = ""
    controller: Controller = Controller.PARTNER
    vendor_id: UUID | None = None
    since: datetime | None = None


def declare(work: Work, list_id: UUID, told: Declaration) -> None:
    """Say, or say anew, how the people of a list agreed and who decides about it; it is audited.

    Raises Invalid without evidence for another ground, and for a vendor one is not enrolled with.
    """
    owner = partner_of(work)
    row = own_list(work, list_id)
    if told.basis is LawfulBasis.LEGITIMATE_INTEREST and not told.evidence.strip():
        message = say("Write why they can expect your mail.")
        raise Invalid(message, code="contacts.evidence", fields={"evidence": message})
    if told.controller is not Controller.PARTNER:
        enrolled = work.session.get(Enrolment, (told.vendor_id, owner)) if told.vendor_id else None
        if enrolled is None:
            message = say("Choose the vendor who decides with you.")
            raise Invalid(message, code="contacts.controller", fields={"vendor": message})
    was = {"basis": row.basis, "evidence": row.evidence, "controller": row.controller}
    row.basis, row.evidence = told.basis, one_line(told.evidence)[:200]
    row.controller = told.controller
    row.controller_vendor_id = None if told.controller is Controller.PARTNER else told.vendor_id
    row.basis_at = told.since or work.now
    work.audit(
        "declared", "contact_list", row.id, partner_id=owner, was=was, basis=told.basis,
        evidence=row.evidence, controller=told.controller, since=row.basis_at.isoformat(),
    )  # fmt: skip
