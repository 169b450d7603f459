"""One contact put right by hand: name, firm, address, tags and the partner's own fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.contacts.actions import partner_of
from tcma.contacts.conditions import Field, Kind, plain, tags_of
from tcma.contacts.likeness import STANDARD
from tcma.contacts.merging import stop_both
from tcma.contacts.models import Contact
from tcma.contacts.rules import ContactField, address_hash, cell_address, one_line
from tcma.contacts.segments import custom_fields
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.words import say

LONGEST = 200
_OTHERS = {
    ContactField.JOB_TITLE: say("Job title"),
    ContactField.STREET: say("Street"),
    ContactField.POSTCODE: say("Postcode"),
    ContactField.CITY: say("City"),
    ContactField.REGION: say("Region"),
    ContactField.WEBSITE: say("Website"),
}
_WANTED = {
    Kind.NUMBER: say("Write a number."),
    Kind.DATE: say("Write a day such as 2026-03-04."),
    Kind.BOOLEAN: say("Write yes or no."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What a contact shall say: standard values by name, own fields by key, tags as typed."""

    address: str
    standard: Mapping[str, str]
    own: Mapping[str, str] = field(default_factory=dict)
    tags: str = ""


def other_fields(session: Session, partner_id: UUID) -> list[Field]:
    """Return what a contact can say besides the standard values: job, place, the partner's own."""
    shipped = [Field(key.value, label, Kind.TEXT) for key, label in _OTHERS.items()]
    return [*shipped, *custom_fields(session, partner_id)]


def edit_contact(work: Work, contact_id: int, new: Edited) -> None:
    """Write what somebody typed over a contact of the principal's.

    A new address takes the stops of the old one with it, and no consent: that was given for the
    other mailbox. Raises Invalid with fields for what is no address, too long or of another kind,
    and for an address that another contact has.
    """
    owner = partner_of(work)
    wanted = visible(select(Contact).where(Contact.id == contact_id), work.principal, Contact)
    row: Contact = found(work.session.scalars(wanted.with_for_update()).one_or_none())
    found(row.address or None)
    own = _own_values(other_fields(work.session, owner), new.own)
    for name in STANDARD:
        value = one_line(new.standard.get(name, ""))
        if len(value) > LONGEST:
            message = say("Use at most {longest_field} characters.", longest_field=LONGEST)
            raise Invalid(message, code="contacts.too_long", fields={name: message})
        setattr(row, name, value)
    row.fields = {k: v for k, v in (dict(row.fields) | own).items() if v}
    row.tags = tags_of(new.tags)
    _readdress(work, row, new.address)
    work.audit("edited", "contact", row.id, partner_id=owner)


def _own_values(fields: Sequence[Field], typed: Mapping[str, str]) -> dict[str, str]:
    """Return the own fields as they are stored; empty takes a value away."""
    values = {}
    for each in fields:
        if each.key not in typed:
            continue
        value = plain(each.kind, typed[each.key]) if typed[each.key].strip() else ""
        if value is None:
            message = _WANTED.get(each.kind) or say("Write plain text.")
            raise Invalid(message, code="contacts.own_field", fields={each.key: message})
        values[each.key] = value
    return values


def _readdress(work: Work, row: Contact, typed: str) -> None:
    mailbox = cell_address(typed)
    digest = address_hash(work.site.secret, mailbox)
    if digest != row.address_hash:
        taken = select(Contact.id).where(
            Contact.partner_id == row.partner_id, Contact.address_hash == digest
        )
        if work.session.scalar(taken):
            message = say("Another contact has this address; merge the two instead.")
            raise Invalid(message, code="contacts.address_taken", fields={"email": message})
        stop_both(work, row.partner_id, row.address_hash, digest)
        row.address_hash = digest
    row.address = mailbox.text
