"""What shows that an activity is carried out, read from its launches, case file and claims."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from tcma.launches.models import Launch
from tcma.launches.rules import OVER
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.funding import ActivityLaunch, Claim, FundActivity, FundRequest, Proof
from tcma.mdf.queries import vendor_of
from tcma.mdf.rules import TAKING_CLAIM, ActivityState, RequestState
from tcma.mdf.stages import Signs, Stage, stage_of
from tcma.partners.models import Vendor

EXPIRED: ColumnElement[bool] = (
    (FundRequest.state == RequestState.CLOSED)
    & exists().where(
        FundActivity.request_id == FundRequest.id,
        func.date(func.timezone(Vendor.zone, FundActivity.closed_at)) > FundActivity.claim_by,
    )
    & ~exists().where(Claim.request_id == FundRequest.id, Claim.state.in_(TAKING_CLAIM))
)
"""Of plans beside their vendor: whether it was closed by its last day, with nothing claimed."""


def stage(session: Session, activity: FundActivity, now: datetime) -> Stage:
    """Return where an activity is on the vendor's day."""
    zone = vendor_of(session, activity.vendor_id).zone
    closed = activity.closed_at and local_day(activity.closed_at, zone)
    of_it = ActivityLaunch.activity_id == activity.id
    launches = select(Launch.id).join(ActivityLaunch, ActivityLaunch.launch_id == Launch.id)
    launches = launches.where(of_it, Launch.started_at.is_not(None))
    claims = select(Claim.id).where(Claim.activity_id == activity.id)
    ran, runs, proven, filed, paid_for = session.execute(
        select(
            launches.exists(),
            launches.where(Launch.state.not_in(OVER)).exists(),
            exists().where(Proof.activity_id == activity.id),
            claims.where(Claim.filed_at.is_not(None)).exists(),
            claims.where(Claim.state.in_(TAKING_CLAIM)).exists(),
        )
    ).one()
    signs = Signs(
        running=runs,
        shown=ran or proven or filed,
        paid_for=paid_for,
        late=bool(closed and activity.claim_by and closed > activity.claim_by),
    )
    state = ActivityState(activity.state)
    return stage_of(state, activity.starts_on, activity.ends_on, local_day(now, zone), signs)
