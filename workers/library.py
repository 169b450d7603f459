"""Campaigns: they begin and end on their day, and a new version reaches the copies partners made."""

from functools import partial
from uuid import UUID

import structlog

from tcma.db.work import Work
from tcma.jobs import Job
from tcma.launches import ending, rebasing
from workers.runtime import Run, one_by_one, runs

log = structlog.get_logger(__name__)


@runs(Job.COPY_REBASE)
def rebase_copies(run: Run, **ids: str) -> None:
    """Move copies nobody has written in, and tell the people of the others; each on its own."""
    del ids
    with run.transaction() as work:
        copies = rebasing.to_tell(work.session)
    one_by_one(run, [partial(_tell, copy_id=each) for each in copies])


def _tell(work: Work, copy_id: UUID) -> None:
    told = rebasing.tell(work, copy_id)
    log.info("new version", copy_id=str(copy_id), told=told)


@runs(Job.CAMPAIGN_TURN)
def turn_campaigns(run: Run, **ids: str) -> None:
    """Publish, announce and end campaigns whose day has come; each on its own."""
    del ids
    with run.transaction() as work:
        waiting = ending.due(work.session, work.now)
    one_by_one(run, [partial(_turn, it=each) for each in waiting])


def _turn(work: Work, it: ending.Due) -> None:
    ending.turn(work, it)
    log.info("campaign", campaign_id=str(it.campaign_id), what=it.what)
