"""Columns that were set right once: a file with the same heads is read as the last such file was."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.contacts.models import ContactImport, CustomField
from tcma.contacts.rules import ContactField

KEPT = ("importing", "done")
"""Only what somebody confirmed is remembered; what was undone is not."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Field → column index as the last file with these heads had it, and when that was."""

    mapping: dict[str, int]
    at: datetime


def mark_of(columns: Sequence[str]) -> str:
    """Return the name of a set of heads, in whatever order and case they come."""
    heads = sorted(" ".join(name.casefold().split()) for name in columns)
    return sha256(json.dumps(heads).encode()).hexdigest()[:32]


def remembered(session: Session, partner_id: UUID, columns: Sequence[str]) -> Remembered | None:
    """Return how a partner's last import with the same heads read them, None for new ones."""
    last = session.scalar(
        select(ContactImport)
        .where(
            ContactImport.partner_id == partner_id,
            ContactImport.heads == mark_of(columns),
            ContactImport.state.in_(KEPT),
        )
        .order_by(ContactImport.id.desc())
        .limit(1)
    )
    if last is None:
        return None
    made = select(CustomField.key).where(
        CustomField.partner_id == partner_id, CustomField.removed_at.is_(None)
    )
    known = {*(each.value for each in ContactField), *session.scalars(made)}
    names = _named([str(each["name"]) for each in last.preview.get("columns", ())])
    places = {name: index for index, name in enumerate(_named(columns))}
    return Remembered(_moved(last.mapping, names, places, known), last.made_at)


def _moved(
    mapping: Mapping[str, int],
    names: Sequence[tuple[str, int]],
    places: Mapping[tuple[str, int], int],
    known: set[str],
) -> dict[str, int]:
    return {
        field: places[names[index]]
        for field, index in mapping.items()
        if field in known and index < len(names) and names[index] in places
    }


def _named(columns: Sequence[str]) -> list[tuple[str, int]]:
    """Return each head with how many like it stood before: doubled heads stay apart."""
    seen: Counter[str] = Counter()
    named = []
    for column in columns:
        name = " ".join(column.casefold().split())
        named.append((name, seen[name]))
        seen[name] += 1
    return named
