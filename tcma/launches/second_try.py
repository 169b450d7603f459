"""A second try for a launch, also one that is over: it sends again until these have an end."""

from sqlalchemy import select

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import second_try as delivery
from tcma.delivery.second_try import Again
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.launches.moving import held, move, record
from tcma.launches.queries import mailings_of
from tcma.launches.rules import TRIED_AGAIN, LaunchState
from tcma.launches.suspension import refuse_barred
from tcma.library.models import Campaign
from tcma.library.rules import CampaignState
from tcma.permissions import Permission
from tcma.words import say

VERBS = {
    Again.DOUBT: "sent again to those in doubt",
    Again.FAILED: "sent again to those who failed",
}


def send_again(work: Work, ref: str, what: Again) -> int:
    """Send again to those in doubt, or to those whose refusal can be cured, all mails of the series.

    Whoever must not be mailed any more is skipped with the reason. Returns how many. Conflict for a
    launch that was cancelled or could not go on, after the end of its campaign, and while the vendor has
    suspended the partner.
    """
    work.require(Permission.LAUNCH_STEER)
    launch = held(work, ref)
    if launch.state not in TRIED_AGAIN:
        raise Conflict(
            say("Nothing of this launch can be sent again now."),
            code="launch.state",
            remedy=say("Look at where it stands now."),
        )
    refuse_barred(work, launch)
    campaign = found(work.session.scalar(select(Campaign).where(Campaign.id == launch.campaign_id)))
    if campaign.state == CampaignState.RETIRED:
        raise Conflict(say("The campaign has ended, so nothing of it leaves."), code="launch.ended")
    waits = launch.state == LaunchState.PAUSED
    paused = (launch.paused_reason or say("Paused")) if waits else ""
    mailings = mailings_of(work.session, launch.id)
    count = delivery.send_again(work, mailings, what, paused_reason=paused)
    if not count:
        return 0
    if launch.state in (LaunchState.FINISHED, LaunchState.SCHEDULED):
        move(launch, LaunchState.SENDING)
        launch.finished_at = None
    record(work, launch, VERBS[what], count=count)
    work.wake(Job.LAUNCH_SETTLE, launch_id=launch.id)
    return count
