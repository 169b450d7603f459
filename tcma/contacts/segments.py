"""Segments: a condition compiled to SQL, counted while it is typed, kept by name; custom fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Numeric,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.util import ClauseAdapter

from tcma.contacts.actions import partner_of
from tcma.contacts.conditions import (
    CUSTOM_KINDS,
    STANDARD,
    Condition,
    Field,
    Kind,
    Op,
    Row,
    checked,
    condition_of,
    in_words,
)
from tcma.contacts.models import Contact, ContactList, CustomField, ListMember, Segment
from tcma.contacts.rules import one_line
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.permissions import Principal
from tcma.words import say

MOST_FIELDS = 50
PATIENCE_MS = 90
"""How long an exact count may take while somebody types; after that it is estimated."""
_COLUMNS = {
    "country": Contact.country, "language": Contact.language, "company": Contact.company,
    "first_name": Contact.first_name, "last_name": Contact.last_name, "phone": Contact.phone,
}  # fmt: skip


# ── fields ───────────────────────────────────────────────────────────────────────────────────


def custom_fields(session: Session, partner_id: UUID) -> list[Field]:
    """Return the fields a partner made itself, by label."""
    rows = session.scalars(
        select(CustomField)
        .where(CustomField.partner_id == partner_id, CustomField.removed_at.is_(None))
        .order_by(CustomField.label)
    )
    return [
        Field(row.key, row.label, Kind(row.kind), tuple((c, c) for c in row.choices))
        for row in rows
    ]


def fields_of(session: Session, partner_id: UUID) -> list[Field]:
    """Return everything a condition of this partner can ask about."""
    lists = session.execute(
        select(ContactList.id, ContactList.name)
        .where(ContactList.partner_id == partner_id, ContactList.deleted_at.is_(None))
        .order_by(ContactList.name)
    ).all()
    named = tuple((str(row.id), row.name) for row in lists)
    in_list = [Field("list", say("List"), Kind.LIST, named)] if named else []
    return [*STANDARD, *in_list, *custom_fields(session, partner_id)]


_NAME_TAKEN = say("Give it a name that no other field has.")


def rename_field(work: Work, key: str, label: str) -> None:
    """Call a field of one's own otherwise; what stands in it stays. Invalid for a name in use."""
    owner = partner_of(work)
    row = found(work.session.get(CustomField, (owner, key)))
    found(None if row.removed_at else row)
    label = one_line(label)[:60]
    others = [f for f in custom_fields(work.session, owner) if f.key != key]
    if not label or label.casefold() in {f.label.casefold() for f in (*STANDARD, *others)}:
        raise Invalid(_NAME_TAKEN, code="field.name", fields={"label": _NAME_TAKEN})
    work.audit("renamed", "custom_field", key, partner_id=owner, was=row.label, label=label)
    row.label = label


def add_field(work: Work, label: str, kind: Kind, *, choices: Sequence[str] = ()) -> str:
    """Make a field; return its key. Invalid for a name in use, Conflict above fifty."""
    owner = partner_of(work)
    label = one_line(label)[:60]
    known = custom_fields(work.session, owner)
    options = list(dict.fromkeys(one_line(c)[:60] for c in choices if c.strip()))
    problems = {}
    if not label or label.casefold() in {f.label.casefold() for f in (*STANDARD, *known)}:
        problems["label"] = _NAME_TAKEN
    if kind not in CUSTOM_KINDS or (kind is Kind.CHOICE and len(options) < 2):
        problems["choices"] = say("Write at least two choices, one a line.")
    if problems:
        raise Invalid(next(iter(problems.values())), code="field.new", fields=problems)
    if len(known) >= MOST_FIELDS:
        raise Conflict(
            say("{most_fields} fields are the limit.", most_fields=MOST_FIELDS), code="field.many"
        )
    stem = "".join(c if c.isascii() and c.isalnum() else "_" for c in label.lower())[:40]
    keys = select(CustomField.key).where(CustomField.partner_id == owner)
    taken = set(work.session.scalars(keys))  # also of those whose values are not all gone
    key = next(k for k in (f"x_{stem}", *(f"x_{stem}_{n}" for n in range(2, 99))) if k not in taken)
    work.session.add(
        CustomField(partner_id=owner, key=key, label=label, kind=kind,
                    choices=options if kind is Kind.CHOICE else [])
    )  # fmt: skip
    work.audit("made", "custom_field", key, partner_id=owner, kind=kind)
    return key


# ── conditions as SQL ────────────────────────────────────────────────────────────────────────


def compiled(condition: Condition, fields: Sequence[Field]) -> ColumnElement[bool]:
    """Return a condition that was `checked` as SQL on `Contact`; values are bound, never spelt."""
    known = {field.key: field for field in fields}
    parts = [_compiled(row, known[row.field]) for row in condition.rows if row.field in known]
    if len(parts) < len(condition.rows):
        raise Invalid(
            say("A field of this segment is gone."), remedy=say("Open it and choose another.")
        )
    return (and_ if condition.every else or_)(*parts) if parts else literal(False)


def _compiled(row: Row, field: Field) -> ColumnElement[bool]:
    if field.kind is Kind.LIST:
        member = exists().where(
            ListMember.contact_id == Contact.id, ListMember.list_id == UUID(row.value)
        )
        return member if row.op is Op.HAS else not_(member)
    if field.kind is Kind.TAGS:
        return _tags(row)
    if field.key == "created":
        return _moment(Contact.created_at, row)
    value = _column(field)
    if row.op in (Op.EMPTY, Op.FILLED):
        return _is(value == "") if row.op is Op.EMPTY else _is(value != "")
    by_kind = {Kind.NUMBER: _number, Kind.DATE: _day, Kind.BOOLEAN: _yes_or_no}
    return by_kind.get(field.kind, _text)(value, row)


def _is(condition: Any) -> ColumnElement[bool]:
    return cast(condition, Boolean)


def _yes_or_no(value: Any, row: Row) -> ColumnElement[bool]:
    return _is(value == row.op.value)


def _column(field: Field) -> Any:
    if field.key == "domain":
        return func.split_part(Contact.address, "@", -1)
    if field.key in _COLUMNS:
        return _COLUMNS[field.key]
    return func.coalesce(Contact.fields[field.key].astext, "")


def _text(value: Any, row: Row) -> ColumnElement[bool]:
    folded, wanted = func.lower(value), row.value.lower()
    found: dict[Op, Any] = {
        Op.IS: folded == wanted,
        Op.IS_NOT: folded != wanted,
        Op.STARTS: folded.startswith(wanted, autoescape=True),
        Op.CONTAINS: folded.contains(wanted, autoescape=True),
    }
    condition: ColumnElement[bool] = found[row.op]
    return condition


def _tags(row: Row) -> ColumnElement[bool]:
    if row.op in (Op.EMPTY, Op.FILLED):
        none = func.cardinality(Contact.tags) == 0
        return none if row.op is Op.EMPTY else not_(none)
    has = literal(row.value) == func.any(Contact.tags)
    return has if row.op is Op.HAS else not_(has)


def _number(value: Any, row: Row) -> ColumnElement[bool]:
    number = case((value.regexp_match(r"^-?\d{1,18}(\.\d+)?$"), cast(value, Numeric)), else_=None)
    wanted = cast(literal(row.value), Numeric)
    compared = {Op.IS: number == wanted, Op.MORE: number > wanted, Op.LESS: number < wanted}
    return func.coalesce(compared[row.op], False)


def _day(value: Any, row: Row) -> ColumnElement[bool]:
    day = case((value.regexp_match(r"^\d{4}-\d\d-\d\d$"), value), else_=None)
    compared = {Op.IS: day == row.value, Op.AFTER: day > row.value, Op.BEFORE: day < row.value}
    return func.coalesce(compared[row.op], False)


def _moment(column: Any, row: Row) -> ColumnElement[bool]:
    if row.op in (Op.EMPTY, Op.FILLED):
        return literal(row.op is Op.FILLED)
    start = datetime.combine(date.fromisoformat(row.value), time(), UTC)
    end = start + timedelta(days=1)
    compared = {
        Op.IS: and_(column >= start, column < end),
        Op.AFTER: column >= end,
        Op.BEFORE: column < start,
    }
    condition: ColumnElement[bool] = compared[row.op]
    return condition


def people_of(partner_id: UUID, condition: ColumnElement[bool]) -> Any:
    """Select the numbers of a partner's living contacts that a condition meets."""
    return select(Contact.id).where(
        Contact.partner_id == partner_id, Contact.address != "", condition
    )


# ── counting ─────────────────────────────────────────────────────────────────────────────────


PAGE_SIZE, SAMPLED_PAGES = 8192, 200
"""Two hundred pages hold some ten thousand people: enough for a number with two digits that count."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people; `about` when it was estimated because counting took too long."""

    people: int
    about: bool = False


def count_people(
    session: Session, partner_id: UUID, condition: ColumnElement[bool], *, patience_ms: int = 0
) -> Counted:
    """Count exactly; with `patience_ms`, estimate from some pages of the table once it is used up."""
    wanted = people_of(partner_id, condition).with_only_columns(func.count())
    if not patience_ms:
        return Counted(session.scalar(wanted) or 0)
    try:
        with session.begin_nested():
            session.execute(text(f"SET LOCAL statement_timeout = {patience_ms:d}"))
            exact = session.scalar(wanted) or 0
            session.execute(text("SET LOCAL statement_timeout = 0"))
        return Counted(exact)
    except DBAPIError:
        session.execute(text("SET LOCAL statement_timeout = 0"))
    octets = session.scalar(select(func.pg_relation_size("contact"))) or 1
    share = min(100.0, 100.0 * SAMPLED_PAGES * PAGE_SIZE / octets)
    page = Contact.__table__.tablesample(func.system(share), name="page")
    sampled = select(func.count()).select_from(page).where(
        page.c.partner_id == partner_id, ClauseAdapter(page).traverse(condition)
    )  # fmt: skip
    return Counted(round((session.scalar(sampled) or 0) * 100 / share), about=True)


# ── saved segments ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """A saved segment with its condition in words and the last exact count."""

    id: UUID
    name: str
    condition: Condition
    words: str
    counted: int
    counted_at: datetime


def segments(session: Session, principal: Principal) -> list[SegmentView]:
    """Return the partner's segments by name."""
    if principal.partner_id is None:
        return []
    fields = fields_of(session, principal.partner_id)
    wanted = visible(select(Segment), principal, Segment).where(Segment.deleted_at.is_(None))
    rows = session.scalars(wanted.order_by(Segment.name))
    return [_view(row, fields) for row in rows]


def segment(session: Session, principal: Principal, segment_id: UUID) -> SegmentView:
    """Return one segment; NotFound for others' and deleted ones."""
    found(principal.partner_id)
    wanted = visible(_living(segment_id), principal, Segment)
    row: Segment = found(session.scalars(wanted).one_or_none())
    return _view(row, fields_of(session, row.partner_id))


def audience_name(session: Session, principal: Principal, audience_id: UUID) -> str:
    """Return the name of a list or segment that a launch may go to; NotFound for others' and deleted ones."""
    of_list = select(ContactList.name).where(
        ContactList.id == audience_id, ContactList.deleted_at.is_(None)
    )
    of_segment = select(Segment.name).where(Segment.id == audience_id, Segment.deleted_at.is_(None))
    name: str = found(
        session.scalar(visible(of_list, principal, ContactList))
        or session.scalar(visible(of_segment, principal, Segment))
    )
    return name


def audience_people(session: Session, principal: Principal, audience_id: UUID) -> Any:
    """Select the numbers of who is in a list, or meets a segment now; of nobody for others'."""
    owner = found(principal.partner_id)
    wanted = select(Segment.condition).where(
        Segment.id == audience_id, Segment.deleted_at.is_(None)
    )
    kept = session.scalar(visible(wanted, principal, Segment))
    if kept is not None:
        return people_of(owner, compiled(condition_of(kept), fields_of(session, owner)))
    return select(ListMember.contact_id).where(ListMember.list_id == audience_id)


def _living(segment_id: UUID) -> Select[Segment]:
    return select(Segment).where(Segment.id == segment_id, Segment.deleted_at.is_(None))


def _view(row: Segment, fields: Sequence[Field]) -> SegmentView:
    condition = condition_of(row.condition)
    return SegmentView(
        id=row.id, name=row.name, condition=condition, words=in_words(condition, fields),
        counted=row.counted, counted_at=row.counted_at,
    )  # fmt: skip


def save_segment(
    work: Work, name: str, condition: Condition, *, segment_id: UUID | None = None
) -> UUID:
    """Keep a segment, new or changed, and count it. Invalid for its rows, its name or one in use."""
    owner = partner_of(work)
    fields = fields_of(work.session, owner)
    plain = checked(condition, fields)
    name = one_line(name)[:80]
    taken = select(Segment.id).where(
        Segment.partner_id == owner, Segment.name == name, Segment.deleted_at.is_(None)
    )
    other = work.session.scalar(taken)
    if not name or (other and other != segment_id):
        message = say("Give it a name that no other segment has.")
        raise Invalid(message, code="segment.name", fields={"name": message})
    people = count_people(work.session, owner, compiled(plain, fields)).people
    values = {"name": name, "condition": plain.stored(), "counted": people, "counted_at": work.now}
    if segment_id is None:
        made = insert(Segment).values(partner_id=owner, **values).returning(Segment.id)
        segment_id = work.session.scalars(made).one()
    else:
        row = found(
            work.session.scalars(
                visible(_living(segment_id), work.principal, Segment)
            ).one_or_none()
        )
        for key, value in values.items():
            setattr(row, key, value)
    work.audit("kept", "segment", segment_id, partner_id=owner, people=people)
    return segment_id
