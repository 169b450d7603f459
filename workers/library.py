"""Campaigns: they begin and end on their day, and a new version reaches the copies partners made."""

import structlog

from tcma.jobs import Job
from tcma.launches import ending, rebasing
from workers.runtime import Run, runs

log = structlog.get_logger(__name__)


@runs(Job.COPY_REBASE)
def rebase_copies(run: Run, **ids: str) -> None:
    """Move copies nobody has written in, and tell the people of the others; each on its own."""
    del ids
    with run.transaction() as work:
        copies = rebasing.to_tell(work.session)
    for copy_id in copies:
        if run.stopping():
            return
        with run.transaction() as work:
            told = rebasing.tell(work, copy_id)
        log.info("new version", copy_id=str(copy_id), told=told)


@runs(Job.CAMPAIGN_TURN)
def turn_campaigns(run: Run, **ids: str) -> None:
    """Publish, announce and end campaigns whose day has come; each on its own."""
    del ids
    with run.transaction() as work:
        waiting = ending.due(work.session, work.now)
    for each in waiting:
        if run.stopping():
            return
        with run.transaction() as work:
            ending.turn(work, each)
        log.info("campaign", campaign_id=str(each.campaign_id), what=each.what)
