"""Which contacts of a partner look like one person: asked of the rows, nothing is kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tcma.contacts.likeness import Likeness
from tcma.contacts.models import Contact, ContactMerge
from tcma.contacts.queries import ContactView, contacts_of
from tcma.db.scope import visible
from tcma.permissions import Principal

MOST_PAIRS = 30
MOST_COMPARED = 50_000
"""Who has more contacts sees pairs among so many of the newest: all of a million took 20 s."""
_CROWD = 5
"""A number or name that more people share is a switchboard, not a person."""
_BOX = "split_part(split_part(lower(address), '@', 1), '+', 1)"
_DOMAIN = "split_part(lower(address), '@', 2)"
_KNOWN = f"""
SELECT id, lower(first_name) AS first, lower(last_name) AS last, lower(company) AS firm,
  right(regexp_replace(phone, '[^0-9]', '', 'g'), 9) AS dial, {_BOX} AS box, {_DOMAIN} AS domain
FROM contact WHERE partner_id = :partner AND address <> ''"""  # noqa: S608 - constants of ours
_NEWEST = f"{_KNOWN} ORDER BY id DESC LIMIT :newest"
_AROUND = f"""{_KNOWN} AND (
  lower(last_name) = (SELECT lower(last_name) FROM contact WHERE id = :only AND last_name <> '')
  OR {_BOX} || '@' || {_DOMAIN} = (SELECT {_BOX} || '@' || {_DOMAIN} FROM contact WHERE id = :only))
"""  # noqa: S608 - likewise
_PAIRS = """
WITH known AS ({known}), keyed (why, key, id) AS (
  SELECT 'mailbox', box || '@' || domain, id FROM known
  UNION ALL SELECT 'phone', last || dial, id FROM known WHERE last <> '' AND length(dial) > 6
  UNION ALL SELECT 'name', concat_ws('|', first, last, firm), id FROM known
    WHERE first <> '' AND last <> '' AND firm <> ''
  UNION ALL SELECT 'name', concat_ws('|', first, last, domain), id FROM known
    WHERE first <> '' AND last <> ''
), alike AS (
  SELECT why, array_agg(id ORDER BY id) AS ids FROM keyed
  GROUP BY why, key HAVING count(*) BETWEEN 2 AND {crowd}
), pairs AS (
  SELECT DISTINCT ON (a.ids[1], b.id) a.why, a.ids[1] AS one, b.id AS two
  FROM alike a CROSS JOIN LATERAL unnest(a.ids[2:]) AS b (id)
  WHERE CAST(:only AS bigint) IS NULL OR :only IN (a.ids[1], b.id)
  ORDER BY a.ids[1], b.id, array_position(ARRAY['mailbox', 'phone', 'name'], a.why)
)
SELECT why, one, two FROM pairs p WHERE NOT EXISTS (
  SELECT FROM contact_merge m WHERE m.partner_id = :partner
    AND m.kept_id IN (p.one, p.two) AND m.other_id IN (p.one, p.two))
ORDER BY array_position(ARRAY['mailbox', 'phone', 'name'], why), two DESC LIMIT :most
"""


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
    """Return at most `MOST_PAIRS` pairs, the surest first, among the newest `MOST_COMPARED` contacts.

    `only` compares one contact with all the others instead. Pairs that somebody kept apart are not
    offered again.
    """
    if principal.partner_id is None:
        return []
    asked = {"partner": principal.partner_id, "only": only, "most": MOST_PAIRS}
    if only is None:
        asked["newest"] = MOST_COMPARED
    query = _PAIRS.format(known=_AROUND if only else _NEWEST, crowd=_CROWD)
    rows = session.execute(text(query), asked).all()
    people = contacts_of(
        session, principal, {each for row in rows for each in (row.one, row.two)}, now=now
    )
    return [Pair(why=Likeness(row.why), one=people[row.one], two=people[row.two]) for row in rows]


def compares_all(session: Session, principal: Principal) -> bool:
    """Say whether `likely_pairs` looks at every contact of a partner."""
    beyond = select(Contact.id).where(
        Contact.partner_id == principal.partner_id, Contact.address != ""
    )
    return session.scalar(beyond.offset(MOST_COMPARED).limit(1)) is None


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
