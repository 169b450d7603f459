"""Lists, people, imports and the stop list as their partner may see them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from tcma.contacts.list_queries import in_force
from tcma.contacts.models import (
    Contact,
    ContactImport,
    ContactList,
    CustomField,
    ListMember,
    Suppression,
)
from tcma.contacts.rules import SuppressionReason, storable
from tcma.db.pages import Page, page_of
from tcma.db.scope import found, visible
from tcma.permissions import Principal

_SOFT = SuppressionReason.SOFT_BOUNCES.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A person as lists show one; `stop` is the reason that mail is held back, empty when none."""

    id: int
    address: str
    first_name: str
    last_name: str
    company: str
    country: str
    stop: str
    created_at: datetime

    @property
    def name(self) -> str:
        """First and last name, else the address."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """One person with everything known."""

    row: ContactRow
    phone: str
    language: str
    fields: dict[str, str]
    tags: tuple[str, ...]
    lists: tuple[tuple[UUID, str], ...]
    is_erased: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """An import with its preview or its counts; see `contacts.imports` for `preview`."""

    id: UUID
    file_name: str
    state: str
    encoding: str
    delimiter: str
    mapping: dict[str, int]
    preview: dict[str, Any]
    rows_n: int
    added_n: int
    known_n: int
    stopped_n: int
    refused_n: int
    list_id: UUID | None
    report_id: UUID | None
    error: str
    made_at: datetime
    finished_at: datetime | None

    @property
    def done_n(self) -> int:
        """Rows that have been dealt with so far."""
        return self.added_n + self.known_n + self.stopped_n + self.refused_n


@dataclass(frozen=True, slots=True, kw_only=True)
class StopView:
    """An entry of the stop list; the address is known only when a contact has it."""

    id: int
    address: str
    reason: str
    at: datetime
    is_own: bool


def _stop_word(partner_id: Any, now: datetime) -> Any:
    return (
        select(Suppression.reason)
        .where(Suppression.address_hash == Contact.address_hash, in_force(partner_id, now))
        .order_by(Suppression.reason == _SOFT, Suppression.id)
        .limit(1)
        .correlate(Contact)
        .scalar_subquery()
    )


def _row(row: Any) -> ContactRow:
    return ContactRow(
        id=row.id,
        address=row.address,
        first_name=row.first_name,
        last_name=row.last_name,
        company=row.company,
        country=row.country,
        stop=row.stop or "",
        created_at=row.created_at,
    )


def _rows(now: datetime) -> Any:
    return select(
        Contact.id,
        Contact.address,
        Contact.first_name,
        Contact.last_name,
        Contact.company,
        Contact.country,
        Contact.created_at,
        _stop_word(Contact.partner_id, now).label("stop"),
    )


def contacts(  # noqa: PLR0913 - the page's filters
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    search: str = "",
    among: Any = None,
    after: str | None = None,
) -> Page[ContactRow]:
    """Return a partner's people, newest first. `search` is the beginning of address or names;
    `among` selects the numbers of those who are meant (`segments.audience_people`).
    """
    wanted = _rows(now).where(Contact.address != "")
    if among is not None:
        wanted = wanted.where(Contact.id.in_(among))
    if search.strip():
        columns = (Contact.address, Contact.first_name, Contact.last_name, Contact.company)
        wanted = wanted.where(
            or_(
                *(
                    func.lower(each).startswith(begins, autoescape=True)
                    for each in columns
                    for begins in _spellings(storable(search.strip()))
                )
            )
        )
    if principal.vendor_id:
        return Page([], None)
    page = page_of(session, visible(wanted, principal, Contact), [Contact.id], after=after)
    return Page([_row(r) for r in page.rows], page.next)


def every_contact(
    session: Session, principal: Principal, *, now: datetime, among: Any = None
) -> Iterator[tuple[str, ...]]:
    """Yield everybody, or those `among` them, as a row of words, the header first.

    Each field that the partner made is a column under its name, so that the file can be brought in
    again. Memory stays bounded.
    """
    made = select(CustomField.key, CustomField.label, CustomField.removed_at)
    every = session.execute(visible(made.order_by(CustomField.label), principal, CustomField)).all()
    own = [one for one in every if one.removed_at is None]
    yield ("Address", "First name", "Last name", "Company", "Country", "Language", "Phone", "Tags",
           *(one.label for one in own), "Other fields", "Known since", "Not mailed because")  # fmt: skip
    c = Contact
    wanted = select(
        c.address, c.first_name, c.last_name, c.company, c.country, c.language, c.phone,
        func.array_to_string(c.tags, ", "), c.fields, c.created_at,
        _stop_word(c.partner_id, now),
    ).where(c.address != "").order_by(c.id)  # fmt: skip
    if among is not None:
        wanted = wanted.where(c.id.in_(among))
    if principal.partner_id is None:
        return
    rows = session.execute(visible(wanted, principal, Contact).execution_options(yield_per=2_000))
    keys, known = [one.key for one in own], {one.key for one in every}
    for row in rows:
        fields = row[8]
        others = "; ".join(f"{key}: {value}" for key, value in fields.items() if key not in known)
        mine = (str(fields.get(key, "")) for key in keys)
        yield (*row[:8], *mine, others, row[9].date().isoformat(), row[10] or "")


def _spellings(text: str) -> set[str]:
    """Return a beginning as `lower()` leaves it where the database's locale knows only ASCII."""
    forms = (text, text.lower(), text.upper(), text.title())
    return {"".join(c.lower() if c.isascii() else c for c in form) for form in forms}


def contact(
    session: Session, principal: Principal, contact_id: int, *, now: datetime
) -> ContactView:
    """Return one person; NotFound for other partners' and for every vendor."""
    return found(contacts_of(session, principal, [contact_id], now=now).get(contact_id))


def contacts_of(
    session: Session, principal: Principal, numbers: Collection[int], *, now: datetime
) -> dict[int, ContactView]:
    """Return those of these people that are the principal's, none for a vendor."""
    if principal.vendor_id:
        return {}
    wanted = (
        _rows(now)
        .add_columns(Contact.phone, Contact.language, Contact.fields, Contact.tags)
        .where(Contact.id.in_(numbers))
    )
    named = (
        select(ListMember.contact_id, ContactList.id, ContactList.name)
        .join(ContactList, ListMember.list_id == ContactList.id)
        .where(ListMember.contact_id.in_(numbers), ContactList.deleted_at.is_(None))
        .order_by(ContactList.name)
    )
    lists: dict[int, list[tuple[UUID, str]]] = defaultdict(list)
    for row in session.execute(named):
        lists[row.contact_id].append((row.id, row.name))
    return {
        row.id: ContactView(
            row=_row(row),
            phone=row.phone,
            language=row.language,
            fields=dict(row.fields),
            tags=tuple(row.tags),
            lists=tuple(lists[row.id]),
            is_erased=not row.address,
        )
        for row in session.execute(visible(wanted, principal, Contact))
    }


def tokens_of(person: ContactView) -> dict[str, str]:
    """Return the recipient tokens of a person, for a preview; empty ones fall back."""
    known: Mapping[str, str] = {
        "first_name": person.row.first_name,
        "last_name": person.row.last_name,
        "company": person.row.company,
        **person.fields,
    }
    return {name: value for name, value in known.items() if value}


def some_contacts(
    session: Session, principal: Principal, *, now: datetime, most: int = 8
) -> list[ContactRow]:
    """Return a few people to preview with: the newest who have a name."""
    wanted = _rows(now).where(Contact.address != "", Contact.first_name != "")
    mine = visible(wanted, principal, Contact).order_by(Contact.id.desc()).limit(most)
    return [_row(r) for r in session.execute(mine)] if principal.partner_id else []


def _import(row: ContactImport) -> ImportView:
    return ImportView(
        id=row.id,
        file_name=row.file_name,
        state=row.state,
        encoding=row.encoding,
        delimiter=row.delimiter,
        mapping=dict(row.mapping),
        preview=dict(row.preview),
        rows_n=row.rows_n,
        added_n=row.added_n,
        known_n=row.known_n,
        stopped_n=row.stopped_n,
        refused_n=row.refused_n,
        list_id=row.list_id,
        report_id=row.report_id,
        error=row.error,
        made_at=row.made_at,
        finished_at=row.finished_at,
    )


def import_view(session: Session, principal: Principal, import_id: UUID) -> ImportView:
    """Return one import; NotFound for others'."""
    wanted = select(ContactImport).where(ContactImport.id == import_id)
    row = session.scalars(visible(wanted, principal, ContactImport)).one_or_none()
    return _import(found(row))


def imports(session: Session, principal: Principal, *, now: datetime) -> list[ImportView]:
    """Return the imports of the last 30 days, newest first: the time in which undo is offered."""
    wanted = select(ContactImport).where(ContactImport.made_at > now - timedelta(days=30))
    mine = visible(wanted, principal, ContactImport).order_by(ContactImport.id.desc())
    return [_import(row) for row in session.scalars(mine)]


def stop_list(
    session: Session,
    principal: Principal,
    *,
    search_hash: bytes | None = None,
    after: str | None = None,
) -> Page[StopView]:
    """Return who must not be mailed by this partner, newest first.

    Search is by exact address (`rules.address_hash`): addresses themselves are not kept here.
    """
    wanted = (
        select(Suppression, Contact.address.label("address"))
        .outerjoin(
            Contact,
            and_(
                Contact.address_hash == Suppression.address_hash,
                Contact.partner_id == Suppression.partner_id,
            ),
        )
        .where(Suppression.partner_id == principal.partner_id)
    )
    if search_hash is not None:
        wanted = wanted.where(Suppression.address_hash == search_hash)
    page = page_of(session, wanted, [Suppression.id], after=after)
    manual = SuppressionReason.MANUAL.name.lower()
    rows = [
        StopView(
            id=r[0].id,
            address=r.address or "",
            reason=r[0].reason,
            at=r[0].at,
            is_own=r[0].reason == manual,
        )
        for r in page.rows
    ]
    return Page(rows, page.next)
