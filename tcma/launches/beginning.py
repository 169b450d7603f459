"""A launch that nothing holds any more begins: its page is published, its series has its days."""

from datetime import timedelta

from sqlalchemy import update

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.jobs import Job
from tcma.launches.clocks import begins_at
from tcma.launches.content import pinned
from tcma.launches.models import Launch, LaunchMail
from tcma.launches.moving import move, record
from tcma.launches.rules import LaunchState
from tcma.library.compiling import publish_page
from tcma.library.models import PartnerCopy


def begin(work: Work, launch: Launch) -> None:
    """Schedule a launch and publish the partner's page, as it was pinned; a day that has passed is now."""
    copy = found(work.session.get(PartnerCopy, launch.copy_id))
    page = copy if launch.follows_id is not None else pinned(launch, copy)
    launch.page_id = publish_page(work, page).id
    move(launch, LaunchState.SCHEDULED)
    late = work.now - launch.due_at
    if late > timedelta(0):
        _shift_series(work, launch, late)
    launch.due_at = begins_at(work.session, launch, launch.due_at, now=work.now)
    record(work, launch, "started")
    work.wake(Job.LAUNCH_START, launch_id=launch.id)


def _shift_series(work: Work, launch: Launch, late: timedelta) -> None:
    launch.due_at = work.now
    work.session.execute(
        update(LaunchMail)
        .where(LaunchMail.launch_id == launch.id, LaunchMail.mailing_id.is_(None))
        .values(due_at=LaunchMail.due_at + late)
    )
