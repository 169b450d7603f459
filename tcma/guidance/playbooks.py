"""How far launches are in their campaigns' playbooks, read from what each step leaves behind."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from tcma.db.scope import found, visible
from tcma.guidance.models import PlayTick
from tcma.guidance.playbook import (
    LET_GO_DAYS,
    PlayStep,
    Seen,
    StandState,
    StepStand,
    Tick,
    stands_of,
)
from tcma.launches.models import Launch, LaunchMail
from tcma.launches.rules import LaunchState
from tcma.leads.models import Lead, LeadTouch
from tcma.leads.rules import LeadState
from tcma.library.models import Campaign, CampaignVersion
from tcma.mdf.models.funding import ActivityLaunch, Claim, FundActivity, FundRequest
from tcma.mdf.rules import UNFILED_CLAIM, RequestState
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.permissions import Principal
from tcma.rendering.playbook import EARLIEST, LATEST, Doer, StepKind
from tcma.social.models import SocialPost
from tcma.social.rules import PostState

GONE = (LaunchState.CANCELLED, LaunchState.FAILED)
"""A launch that is not carried out asks nobody for anything."""
FUNDED = (
    RequestState.SUBMITTED,
    RequestState.INFO_REQUESTED,
    RequestState.HELD,
    RequestState.APPROVED,
    RequestState.APPEALED,
    RequestState.CLOSED,
)
"""A plan with which money comes back, or may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """A launch's playbook as it stands `today`, a day of the partner's zone."""

    launch_id: UUID
    ref: str
    name: str
    vendor_id: UUID
    vendor_slug: str
    partner_id: UUID
    campaign_slug: str
    version_id: UUID
    copy_id: UUID
    language: str
    zone: str
    begins_on: date
    today: date
    seen: Seen
    stands: tuple[StepStand, ...]

    @property
    def needed(self) -> tuple[StepStand, ...]:
        """The steps that count in this launch."""
        return tuple(each for each in self.stands if each.state is not StandState.SPARED)

    @property
    def done(self) -> int:
        """How many of them are done."""
        return sum(each.is_through for each in self.needed)

    @property
    def late(self) -> int:
        """How many steps are past their day and still asked for."""
        return sum(each.state is StandState.LATE for each in self.asked)

    @property
    def asked(self) -> tuple[StepStand, ...]:
        """The steps that are due, oldest first."""
        return tuple(each for each in self.stands if each.is_asked(self.today))

    @property
    def soon(self) -> tuple[StepStand, ...]:
        """The steps whose day is near."""
        return tuple(each for each in self.stands if each.is_soon(self.today))

    @property
    def next(self) -> StepStand | None:
        """The first step that is not through."""
        return next((each for each in self.stands if not each.is_through), None)

    def step(self, key: str) -> StepStand:
        """Return a step by its key; NotFound for an unknown one."""
        return found(next((each for each in self.stands if each.step.key == key), None))


def _begins() -> ColumnElement[datetime]:
    """Return when the first mail leaves, or was to."""
    first = select(LaunchMail.due_at).where(
        LaunchMail.launch_id == Launch.id, LaunchMail.no == 1, LaunchMail.arm == 0
    )
    return func.coalesce(first.scalar_subquery(), Launch.due_at)


def _earlier() -> ColumnElement[bool]:
    """Say whether the partner began another launch of this vendor before."""
    other = aliased(Launch)
    return exists().where(
        other.partner_id == Launch.partner_id,
        other.vendor_id == Launch.vendor_id,
        other.created_at < Launch.created_at,
        other.started_at.is_not(None),
    )


def _steps() -> ColumnElement[Any]:
    listed = CampaignVersion.facts["playbook"]
    return case((func.jsonb_typeof(listed) == "array", listed), else_=None)


def _seen() -> dict[str, ColumnElement[Any]]:
    """Return what must be counted for each kind of step."""
    day = func.date(func.timezone(Partner.zone, SocialPost.posted_at))
    posted = select(func.count(day.distinct())).where(
        SocialPost.partner_id == Launch.partner_id,
        SocialPost.campaign_id == Launch.campaign_id,
        SocialPost.state == PostState.POSTED,
        SocialPost.posted_at >= Launch.created_at,
    )
    theirs = and_(Lead.launch_id == Launch.id, Lead.partner_id == Launch.partner_id)
    touched = exists().where(LeadTouch.lead_id == Lead.id)
    waits = or_(Lead.state == LeadState.OFFERED, and_(Lead.state == LeadState.ACCEPTED, ~touched))
    leads = select(func.count(Lead.id)).where(theirs)
    paid_by = (
        exists()
        .where(ActivityLaunch.launch_id == Launch.id)
        .where(FundActivity.id == ActivityLaunch.activity_id)
        .where(FundRequest.id == FundActivity.request_id, FundRequest.state.in_(FUNDED))
    )
    claimed = (
        exists()
        .where(ActivityLaunch.launch_id == Launch.id)
        .where(Claim.activity_id == ActivityLaunch.activity_id, Claim.state.not_in(UNFILED_CLAIM))
    )
    return {
        "posted_days": posted.correlate(Launch, Partner).scalar_subquery(),
        "leads": leads.correlate(Launch).scalar_subquery(),
        "leads_open": leads.where(waits).correlate(Launch).scalar_subquery(),
        "is_funded": paid_by.correlate(Launch),
        "is_claimed": claimed.correlate(Launch),
    }


def _launches() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Launch.id, Launch.ref, Launch.name, Launch.state, Launch.vendor_id, Launch.partner_id,
            Launch.version_id, Launch.copy_id, Launch.language, Launch.created_at,
            Vendor.slug.label("vendor_slug"), Campaign.slug.label("campaign_slug"), Partner.zone,
            _begins().label("begins_at"), _steps().label("steps"), Enrolment.tier,
            (~_earlier()).label("is_first"),
            *(fact.label(name) for name, fact in _seen().items()),
        )
        .join(CampaignVersion, CampaignVersion.id == Launch.version_id)
        .join(Campaign, Campaign.id == Launch.campaign_id)
        .join(
            Enrolment,
            and_(
                Enrolment.vendor_id == Launch.vendor_id, Enrolment.partner_id == Launch.partner_id
            ),
        )
        .join(Vendor, Vendor.id == Launch.vendor_id)
        .join(Partner, Partner.id == Launch.partner_id)
        .where(func.jsonb_array_length(_steps()) > 0)
    )  # fmt: skip


def playbook_of(
    session: Session, principal: Principal, ref: str, *, now: datetime
) -> Playbook | None:
    """Return a launch's playbook, None when its campaign has none or the launch is not theirs."""
    wanted = visible(_launches(), principal, Launch).where(Launch.ref == ref)
    return next(iter(_views(session, session.execute(wanted).all(), now)), None)


def who_plans(session: Session, principal: Principal, vendor_slug: str) -> tuple[str, bool]:
    """Return a partner's tier with a vendor, and whether its next launch of that is its first."""
    begun = exists().where(
        Launch.partner_id == Enrolment.partner_id,
        Launch.vendor_id == Enrolment.vendor_id,
        Launch.started_at.is_not(None),
    )
    wanted = visible(
        select(Enrolment.tier, ~begun)
        .join(Vendor, Vendor.id == Enrolment.vendor_id)
        .where(Vendor.slug == vendor_slug),
        principal,
        Enrolment,
    )
    tier, is_first = found(session.execute(wanted).one_or_none())
    return tier, is_first


def playbooks(
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    partner_ids: Sequence[UUID] | None = None,
) -> list[Playbook]:
    """Return the playbooks of launches that are near enough to ask for something, oldest first."""
    near = and_(
        _begins() > now - timedelta(days=LATEST + LET_GO_DAYS),
        _begins() < now - timedelta(days=EARLIEST - 1),
        Launch.state.not_in(GONE),
    )
    wanted = visible(_launches(), principal, Launch).where(near).order_by(Launch.id)
    if partner_ids is not None:
        wanted = wanted.where(Launch.partner_id.in_(partner_ids))
    return _views(session, session.execute(wanted).all(), now)


def _views(session: Session, rows: Sequence[Any], now: datetime) -> list[Playbook]:
    ticks: dict[UUID, dict[str, Tick]] = defaultdict(dict)
    theirs = select(PlayTick).where(PlayTick.launch_id.in_([row.id for row in rows]))
    for tick in session.scalars(theirs):
        ticks[tick.launch_id][tick.step] = Tick(by=tick.ticked_by, at=tick.at)
    return [_view(row, ticks[row.id], now) for row in rows]


def _view(row: Any, ticks: dict[str, Tick], now: datetime) -> Playbook:
    zone = ZoneInfo(row.zone)
    today = now.astimezone(zone).date()
    begins_on = row.begins_at.astimezone(zone).date()
    seen = Seen(
        has_started=row.state not in (LaunchState.DRAFT, LaunchState.AWAITING, *GONE),
        posted_days=row.posted_days,
        leads=row.leads,
        leads_open=row.leads_open,
        is_funded=row.is_funded,
        is_claimed=row.is_claimed,
    )
    stands = stands_of(
        [
            step_in(facts, row.language)
            for facts in row.steps
            if (not facts["tiers"] or row.tier in facts["tiers"])
            and (row.is_first or not facts["first_launch"])
        ],
        begins_on=begins_on,
        planned_on=row.created_at.astimezone(zone).date(),
        today=today,
        seen=seen,
        ticks=ticks,
    )
    return Playbook(
        launch_id=row.id,
        ref=row.ref,
        name=row.name,
        vendor_id=row.vendor_id,
        vendor_slug=row.vendor_slug,
        partner_id=row.partner_id,
        campaign_slug=row.campaign_slug,
        version_id=row.version_id,
        copy_id=row.copy_id,
        language=row.language,
        zone=row.zone,
        begins_on=begins_on,
        today=today,
        seen=seen,
        stands=stands,
    )


def step_in(facts: dict[str, Any], language: str) -> PlayStep:
    """Return a step of a version's facts in a language, in the campaign's first without it."""

    def said(texts: dict[str, str]) -> str:
        return texts.get(language) or next(iter(texts.values()))

    return PlayStep(
        key=facts["key"],
        kind=StepKind(facts["kind"]),
        who=Doer(facts["who"]),
        day=facts["day"],
        minutes=facts["minutes"],
        title=said(facts["title"]),
        why=said(facts["why"]),
        has_script=facts["says"],
    )
