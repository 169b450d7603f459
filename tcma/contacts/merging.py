"""Two rows of one person become one, or are kept apart; for 30 days it can be taken back.

The contacts' part only: what other features keep under a contact is moved by `tcma.merging`.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from tcma.contacts.actions import add_to_list, partner_of
from tcma.contacts.likeness import STANDARD, Person, joined
from tcma.contacts.models import Contact, ContactList, ContactMerge, ListMember
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import random_token
from tcma.words import say

_ALL = (*STANDARD, "fields", "tags")
_STOP_BOTH = text("""
INSERT INTO suppression (address_hash, vendor_id, partner_id, topic, reason, at)
SELECT CAST(:to AS bytea), s.vendor_id, :partner, s.topic, s.reason, s.at FROM suppression s
WHERE s.address_hash = :of AND coalesce(s.partner_id, :partner) = :partner
  AND s.reason IN ('unsubscribed', 'complaint', 'legal', 'manual', 'imported')
ON CONFLICT ON CONSTRAINT suppression_once DO NOTHING
""")


def merge_rows(
    work: Work, kept_id: int, other_id: int, *, from_other: Collection[str] = ()
) -> ContactMerge:
    """Make one contact of two of the principal's; return the row that can take it back.

    What `kept_id` lacks is filled from the other, `from_other` names fields it takes although it
    has its own. It joins the other's lists and gets its tags; who stopped mail at one of the two
    addresses has stopped it at both. Raises Invalid for twice the same, Conflict when one of the
    two is erased or merged already, NotFound for others'.
    """
    owner = partner_of(work)
    if kept_id == other_id:
        raise Invalid(say("This is one contact already."), code="contacts.merge_same")
    kept, other = _both(work, kept_id, other_id)
    lists = _lists_of(work, other_id)
    was = {
        "kept": _shape(kept),
        "other": _shape(other)
        | {"address": other.address, "import_id": str(other.import_id or "")},
        "lists": [str(each) for each in lists],
        "joined": [str(each) for each in lists if each not in set(_lists_of(work, kept_id))],
    }
    person = joined(person_of_row(kept), person_of_row(other), from_other)
    row = _remembered(work, owner, kept_id, other)
    stop_both(work, owner, kept.address_hash, other.address_hash)
    for list_id in lists:
        add_to_list(work, list_id, [kept_id])
    work.session.execute(delete(ListMember).where(ListMember.contact_id == other_id))
    other.address, other.address_hash = "", random_token(16).encode()
    for name in STANDARD:
        setattr(kept, name, person.standard[name])
        setattr(other, name, "")
    kept.fields, kept.tags = dict(person.others), list(person.tags)
    other.fields, other.tags = {}, []
    earlier = (
        update(ContactMerge)
        .where(ContactMerge.kept_id == other_id, ContactMerge.other_hash.is_not(None))
        .values(kept_id=kept_id)
    )
    led_on = work.session.scalars(earlier.returning(ContactMerge.id))
    row.was = was | {
        "made": _shape(kept), "kept_id": kept_id, "led_on": [str(each) for each in led_on],
    }  # fmt: skip
    work.audit("merged", "contact", kept_id, partner_id=owner, other=other_id)
    return row


def _remembered(work: Work, owner: UUID, kept_id: int, other: Contact) -> ContactMerge:
    """Return the row of this merge; one that kept the two apart before gives way."""
    work.session.execute(
        delete(ContactMerge).where(
            ContactMerge.kept_id.in_((kept_id, other.id)),
            ContactMerge.other_id.in_((kept_id, other.id)),
        )
    )
    row = ContactMerge(
        partner_id=owner, kept_id=kept_id, other_id=other.id, other_hash=other.address_hash,
        was={}, made_by=work.principal.user_id, at=work.now,
    )  # fmt: skip
    work.session.add(row)
    return row


def _both(work: Work, kept_id: int, other_id: int) -> tuple[Contact, Contact]:
    wanted = select(Contact).where(Contact.id.in_((kept_id, other_id))).order_by(Contact.id)
    rows = {
        row.id: row
        for row in work.session.scalars(
            visible(wanted, work.principal, Contact).with_for_update(of=Contact)
        )
    }
    kept, other = found(rows.get(kept_id)), found(rows.get(other_id))
    if not kept.address or not other.address:
        raise Conflict(
            say("One of the two is gone: erased, or part of another contact already."),
            code="contacts.merge_gone",
            remedy=say("Look the person up again."),
        )
    return kept, other


def _lists_of(work: Work, contact_id: int) -> list[UUID]:
    wanted = select(ListMember.list_id).where(ListMember.contact_id == contact_id)
    return list(work.session.scalars(wanted.order_by(ListMember.list_id)))


def person_of_row(row: Contact) -> Person:
    """Return a stored contact as the rules compare it."""
    return Person(
        standard={name: getattr(row, name) for name in STANDARD},
        others=dict(row.fields),
        tags=tuple(row.tags),
    )


def _shape(row: Contact) -> dict[str, Any]:
    return {name: getattr(row, name) for name in STANDARD} | {
        "fields": dict(row.fields), "tags": list(row.tags),
    }  # fmt: skip


def stop_both(work: Work, owner: UUID, one: bytes, two: bytes) -> None:
    """Let what stops one of two addresses of a person stop the other; a dead mailbox is its own."""
    for of, to in ((one, two), (two, one)):
        work.session.execute(_STOP_BOTH, {"of": of, "to": to, "partner": owner})


def undo_rows(work: Work, merge_id: UUID) -> ContactMerge:
    """Make two contacts of one again, or offer a pair again that was kept apart; return its row.

    What was changed since the merge stays with the kept one; stops stay with both. Raises
    Conflict after 30 days or when a new contact has the address by now.
    """
    partner_of(work)
    wanted = select(ContactMerge).where(ContactMerge.id == merge_id)
    row: ContactMerge = found(
        work.session.scalars(
            visible(wanted, work.principal, ContactMerge).with_for_update()
        ).one_or_none()
    )
    if row.other_hash is not None:
        _part(work, row)
    work.session.delete(row)
    work.audit("parted", "contact", row.kept_id, partner_id=row.partner_id, other=row.other_id)
    return row


def _part(work: Work, row: ContactMerge) -> None:
    if not row.was:
        raise Conflict(say("A merge can be taken back for 30 days."), code="contacts.merge_old")
    taken = select(Contact.id).where(
        Contact.partner_id == row.partner_id, Contact.address_hash == row.other_hash
    )
    if work.session.scalar(taken):
        raise Conflict(
            say("There is a new contact with this address by now."),
            code="contacts.merge_taken",
            remedy=say("Nothing is lost: its lists and fields are those of the new one."),
        )
    kept, other = (
        work.session.get_one(Contact, row.kept_id),
        work.session.get_one(Contact, row.other_id),
    )
    for name in _ALL:
        setattr(other, name, row.was["other"][name])
    other.address, other.address_hash = row.was["other"]["address"], found(row.other_hash)
    for list_id in _still_there(work, row.was["lists"]):
        add_to_list(work, list_id, [other.id])
    work.session.execute(
        update(ContactMerge)
        .where(ContactMerge.id.in_([UUID(each) for each in row.was["led_on"]]))
        .values(kept_id=other.id)
    )
    if row.was["kept_id"] == kept.id:
        _as_before(work, kept, row)


def _as_before(work: Work, kept: Contact, row: ContactMerge) -> None:
    """Take from the kept one what it has by this merge; what was changed since stays."""
    before, made = row.was["kept"], row.was["made"]
    for name in _ALL:
        if getattr(kept, name) == made[name]:
            setattr(kept, name, before[name])
    joined_lists = [UUID(each) for each in row.was["joined"]]
    work.session.execute(
        delete(ListMember).where(
            ListMember.contact_id == kept.id, ListMember.list_id.in_(joined_lists)
        )
    )


def _still_there(work: Work, lists: list[str]) -> list[UUID]:
    wanted = select(ContactList.id).where(ContactList.id.in_([UUID(each) for each in lists]))
    return list(work.session.scalars(wanted))


def keep_apart(work: Work, one_id: int, two_id: int) -> UUID:
    """Say that two contacts are two people, so that they are not offered again; twice is once."""
    owner = partner_of(work)
    _both(work, one_id, two_id)
    values = {"partner_id": owner, "kept_id": min(one_id, two_id), "other_id": max(one_id, two_id)}
    statement = insert(ContactMerge).values(
        **values, made_by=work.principal.user_id, at=work.now
    )  # fmt: skip
    said = statement.on_conflict_do_update(
        constraint="contact_merge_pair", set_={"at": statement.excluded.at}
    )
    return work.session.scalars(said.returning(ContactMerge.id)).one()


def note_moved(row: ContactMerge, **moved: list[Any]) -> None:
    """Keep what other features moved to the kept contact, so that undo can move it back."""
    row.was = row.was | {"moved": moved}
