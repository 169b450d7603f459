"""How far partners are with their first steps, read from the rows that each step leaves behind."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, tuple_
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.db.scope import visible
from tcma.guidance.models import StepNudge, StepWaiver
from tcma.guidance.programmes import ON_BOARD, programmes_of
from tcma.guidance.rules import Progress, Step, progress_of
from tcma.launches.models import Launch
from tcma.launches.rules import LaunchState
from tcma.mdf.models.funding import Claim, FundAllocation
from tcma.mdf.rules import UNFILED_CLAIM
from tcma.partners.models import BrandProfile, Enrolment, Partner, Vendor
from tcma.partners.rules import Tier
from tcma.permissions import Principal
from tcma.senders.models import SenderDomain
from tcma.senders.rules import PROVED

Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Who does not ask for a step, and why."""

    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """A partner's first steps with one vendor, its reminders and what was waived."""

    vendor_id: UUID
    partner_id: UUID
    vendor: str
    partner: str
    zone: str
    tier: Tier
    joined_on: date
    progress: Progress
    told: dict[Step, int]
    told_own: dict[str, int]
    nudged_at: datetime | None
    nudged_about: tuple[Step, ...]
    waivers: dict[Step, Waiver]

    @property
    def nudged_on(self) -> date | None:
        """The day of the last reminder in the partner's zone."""
        return self.nudged_at.astimezone(ZoneInfo(self.zone)).date() if self.nudged_at else None


def _of_pair(table: Any) -> ColumnElement[bool]:
    return and_(table.partner_id == Enrolment.partner_id, table.vendor_id == Enrolment.vendor_id)


def _done() -> dict[Step, ColumnElement[bool]]:
    """Return what must be true for each step."""
    brand = BrandProfile.partner_id == Enrolment.partner_id
    logo = or_(BrandProfile.logo_key.is_not(None), BrandProfile.logo_white_key.is_not(None))
    proved = SenderDomain.state.in_(PROVED)
    launched = Launch.state.not_in((LaunchState.DRAFT, LaunchState.AWAITING, LaunchState.CANCELLED))
    return {
        Step.PROFILE: exists().where(brand),
        Step.LOGO: exists().where(brand, logo),
        Step.LIST: exists().where(Contact.partner_id == Enrolment.partner_id),
        Step.SENDER: exists().where(SenderDomain.partner_id == Enrolment.partner_id, proved),
        Step.LAUNCH: exists().where(_of_pair(Launch), launched),
        Step.CLAIM: exists().where(_of_pair(Claim), Claim.state.not_in(UNFILED_CLAIM)),
    }


def _pairs() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Enrolment.vendor_id,
            Enrolment.partner_id,
            Enrolment.joined_at,
            Enrolment.tier,
            Vendor.name.label("vendor"),
            Partner.name.label("partner"),
            Partner.zone,
            exists().where(_of_pair(FundAllocation)).label("has_fund"),
            *(fact.label(f"done_{step}") for step, fact in _done().items()),
        )
        .join(Vendor, Vendor.id == Enrolment.vendor_id)
        .join(Partner, Partner.id == Enrolment.partner_id)
        .where(Enrolment.state.in_(ON_BOARD))
        .order_by(Enrolment.joined_at, Vendor.name, Enrolment.partner_id)
    )


def first_steps(
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    partner_ids: Sequence[UUID] | None = None,
) -> list[FirstSteps]:
    """Return the first steps of the principal's pairs that are on board, oldest first."""
    wanted = visible(_pairs(), principal, Enrolment)
    if partner_ids is not None:
        wanted = wanted.where(Enrolment.partner_id.in_(partner_ids))
    return _views(session, session.execute(wanted).all(), now)


def steps_of_pair(session: Session, pair: Pair, *, now: datetime) -> FirstSteps | None:
    """Return one pair's first steps, None when it is not on board. Not limited by a principal."""
    wanted = _pairs().where(Enrolment.vendor_id == pair[0], Enrolment.partner_id == pair[1])
    return next(iter(_views(session, session.execute(wanted).all(), now)), None)


def _views(session: Session, rows: Sequence[Any], now: datetime) -> list[FirstSteps]:
    pairs = [(row.vendor_id, row.partner_id) for row in rows]
    nudges = _nudges(session, pairs)
    waivers = _waivers(session, pairs)
    programmes = programmes_of(session, {row.vendor_id for row in rows})
    return [
        _view(
            row,
            nudges[row.vendor_id, row.partner_id],
            waivers[row.vendor_id, row.partner_id],
            programmes[row.vendor_id].days[Tier(row.tier)],
            now,
        )
        for row in rows
    ]


def _view(
    row: Any,
    nudges: Sequence[StepNudge],
    waivers: dict[Step, Waiver],
    days: Mapping[Step, int],
    now: datetime,
) -> FirstSteps:
    zone = ZoneInfo(row.zone)
    last = max((nudge.at for nudge in nudges), default=None)
    told: dict[Step, int] = {}
    own: dict[str, int] = {}
    for nudge in nudges:
        if nudge.step not in set(Step):
            own[nudge.step] = max(nudge.no, own.get(nudge.step, 0))
            continue
        told[Step(nudge.step)] = max(nudge.no, told.get(Step(nudge.step), 0))
    return FirstSteps(
        vendor_id=row.vendor_id,
        partner_id=row.partner_id,
        vendor=row.vendor,
        partner=row.partner,
        zone=row.zone,
        tier=Tier(row.tier),
        joined_on=row.joined_at.astimezone(zone).date(),
        progress=progress_of(
            joined_on=row.joined_at.astimezone(zone).date(),
            today=now.astimezone(zone).date(),
            done={step for step in Step if getattr(row, f"done_{step}")},
            asked=set(Step) if row.has_fund else set(Step) - {Step.CLAIM},
            waived=waivers.keys(),
            days=days,
        ),
        told=told,
        told_own=own,
        nudged_at=last,
        nudged_about=tuple(
            step for step in Step if any(n.at == last and n.step == step for n in nudges)
        ),
        waivers=waivers,
    )


def _of(table: Any, pairs: Sequence[Pair]) -> ColumnElement[bool]:
    return tuple_(table.vendor_id, table.partner_id).in_(pairs)


def _nudges(session: Session, pairs: Sequence[Pair]) -> dict[Pair, list[StepNudge]]:
    kept: dict[Pair, list[StepNudge]] = defaultdict(list)
    for nudge in session.scalars(select(StepNudge).where(_of(StepNudge, pairs))):
        kept[nudge.vendor_id, nudge.partner_id].append(nudge)
    return kept


def _waivers(session: Session, pairs: Sequence[Pair]) -> dict[Pair, dict[Step, Waiver]]:
    kept: dict[Pair, dict[Step, Waiver]] = defaultdict(dict)
    for row in session.scalars(select(StepWaiver).where(_of(StepWaiver, pairs))):
        given = Waiver(why=row.why, by=row.waived_by, at=row.at)
        kept[row.vendor_id, row.partner_id][Step(row.step)] = given
    return kept


def pairs_on_board(session: Session, *, since: datetime) -> list[Pair]:
    """Return the pairs that joined after `since`, for the clock."""
    rows = session.execute(
        select(Enrolment.vendor_id, Enrolment.partner_id)
        .where(Enrolment.state.in_(ON_BOARD), Enrolment.joined_at > since)
        .order_by(Enrolment.joined_at, Enrolment.partner_id)
    )
    return [(row.vendor_id, row.partner_id) for row in rows]
