"""A vendor's programme as it is kept and changed, and the level of each partner, counted from rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.guidance.levels import Held, held, lowered_at
from tcma.guidance.models import PartnerProgramme
from tcma.guidance.programme import (
    DEFAULT,
    YEAR_DAYS,
    Counts,
    Level,
    Programme,
    Standing,
    as_document,
    faults,
    from_document,
    standing_of,
)
from tcma.launches.models import Launch
from tcma.leads.models import Lead
from tcma.leads.rules import LeadState
from tcma.partners.models import Enrolment, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission, Principal

EVER = datetime(1970, 1, 1, tzinfo=UTC)
ON_BOARD = (EnrolmentState.INVITED, EnrolmentState.ACTIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptProgramme:
    """A programme and who changed it last; nobody has while it is the default."""

    programme: Programme
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStanding:
    """A partner's standing with one vendor."""

    vendor_id: UUID
    partner_id: UUID
    vendor: str
    standing: Standing
    gives: Mapping[Level, tuple[str, ...]] = field(default_factory=dict)
    held: Held | None = None


def programme_of(session: Session, vendor_id: UUID) -> KeptProgramme:
    """Return a vendor's programme, the default where it has not written its own."""
    row = session.get(PartnerProgramme, vendor_id)
    if row is None:
        return KeptProgramme(programme=DEFAULT)
    return KeptProgramme(
        programme=from_document(row.document), changed_by=row.changed_by, changed_at=row.changed_at
    )


def programmes_of(session: Session, vendor_ids: Collection[UUID]) -> Mapping[UUID, Programme]:
    """Return the programmes of several vendors."""
    rows = session.scalars(
        select(PartnerProgramme).where(PartnerProgramme.vendor_id.in_(vendor_ids))
    )
    kept = {row.vendor_id: from_document(row.document) for row in rows}
    return {vendor_id: kept.get(vendor_id, DEFAULT) for vendor_id in vendor_ids}


def save_programme(work: Work, programme: Programme) -> None:
    """Change the own programme; the same again changes nothing. Invalid by field for wrong numbers."""
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    wrong = dict(faults(programme))
    if wrong:
        raise Invalid("Some numbers cannot be.", code="guidance.programme", fields=wrong)
    if programme == programme_of(work.session, vendor_id).programme:
        return
    values = {
        "document": as_document(programme),
        "changed_by": work.principal.name,
        "changed_at": work.now,
    }
    work.session.execute(
        upsert(PartnerProgramme)
        .values(vendor_id=vendor_id, **values)
        .on_conflict_do_update(index_elements=[PartnerProgramme.vendor_id], set_=values)
    )
    work.audit(
        "changed the programme", "vendor", vendor_id, vendor_id=vendor_id,
        programme=as_document(programme),
    )  # fmt: skip


def standings(
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    partner_ids: Sequence[UUID] | None = None,
) -> list[PairStanding]:
    """Return the standing of the principal's pairs that are on board, oldest first.

    What was before somebody lowered a level counts no more: it is earned anew.
    """
    anew = func.coalesce(lowered_at().scalar_subquery(), EVER)
    since = func.greatest(now - timedelta(days=YEAR_DAYS), anew)
    started = func.count(Launch.id).filter(Launch.started_at >= since)
    launches = select(started).where(_of_pair(Launch)).correlate(Enrolment).scalar_subquery()
    ever = select(func.count(Launch.id)).where(_of_pair(Launch), Launch.started_at >= anew)
    taken = select(func.count(Lead.id)).where(_of_pair(Lead), Lead.accepted_at >= since)
    won = taken.where(Lead.state == LeadState.WON)
    wanted = (
        select(
            Enrolment.vendor_id, Enrolment.partner_id, Vendor.name,
            launches.label("launches"), ever.scalar_subquery().label("ever"),
            taken.scalar_subquery().label("leads"), won.scalar_subquery().label("won"),
        )
        .join(Vendor, Vendor.id == Enrolment.vendor_id)
        .where(Enrolment.state.in_(ON_BOARD))
        .order_by(Enrolment.joined_at, Enrolment.partner_id)
    )  # fmt: skip
    wanted = visible(wanted, principal, Enrolment)
    if partner_ids is not None:
        wanted = wanted.where(Enrolment.partner_id.in_(partner_ids))
    rows = session.execute(wanted).all()
    programmes = programmes_of(session, {row.vendor_id for row in rows})
    holds = held(session, {row.partner_id for row in rows})
    return [
        PairStanding(
            vendor_id=row.vendor_id,
            partner_id=row.partner_id,
            vendor=row.name,
            standing=standing_of(
                Counts(row.launches, row.leads, row.won),
                ever_launched=row.ever > 0,
                programme=programmes[row.vendor_id],
                held=level_of(holds.get((row.vendor_id, row.partner_id))),
            ),
            gives=programmes[row.vendor_id].gives,
            held=holds.get((row.vendor_id, row.partner_id)),
        )
        for row in rows
    ]


def level_of(now: Held | None) -> Level:
    """Return the level that somebody holds, the lowest where there is none."""
    return now.level if now else Level.NEW


def _of_pair(table: type[Launch | Lead]) -> ColumnElement[bool]:
    return and_(table.partner_id == Enrolment.partner_id, table.vendor_id == Enrolment.vendor_id)
