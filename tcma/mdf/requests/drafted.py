"""A launch that a joint plan's line drafted carries out its request, once that is approved."""

from sqlalchemy import select

from tcma.db.work import Work
from tcma.mdf.models.funding import ActivityLaunch, FundRequest
from tcma.mdf.models.joint_plans import JointPlanLine
from tcma.mdf.queries import activities_of


def tie(work: Work, request: FundRequest) -> None:
    """Tie the drafted launch to the approved request, so that it writes the proof; else nothing."""
    line = work.session.scalars(
        select(JointPlanLine).where(JointPlanLine.request_id == request.id)
    ).one_or_none()
    if line is None or line.launch_id is None:
        return
    activity = activities_of(work.session, request.id)[0]
    work.session.merge(ActivityLaunch(activity_id=activity.id, launch_id=line.launch_id))
