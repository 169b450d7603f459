"""Which launch carries out an approved plan: its own proof then comes into the plan's case file."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.launches.models import Launch
from tcma.launches.rules import OVER, RUNNING, LaunchState
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.funding import ActivityLaunch, Claim, FundActivity, FundRequest
from tcma.mdf.moving import log
from tcma.mdf.queries import activities_of, own, vendor_of
from tcma.mdf.rules import ActivityState, RequestState
from tcma.permissions import Permission
from tcma.words import say


@dataclass(frozen=True, slots=True)
class Fitting:
    """A launch that may carry out an activity."""

    ref: str
    name: str
    state: LaunchState
    started_at: datetime


def fitting(session: Session, activity: FundActivity) -> list[Fitting]:
    """Return the partner's launches of the activity's campaign that began on its days and carry out
    nothing yet, newest first.
    """
    elsewhere = select(ActivityLaunch.launch_id)
    some = (
        select(Launch.ref, Launch.name, Launch.state, Launch.started_at)
        .where(
            Launch.campaign_id == activity.campaign_id,
            Launch.partner_id == activity.partner_id,
            Launch.vendor_id == activity.vendor_id,
            Launch.state.in_((*RUNNING, *OVER)),
            Launch.started_at.is_not(None),
            Launch.id.not_in(elsewhere),
        )
        .order_by(Launch.id.desc())
    )
    zone = vendor_of(session, activity.vendor_id).zone
    return [
        Fitting(row.ref, row.name, LaunchState(row.state), row.started_at)
        for row in session.execute(some)
        if activity.starts_on <= local_day(row.started_at, zone) <= activity.ends_on
    ]


def unnamed(session: Session, claim_id: UUID) -> int:
    """Return the number of a claim's activity that no launch carries out, 0 when one does."""
    named = select(ActivityLaunch.launch_id).where(ActivityLaunch.activity_id == FundActivity.id)
    bare = (
        select(FundActivity.no)
        .join(Claim, Claim.activity_id == FundActivity.id)
        .where(Claim.id == claim_id, ~named.exists())
    )
    return session.scalar(bare) or 0


def tie(work: Work, request: FundRequest, launch_id: UUID, *, no: int = 0) -> None:
    """Name the launch that carries out activity `no` of an approved plan, or the first of its campaign;
    it then writes the proof. A second time is nothing.

    Raises NotFound for another partner's launch, Conflict for one of another campaign, one that began
    on other days, or one that carries out something else.
    """
    work.require(Permission.LAUNCH_PLAN)
    own(work.principal, request)
    one = select(Launch).where(
        Launch.id == launch_id,
        Launch.partner_id == request.partner_id,
        Launch.vendor_id == request.vendor_id,
    )
    launch = found(work.session.scalars(one.with_for_update(key_share=True)).one_or_none())
    able = [
        each
        for each in activities_of(work.session, request.id)
        if each.campaign_id == launch.campaign_id
        and each.state == ActivityState.APPROVED
        and no in (0, each.no)
    ]
    if not able or request.state != RequestState.APPROVED:
        raise Conflict(
            say("These funds were approved for another campaign."),
            code="mdf.request.campaign",
            remedy=say("Choose an approved plan of this campaign."),
        )
    activity = able[0]
    tied = select(ActivityLaunch.activity_id).where(ActivityLaunch.launch_id == launch.id)
    before = set(work.session.scalars(tied))
    if activity.id in before:
        return
    if before:
        raise Conflict(
            say("This launch carries out another activity already."),
            code="mdf.request.launch_tied",
            remedy=say("One launch proves one activity. Choose another launch."),
        )
    _on_its_days(work, launch, activity)
    work.session.add(ActivityLaunch(activity_id=activity.id, launch_id=launch.id))
    log(work, request, "launched", "")
    work.wake(Job.PROOF_COLLECT, launch_id=launch.id)


def _on_its_days(work: Work, launch: Launch, activity: FundActivity) -> None:
    if launch.started_at is None:
        return
    day = local_day(launch.started_at, vendor_of(work.session, activity.vendor_id).zone)
    if not activity.starts_on <= day <= activity.ends_on:
        raise Conflict(
            say("This launch did not begin on the days of the activity."),
            code="mdf.request.launch_days",
            remedy=say("Choose a launch of those days, or ask to change the days of the plan."),
        )
