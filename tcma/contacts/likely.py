"""Which contacts of a partner look like one person: asked of the rows, nothing is kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tcma.contacts.likeness import Likeness
from tcma.contacts.models import ContactMerge
from tcma.contacts.queries import ContactView, contact
from tcma.db.scope import visible
from tcma.permissions import Principal

MOST_PAIRS = 30
_CROWD = 5
"""A number or name that more people share is a switchboard, not a person."""
_PAIRS = f"""
WITH known AS (
  SELECT id, lower(first_name) AS first, lower(last_name) AS last, lower(company) AS firm,
    right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) AS dial,
    split_part(split_part(lower(address), '@', 1), '+', 1) AS box,
    split_part(lower(address), '@', 2) AS domain
  FROM contact WHERE partner_id = :partner AND address <> ''
), keyed (why, key, id) AS (
  SELECT 'mailbox', box || '@' || domain, id FROM known
  UNION ALL SELECT 'phone', last || dial, id FROM known WHERE last <> '' AND length(dial) > 6
  UNION ALL SELECT 'name', concat_ws('|', first, last, nullif(firm, '')), id FROM known
    WHERE first <> '' AND last <> '' AND firm <> ''
  UNION ALL SELECT 'name', concat_ws('|', first, last, domain), id FROM known
    WHERE first <> '' AND last <> ''
), alike AS (
  SELECT why, array_agg(id ORDER BY id) AS ids FROM keyed
  GROUP BY why, key HAVING count(*) BETWEEN 2 AND {_CROWD}
), pairs AS (
  SELECT DISTINCT ON (a.ids[1], b.id) a.why, a.ids[1] AS one, b.id AS two
  FROM alike a CROSS JOIN LATERAL unnest(a.ids[2:]) AS b (id)
  WHERE CAST(:only AS bigint) IS NULL OR :only = ANY (a.ids)
  ORDER BY a.ids[1], b.id, array_position(ARRAY['mailbox', 'phone', 'name'], a.why)
)
SELECT why, one, two FROM pairs p WHERE NOT EXISTS (
  SELECT FROM contact_merge m WHERE m.partner_id = :partner
    AND m.kept_id IN (p.one, p.two) AND m.other_id IN (p.one, p.two))
ORDER BY array_position(ARRAY['mailbox', 'phone', 'name'], why), two DESC LIMIT :most
"""  # noqa: S608 - a constant of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two contacts that look like one person, the older first, and why."""

    why: Likeness
    one: ContactView
    two: ContactView


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeView:
    """A merge that was made: the address that went, when, and whether it can be taken back."""

    id: UUID
    address: str
    at: datetime
    can_undo: bool


def likely_pairs(
    session: Session, principal: Principal, *, now: datetime, only: int | None = None
) -> list[Pair]:
    """Return at most `MOST_PAIRS` pairs, the surest first; `only` limits them to one contact.

    Pairs that somebody kept apart are not offered again.
    """
    if principal.partner_id is None:
        return []
    asked = {"partner": principal.partner_id, "only": only, "most": MOST_PAIRS}
    return [
        Pair(
            why=Likeness(row.why),
            one=contact(session, principal, row.one, now=now),
            two=contact(session, principal, row.two, now=now),
        )
        for row in session.execute(text(_PAIRS), asked).all()
    ]


def merges_into(session: Session, principal: Principal, contact_id: int) -> list[MergeView]:
    """Return what was merged into a contact, newest first."""
    wanted = select(ContactMerge).where(
        ContactMerge.kept_id == contact_id, ContactMerge.other_hash.is_not(None)
    )
    rows = session.scalars(
        visible(wanted, principal, ContactMerge).order_by(ContactMerge.at.desc())
    )
    return [
        MergeView(
            id=row.id, address=row.was.get("other", {}).get("address", ""), at=row.at,
            can_undo=bool(row.was),
        )
        for row in rows
    ]  # fmt: skip


def kept_of(session: Session, principal: Principal, contact_id: int) -> int | None:
    """Return the contact that a merged one became, None when it was not merged."""
    wanted = select(ContactMerge.kept_id).where(
        ContactMerge.other_id == contact_id, ContactMerge.other_hash.is_not(None)
    )
    return session.scalar(visible(wanted, principal, ContactMerge))


def parts_of(session: Session, contact_id: int) -> list[int]:
    """Return the numbers a person's story stands under: the contact's own and those merged into it."""
    merged = select(ContactMerge.other_id).where(
        ContactMerge.kept_id == contact_id, ContactMerge.other_hash.is_not(None)
    )
    return [contact_id, *session.scalars(merged.order_by(ContactMerge.other_id))]
