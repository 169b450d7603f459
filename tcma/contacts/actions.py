"""Lists, single people, the stop list, erasure: what a partner does with its contacts by hand."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain, count
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.list_queries import refuse_taken_back
from tcma.contacts.models import Contact, ContactList, ContactMerge, ListMember, Suppression
from tcma.contacts.rules import (
    Address,
    LawfulBasis,
    SuppressionReason,
    address_hash,
    cell_address,
    name_before,
    one_line,
)
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Forbidden, Invalid
from tcma.permissions import Permission
from tcma.words import say

MOST_TYPED = 50
LONGEST_NAME = 80
_BETWEEN = re.compile(r"[\n;,]+")
_REASON = {each: each.name.lower() for each in SuppressionReason}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewList:
    """A list to make: how its people may be mailed, and what the partner says about it."""

    name: str
    basis: LawfulBasis
    source: str = ""
    evidence: str = ""


def partner_of(work: Work, partner_id: UUID | None = None) -> UUID:
    """Return whose contacts the verb works on: the principal's own, or those the house names."""
    work.require(Permission.CONTACTS_MANAGE)
    owner = partner_id if work.principal.is_system else work.principal.partner_id
    if owner is None:
        raise Forbidden(say("Contacts belong to partners."), code="contacts.side")
    return owner


def take_turns(work: Work, partner_id: UUID) -> None:
    """Let nobody else write many people of a partner until this transaction ends.

    The same people in another order would let two wait for each other for ever.
    """
    turn = func.hashtextextended(f"people of {partner_id}", 0)
    work.session.execute(select(func.pg_advisory_xact_lock(turn)))


def create_list(work: Work, new: NewList, *, partner_id: UUID | None = None) -> UUID:
    """Make an empty list; a name in use gets a number. Invalid for an empty or long name."""
    owner = partner_of(work, partner_id)
    name = _list_name(new.name)
    row = ContactList(
        partner_id=owner,
        name=_free_name(work, owner, name),
        basis=new.basis,
        source=one_line(new.source),
        evidence=one_line(new.evidence),
        created_by=work.principal.user_id,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()  # members and imports name the list
    work.audit("made", "contact_list", row.id, partner_id=owner, basis=new.basis)
    return row.id


def _list_name(text: str) -> str:
    name = one_line(text)
    if not name or len(name) > LONGEST_NAME:
        message = say(
            "Give the list a name of at most {longest_name} characters.", longest_name=LONGEST_NAME
        )
        raise Invalid(message, code="contacts.list_name", fields={"list_name": message})
    return name


def rename_list(work: Work, list_id: UUID, name: str) -> str:
    """Give a list another name and return it: one in use gets a number. Invalid for an empty or long one."""
    owner = partner_of(work)
    row, name = own_list(work, list_id), _list_name(name)
    if name != row.name:
        was, row.name = row.name, _free_name(work, owner, name)
        work.audit("renamed", "contact_list", row.id, partner_id=owner, was=was, name=row.name)
    return row.name


def _free_name(work: Work, owner: UUID, name: str) -> str:
    taken = set(
        work.session.scalars(
            select(ContactList.name).where(
                ContactList.partner_id == owner, ContactList.name.startswith(name, autoescape=True)
            )
        )
    )
    return next(n for n in chain((name,), (f"{name} ({i})" for i in count(2))) if n not in taken)


def import_addresses(
    work: Work,
    typed: str,
    *,
    new: NewList | None = None,
    list_id: UUID | None = None,
    partner_id: UUID | None = None,
) -> UUID:
    """Put typed addresses, one a line or between commas, into a new or an existing list.

    `Name <a@b>` gives the name too. Raises Invalid that quotes every address that is none.
    """
    owner = partner_of(work, partner_id)
    people = _typed_people(typed)
    target = own_list(work, list_id).id if list_id else create_list(
        work, found(new), partner_id=owner
    )  # fmt: skip
    take_turns(work, owner)
    for address, first, last in people:
        contact_id = capture_contact(
            work, partner_id=owner, address=address.text, first_name=first, last_name=last
        )
        add_to_list(work, target, [contact_id])
    work.audit("typed in", "contact_list", target, partner_id=owner, addresses=len(people))
    return target


def _typed_people(typed: str) -> list[tuple[Address, str, str]]:
    parts = [part.strip() for part in _BETWEEN.split(typed) if part.strip()]
    people: dict[str, tuple[Address, str, str]] = {}
    wrong = []
    for part in parts:
        try:
            address = cell_address(part, named=True)
        except Invalid:
            wrong.append(part)
            continue
        name = name_before(part) or ""
        first, _, last = name.partition(" ")
        people.setdefault(address.key, (address, first, last))
    message = ""
    if wrong:
        names = ", ".join(f"“{one_line(w)[:80]}”" for w in wrong[:5])
        message = say("These are no addresses: {names}", names=names)
    elif not people:
        message = say("Type at least one address.")
    elif len(people) > MOST_TYPED:
        message = say(
            "Type at most {most_typed} addresses; import a file for more.", most_typed=MOST_TYPED
        )
    if message:
        raise Invalid(message, code="contacts.typed", fields={"addresses": message})
    return list(people.values())


def own_list(work: Work, list_id: UUID, *, deleted: bool = False) -> ContactList:
    """Return a list of the principal's; NotFound for others' and, unless asked, deleted ones.

    Conflict while an import into it is being undone: nothing else is done to it then.
    """
    wanted = visible(
        select(ContactList).where(ContactList.id == list_id), work.principal, ContactList
    )
    if not deleted:
        wanted = wanted.where(ContactList.deleted_at.is_(None))
    row: ContactList = found(work.session.scalars(wanted.with_for_update()).one_or_none())
    refuse_taken_back(work.session, [row.id])
    return row


def add_to_list(work: Work, list_id: UUID, contact_ids: Collection[int]) -> None:
    """Put contacts into a list; who is in it stays in it once."""
    rows = [{"list_id": list_id, "contact_id": each} for each in contact_ids]
    if rows:
        work.session.execute(insert(ListMember).on_conflict_do_nothing(), rows)


def remove_from_list(work: Work, list_id: UUID, contact_id: int) -> None:
    """Take one contact out of a list of the principal's."""
    partner_of(work)
    target = own_list(work, list_id)
    work.session.execute(
        delete(ListMember).where(
            ListMember.list_id == target.id, ListMember.contact_id == contact_id
        )
    )


def delete_list(work: Work, list_id: UUID) -> None:
    """Take a list away; its people stay contacts, and `restore_list` brings it back."""
    partner_of(work)
    row = own_list(work, list_id)
    row.deleted_at = work.now
    work.audit("deleted", "contact_list", row.id)


def restore_list(work: Work, list_id: UUID) -> None:
    """Bring a deleted list back."""
    partner_of(work)
    row = own_list(work, list_id, deleted=True)
    row.deleted_at = None
    work.audit("restored", "contact_list", row.id)


def capture_contact(  # noqa: PLR0913 - the columns of a contact
    work: Work,
    *,
    partner_id: UUID,
    address: str,
    first_name: str = "",
    last_name: str = "",
    company: str = "",
    phone: str = "",
    country: str = "",
    language: str = "",
) -> int:
    """Return the number of the partner's contact with this address, made or completed.

    What is known is not overwritten by an empty value; an address that was merged into another
    contact leads to that one. The caller has checked who may.
    """
    mailbox = cell_address(address)
    digest = address_hash(work.site.secret, mailbox)
    given = {
        "first_name": one_line(first_name),
        "last_name": one_line(last_name),
        "company": one_line(company),
        "phone": one_line(phone),
        "country": one_line(country),
        "language": one_line(language),
    }
    merged = select(Contact.address, Contact.address_hash).join(
        ContactMerge, ContactMerge.kept_id == Contact.id
    )
    known = work.session.execute(
        merged.where(ContactMerge.partner_id == partner_id, ContactMerge.other_hash == digest)
    ).first()
    fresh = insert(Contact).values(
        partner_id=partner_id,
        address=known.address if known else mailbox.text,
        address_hash=known.address_hash if known else digest,
        created_at=work.now,
        **given,
    )
    kept: dict[str, Any] = {
        name: func.coalesce(func.nullif(fresh.excluded[name], ""), Contact.__table__.c[name])
        for name in given
    }
    statement = fresh.on_conflict_do_update(constraint="contact_address_once", set_=kept)
    return work.session.scalars(statement.returning(Contact.id)).one()


def suppress(
    work: Work,
    address: str,
    *,
    reason: SuppressionReason = SuppressionReason.MANUAL,
    partner_id: UUID | None = None,
) -> None:
    """Put an address on the partner's stop list, for every vendor's mail; twice is once."""
    owner = partner_of(work, partner_id)
    digest = address_hash(work.site.secret, cell_address(address))
    work.session.execute(
        insert(Suppression)
        .values(address_hash=digest, partner_id=owner, reason=_REASON[reason], at=work.now)
        .on_conflict_do_nothing(constraint="suppression_once")
    )
    work.audit("stopped", "address", digest.hex(), partner_id=owner, reason=_REASON[reason])


def unsuppress(work: Work, suppression_id: int) -> None:
    """Take an entry off the stop list; only what the partner itself put there may go.

    An unsubscribe, a complaint or a dead address is not the partner's to undo.
    """
    owner = partner_of(work)
    wanted = select(Suppression).where(
        Suppression.id == suppression_id, Suppression.partner_id == owner
    )
    row = found(work.session.scalars(wanted).one_or_none())
    if row.reason != _REASON[SuppressionReason.MANUAL]:
        raise Forbidden(
            say("This person asked to be left alone."),
            code="contacts.stop_stays",
            remedy=say("Only they can change it, by signing up again."),
        )
    work.session.delete(row)
    work.audit("took off the stop list", "address", row.address_hash.hex())
