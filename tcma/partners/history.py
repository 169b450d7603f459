"""What was changed of a partner's standing or a vendor's own facts: by whom, when, from what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.audit import AuditEntry
from tcma.db.scope import visible
from tcma.db.work import Work
from tcma.permissions import Principal

CHANGED = "changed"
LONGEST = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One saving: each changed fact as (name, before, after); none for events without facts."""

    at: datetime
    actor: str
    verb: str
    facts: tuple[tuple[str, str, str], ...]


def record(  # noqa: PLR0913 - whose, and both sides of the change
    work: Work,
    subject: str,
    subject_id: UUID,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    vendor_id: UUID | None = None,
) -> bool:
    """Write down what differs; False, and no entry, when nothing does."""
    names = [name for name in after if before.get(name) != after[name]]
    if not names:
        return False
    work.audit(
        CHANGED,
        subject,
        subject_id,
        vendor_id=vendor_id,
        partner_id=subject_id if subject == "partner" else None,
        before={name: before.get(name) for name in names},
        after={name: after[name] for name in names},
    )
    return True


def changes(
    session: Session, principal: Principal, subject: str, subject_id: UUID
) -> tuple[Change, ...]:
    """Return what this principal may see of an object's changes, newest first.

    What one person changed at one instant is one change.
    """
    rows = session.scalars(
        visible(
            select(AuditEntry)
            .where(AuditEntry.subject == subject, AuditEntry.subject_id == str(subject_id))
            .order_by(AuditEntry.id.desc())
            .limit(LONGEST),
            principal,
            AuditEntry,
        )
    )
    found: list[Change] = []
    for row in rows:
        facts = _facts(row.detail)
        if not facts and row.verb == CHANGED:
            continue
        last = found[-1] if found else None
        if last and (last.at, last.actor, last.verb) == (row.at, row.actor_name, row.verb):
            found[-1] = Change(last.at, last.actor, last.verb, (*facts, *last.facts))
        else:
            found.append(Change(row.at, row.actor_name, row.verb, facts))
    return tuple(found)


def _facts(detail: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    before, after = detail.get("before", {}), detail.get("after", {})
    return tuple((name, _said(before.get(name)), _said(after[name])) for name in after)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)
