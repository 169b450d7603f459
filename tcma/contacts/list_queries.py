"""A partner's lists: what they rest on, how many people they hold and how many can be mailed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from tcma.contacts.consent import CONFIRMED_ONLY, ConsentAct, ConsentKind, Controller
from tcma.contacts.models import (
    ConsentEntry,
    Contact,
    ContactImport,
    ContactList,
    ListMember,
    Suppression,
)
from tcma.contacts.rules import SOFT_REST, ImportState, LawfulBasis, SuppressionReason
from tcma.db.scope import found, visible
from tcma.errors import Conflict
from tcma.permissions import Principal
from tcma.words import say

_SOFT = SuppressionReason.SOFT_BOUNCES.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """A list with how many people it has and how many of them may be mailed now.

    `taken_back` is the import whose undo is just emptying it: until then nothing goes to it.
    """

    id: UUID
    name: str
    basis: LawfulBasis
    source: str
    evidence: str
    controller: Controller
    controller_vendor_id: UUID | None
    since: datetime
    created_at: datetime
    people_n: int
    sendable_n: int
    taken_back: UUID | None = None


def _reachable() -> ColumnElement[bool]:
    plain = func.octet_length(Contact.address) == func.char_length(Contact.address)
    return and_(Contact.address != "", plain)


def in_force(partner_id: Any, now: datetime) -> ColumnElement[bool]:
    """Return the condition on a stop of this partner's marketing mail.

    A stop of any one vendor counts: a list does not know yet for whom it will be used.
    """
    return and_(
        or_(Suppression.partner_id.is_(None), Suppression.partner_id == partner_id),
        or_(Suppression.reason != _SOFT, Suppression.at > now - SOFT_REST),
        Suppression.topic.is_(None),
    )


def lists(
    session: Session, principal: Principal, *, now: datetime, list_id: UUID | None = None
) -> list[ListView]:
    """Return a partner's lists, newest first, with people and sendable people counted."""
    if principal.vendor_id:
        return []
    wanted = visible(select(ContactList), principal, ContactList).where(
        ContactList.deleted_at.is_(None)
    )
    if list_id:
        wanted = wanted.where(ContactList.id == list_id)
    rows = session.scalars(
        wanted.order_by(ContactList.created_at.desc(), ContactList.id.desc())
    ).all()
    counted = _counts(session, rows, now)
    undone = _taken_back(session, rows)
    return [
        replace(_list(row, *counted.get(row.id, (0, 0))), taken_back=undone.get(row.id))
        for row in rows
    ]


def offered_lists(session: Session, principal: Principal, *, now: datetime) -> list[ListView]:
    """Return the lists that an import, a launch or a standing order may go to."""
    return [each for each in lists(session, principal, now=now) if not each.taken_back]


def is_taken_back(*, partner_id: Any = None, list_id: Any = None) -> ColumnElement[bool]:
    """Return the condition that an import of a partner, or into a list, is being undone."""
    moving = exists().where(ContactImport.state == ImportState.UNDOING)
    if list_id is not None:
        moving = moving.where(ContactImport.list_id == list_id)
    return moving if partner_id is None else moving.where(ContactImport.partner_id == partner_id)


def refuse_taken_back(session: Session, list_ids: Collection[UUID]) -> None:
    """Raise Conflict while an import into one of these lists is being undone."""
    moving = select(ContactList.name).where(
        ContactList.id.in_(list_ids), is_taken_back(list_id=ContactList.id)
    )
    name = session.scalar(moving.order_by(ContactList.name).limit(1))
    if name is not None:
        raise Conflict(
            say("An import into the list “{name}” is being undone.", name=name),
            code="contacts.list_taken_back",
            remedy=say("Try again when that has ended: its page says how far it is."),
        )


def _taken_back(session: Session, rows: Sequence[ContactList]) -> dict[UUID | None, UUID]:
    wanted = select(ContactImport.list_id, ContactImport.id).where(
        ContactImport.state == ImportState.UNDOING,
        ContactImport.partner_id.in_({row.partner_id for row in rows}),
    )
    return {list_id: import_id for list_id, import_id in session.execute(wanted)}  # noqa: C416


def _counts(
    session: Session, rows: Sequence[ContactList], now: datetime
) -> dict[UUID, tuple[int, int]]:
    """Return by list (people, those who can be mailed).

    Grouped joins instead of one probe of the stop list and the ledger for each person. Consent
    that has ended in Canada is told by the preflight, which knows the vendor.
    """
    ids = [row.id for row in rows]
    known = {row.id for row in rows if row.basis != LawfulBasis.UNKNOWN}
    people = (
        select(ListMember.list_id, func.count(), func.count().filter(_reachable()))
        .join(Contact, Contact.id == ListMember.contact_id)
        .where(ListMember.list_id.in_(ids))
        .group_by(ListMember.list_id)
    )
    stopped = (
        select(ListMember.list_id, Contact.id.label("contact_id"))
        .join(Contact, Contact.id == ListMember.contact_id)
        .join(Suppression, Suppression.address_hash == Contact.address_hash)
        .where(ListMember.list_id.in_(ids), _reachable(), in_force(Contact.partner_id, now))
    )
    words = _last_words({row.partner_id for row in rows}, now)
    spoken = (
        select(ListMember.list_id, Contact.id.label("contact_id"), words.c.agrees)
        .join(Contact, Contact.id == ListMember.contact_id)
        .join(
            words,
            and_(
                words.c.address_hash == Contact.address_hash,
                words.c.partner_id == Contact.partner_id,
            ),
        )
        .where(ListMember.list_id.in_(ids), _reachable())
        .subquery("spoken")
    )
    against = select(spoken.c.list_id, spoken.c.contact_id).where(~spoken.c.agrees)
    held = _by_list(session, stopped.union(against))
    agreed = _by_list(
        session,
        select(spoken.c.list_id, spoken.c.contact_id).where(spoken.c.agrees).except_(stopped),
    )
    found = {}
    for list_id, all_n, reachable_n in session.execute(people):
        sendable = (
            reachable_n - held.get(list_id, 0) if list_id in known else agreed.get(list_id, 0)
        )
        found[list_id] = (all_n, sendable)
    return found


def _by_list(session: Session, pairs: Any) -> dict[UUID, int]:
    each = pairs.subquery("pairs")
    rows = session.execute(select(each.c.list_id, func.count()).group_by(each.c.list_id))
    return {list_id: n for list_id, n in rows}  # noqa: C416 - rows, not pairs


def _last_words(partner_ids: Collection[UUID], now: datetime) -> Any:
    """Select each person's own last word in the ledgers of some partners, whatever the vendor."""
    c = ConsentEntry
    refuses = or_(
        c.act.in_([ConsentAct.WITHDRAWN, ConsentAct.EXPIRED]),
        func.coalesce(c.expires_at <= now, false()),
    )
    return (
        select(c.partner_id, c.address_hash, (~refuses).label("agrees"))
        .ext(distinct_on(c.partner_id, c.address_hash))
        .where(c.partner_id.in_(partner_ids), c.act != ConsentAct.ASKED, ~waits_in_sql())
        .order_by(c.partner_id, c.address_hash, c.id.desc())
        .subquery("words")
    )


def waits_in_sql() -> ColumnElement[bool]:
    """Return the condition on a line that waits for the owner of the mailbox to confirm it."""
    return and_(
        ConsentEntry.act == ConsentAct.GIVEN,
        ConsentEntry.kind == ConsentKind.EXPRESS,
        ConsentEntry.jurisdiction.in_(sorted(CONFIRMED_ONLY)),
    )


def unconfirmed(partner_id: Any, address_hash: Any) -> ColumnElement[bool]:
    """Return the condition that somebody ticked a partner's form where the law asks for more, and
    has never confirmed it.
    """
    confirmed = aliased(ConsentEntry)
    return and_(
        exists().where(
            ConsentEntry.partner_id == partner_id,
            ConsentEntry.address_hash == address_hash,
            waits_in_sql(),
        ),
        ~exists().where(
            confirmed.partner_id == partner_id,
            confirmed.address_hash == address_hash,
            confirmed.act == ConsentAct.CONFIRMED,
        ),
    )


def _list(row: ContactList, people_n: int, sendable_n: int) -> ListView:
    return ListView(
        id=row.id,
        name=row.name,
        basis=LawfulBasis(row.basis),
        source=row.source,
        evidence=row.evidence,
        controller=Controller(row.controller),
        controller_vendor_id=row.controller_vendor_id,
        since=row.basis_at or row.created_at,
        created_at=row.created_at,
        people_n=people_n,
        sendable_n=sendable_n,
    )


def contact_list(
    session: Session, principal: Principal, list_id: UUID, *, now: datetime
) -> ListView:
    """Return one list; NotFound for others' and deleted ones."""
    return found(next(iter(lists(session, principal, now=now, list_id=list_id)), None))
