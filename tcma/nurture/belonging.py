"""What people of journeys belong to: their tags, their partner's segments, who has their lead and works on it.

Looked up only for journeys that ask for it: most runs are decided without.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.accounts.models import UserAccount
from tcma.contacts.conditions import condition_of
from tcma.contacts.models import Contact, Segment
from tcma.contacts.segments import compiled, fields_of
from tcma.errors import Invalid
from tcma.journeys.document import BELONGING, Journey
from tcma.journeys.people import Person
from tcma.leads.models import Lead
from tcma.partners.models import Partner

Walker = tuple[Any, Journey, Person]
"""A row with `contact_id`, `lead_id` and `partner_id`, the journey it is in or enters, and who it is of."""


def belonging(session: Session, walkers: Sequence[Walker]) -> list[Person]:
    """Return the people with what their journeys ask of them besides their own facts."""
    journeys = {id(journey): journey for _, journey, _ in walkers}  # a batch has few
    asked = {key for key, each in journeys.items() if any(map(each.asks_who, BELONGING))}
    asking = [each for each in walkers if id(each[1]) in asked]
    if not asking:
        return [person for _, _, person in walkers]
    tags, held, within = _tags(session, asking), _held(session, asking), _segments(session, asking)
    return [
        replace(
            person,
            tags=tags.get(row.contact_id, frozenset()),
            segments=frozenset(within.get((row.partner_id, row.contact_id), ())),
            holder=held.get(row.lead_id, ("", ""))[0],
            owner=held.get(row.lead_id, ("", ""))[1],
        )
        for row, _, person in walkers
    ]


def _tags(session: Session, asking: Sequence[Walker]) -> dict[int, frozenset[str]]:
    ids = {row.contact_id for row, journey, _ in asking if journey.asks_who("tag")}
    rows = session.execute(select(Contact.id, Contact.tags).where(Contact.id.in_(ids)))
    return {row.id: frozenset(row.tags) for row in rows}


def _held(session: Session, asking: Sequence[Walker]) -> dict[UUID, tuple[str, str]]:
    """Who has each lead: the short name of the partner, the mail address of the person."""
    ids = {
        row.lead_id
        for row, journey, _ in asking
        if row.lead_id and (journey.asks_who("holder") or journey.asks_who("owner"))
    }
    rows = session.execute(
        select(Lead.id, Partner.slug, UserAccount.email)
        .outerjoin(Partner, Partner.id == Lead.partner_id)
        .outerjoin(UserAccount, UserAccount.id == Lead.person_id)
        .where(Lead.id.in_(ids))
    )
    return {row.id: (row.slug or "", row.email or "") for row in rows}


def _segments(session: Session, asking: Sequence[Walker]) -> dict[tuple[UUID, int], set[str]]:
    """Which segments of their partner, among those that are asked for, people are in now."""
    wanted: dict[UUID, tuple[set[str], set[int]]] = {}
    for row, journey, _ in asking:
        names = {name.casefold() for when in journey.conditions for name in when.segment}
        if names:
            known = wanted.setdefault(row.partner_id, (set(), set()))
            known[0].update(names)
            known[1].add(row.contact_id)
    found: dict[tuple[UUID, int], set[str]] = {}
    for partner_id, (names, contacts) in wanted.items():
        for name, members in _members(session, partner_id, names, contacts).items():
            for contact_id in members:
                found.setdefault((partner_id, contact_id), set()).add(name)
    return found


def _members(
    session: Session, partner_id: UUID, names: set[str], contacts: set[int]
) -> Mapping[str, Sequence[int]]:
    """Who of these contacts is in each segment; one that asks for a field that is gone has nobody."""
    rows = session.scalars(
        select(Segment).where(
            Segment.partner_id == partner_id,
            func.lower(Segment.name).in_(names),
            Segment.deleted_at.is_(None),
        )
    ).all()
    fields = fields_of(session, partner_id) if rows else []
    found: dict[str, Sequence[int]] = {}
    for row in rows:
        try:
            condition = compiled(condition_of(row.condition), fields)
        except Invalid:
            continue
        here = select(Contact.id).where(Contact.partner_id == partner_id, Contact.id.in_(contacts))
        found[row.name] = session.scalars(here.where(condition)).all()
    return found
