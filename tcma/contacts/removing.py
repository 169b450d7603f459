"""Segments deleted and brought back, and own fields removed: their values go in portions, for good.

What uses them is asked above (`tcma.uses`); here it is only done.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import chain, count
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from tcma.contacts.actions import partner_of, take_turns
from tcma.contacts.models import Contact, CustomField, Segment
from tcma.db.counting import changed
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.jobs import Job

PORTION = 5_000
Open = Callable[[], AbstractContextManager[Work]]

_WITHOUT = "UPDATE contact SET fields = fields - CAST(:key AS text) WHERE id = ANY(:ids)"
_NOT_BROUGHT_BACK = (
    """
    UPDATE contact_import_change o SET was = o.was #- ARRAY['fields', :key]
    FROM contact_import i WHERE i.partner_id = :partner AND o.import_id = i.id
      AND o.was->'fields' ? :key
    """,
    """
    UPDATE contact_merge SET was = was #- ARRAY['kept', 'fields', :key]
      #- ARRAY['other', 'fields', :key] #- ARRAY['made', 'fields', :key]
    WHERE partner_id = :partner AND was <> '{}'
    """,
)


def delete_segment(work: Work, segment_id: UUID) -> str:
    """Take a segment away and return its name; its people stay, and `restore_segment` brings it back."""
    partner_of(work)
    row = _own_segment(work, segment_id)
    row.deleted_at = row.deleted_at or work.now
    work.audit("deleted", "segment", segment_id, partner_id=row.partner_id)
    return row.name


def restore_segment(work: Work, segment_id: UUID) -> None:
    """Bring a deleted segment back; a name in use by now gets a number."""
    owner = partner_of(work)
    row = _own_segment(work, segment_id)
    if row.deleted_at is None:
        return
    names = select(Segment.name).where(Segment.partner_id == owner, Segment.deleted_at.is_(None))
    taken = set(work.session.scalars(names))
    numbered = chain((row.name,), (f"{row.name} ({n})" for n in count(2)))
    row.name, row.deleted_at = next(n for n in numbered if n not in taken), None
    work.audit("restored", "segment", segment_id, partner_id=owner)


def _own_segment(work: Work, segment_id: UUID) -> Segment:
    wanted = visible(select(Segment).where(Segment.id == segment_id), work.principal, Segment)
    row: Segment | None = work.session.scalars(wanted.with_for_update()).one_or_none()
    return found(row)


def people_with(work: Work, key: str) -> int:
    """Return how many of one's own people have a value in a field."""
    owner = partner_of(work)
    return work.session.scalar(select(func.count()).where(*_having(owner, key))) or 0


def remove_field(work: Work, key: str) -> None:
    """Remove an own field: at once from everything people see, its values by a worker. Twice is once."""
    owner = partner_of(work)
    row = found(work.session.get(CustomField, (owner, key), with_for_update=True))
    if row.removed_at is None:
        row.removed_at = work.now
        work.wake(Job.CONTACTS_FIELD, partner_id=owner, key=key)
        work.audit("removed", "custom_field", key, partner_id=owner, label=row.label)


def due_removals(work: Work) -> list[tuple[UUID, str]]:
    """Return the partner and key of each removed field whose values are not all gone."""
    wanted = select(CustomField.partner_id, CustomField.key).where(
        CustomField.removed_at.is_not(None)
    )
    rows = work.session.execute(wanted.order_by(CustomField.removed_at))
    return [(row.partner_id, row.key) for row in rows]


def run_removal(
    open_work: Open, partner_id: UUID, key: str, *, stopping: Callable[[], bool] = bool
) -> None:
    """Delete the values of a removed field portion by portion, then its row; safe to run twice."""
    after: int | None = 0
    while after is not None and not stopping():
        with open_work() as work:
            after = _portion(work, partner_id, key, after)


def _portion(work: Work, partner_id: UUID, key: str, after: int) -> int | None:
    """Delete the values of some people; return the last of them, None when the field is gone."""
    row = work.session.get(CustomField, (partner_id, key), with_for_update={"skip_locked": True})
    if row is None or row.removed_at is None:
        return None
    take_turns(work, partner_id)
    ids = work.session.scalars(
        select(Contact.id)
        .where(*_having(partner_id, key), Contact.id > after)
        .order_by(Contact.id)
        .limit(PORTION)
    ).all()
    scope: dict[str, Any] = {"partner": partner_id, "key": key}
    if ids:
        changed(work.session, text(_WITHOUT), scope | {"ids": ids})
        return ids[-1]
    for statement in _NOT_BROUGHT_BACK:
        changed(work.session, text(statement), scope)
    work.session.delete(row)
    work.audit("emptied", "custom_field", key, partner_id=partner_id)
    return None


def _having(partner_id: UUID, key: str) -> tuple[Any, ...]:
    return (
        Contact.partner_id == partner_id,
        Contact.address != "",
        Contact.fields.has_key(key),
    )
