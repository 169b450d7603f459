"""Levels as partners hold them: the newest row of a pair, and from when a level somebody lowered is earned anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.guidance.models import PartnerLevel
from tcma.guidance.programme import Counts, How, Level
from tcma.partners.models import Enrolment
from tcma.permissions import Principal

Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A level of a pair: how it came, what the partner had then, and why and by whom where a person did it."""

    level: Level
    how: How
    has: Counts
    why: str
    by: str
    at: datetime


def held(session: Session, partner_ids: Collection[UUID]) -> dict[Pair, Held]:
    """Return the level that each pair of these partners holds; nothing for who never reached one."""
    newest = (
        select(PartnerLevel)
        .ext(distinct_on(PartnerLevel.vendor_id, PartnerLevel.partner_id))
        .where(PartnerLevel.partner_id.in_(partner_ids))
        .order_by(
            PartnerLevel.vendor_id,
            PartnerLevel.partner_id,
            PartnerLevel.at.desc(),
            PartnerLevel.id.desc(),
        )
    )
    return {(row.vendor_id, row.partner_id): _held(row) for row in session.scalars(newest)}


def lowered_at() -> Select[datetime]:
    """Select when somebody lowered the level of the pair of `Enrolment`: what was before counts no more."""
    return (
        select(func.max(PartnerLevel.at))
        .where(
            PartnerLevel.vendor_id == Enrolment.vendor_id,
            PartnerLevel.partner_id == Enrolment.partner_id,
            PartnerLevel.how == How.PERSON,
        )
        .correlate(Enrolment)
    )


def history(session: Session, principal: Principal, partner_id: UUID) -> list[Held]:
    """Return the levels of a partner with the principal's vendor, newest first."""
    rows = select(PartnerLevel).where(
        PartnerLevel.partner_id == partner_id, PartnerLevel.how != How.START
    )
    newest = visible(rows, principal, PartnerLevel).order_by(
        PartnerLevel.at.desc(), PartnerLevel.id.desc()
    )
    return [_held(row) for row in session.scalars(newest.limit(50))]


def _held(row: PartnerLevel) -> Held:
    return Held(
        level=Level(row.level),
        how=How(row.how),
        has=Counts(**row.has),
        why=row.why,
        by=row.by_name,
        at=row.at,
    )
