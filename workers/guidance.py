"""Reminds partners of first steps and of steps of playbooks that are due, raises their levels, each in one transaction."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog

from tcma.db.work import Work
from tcma.guidance import actions, queries, raising, ticking
from tcma.guidance.rules import LASTS_DAYS
from tcma.jobs import Job
from workers.runtime import Run, one_by_one, runs

log = structlog.get_logger(__name__)


@runs(Job.PARTNER_NUDGE)
def nudge(run: Run) -> None:
    """Look at every pair whose programme still runs, then at every launch with a playbook."""
    with run.transaction() as work:
        pairs = queries.pairs_on_board(
            work.session, since=work.now - timedelta(days=LASTS_DAYS + 1)
        )
    with run.transaction() as work:
        partners = raising.partners_on_board(work.session)
    with run.transaction() as work:
        refs = ticking.launches_to_nudge(work)
    steps = [partial(_nudge, pair=each) for each in pairs]
    levels = [partial(_raise, partner_id=each) for each in partners]
    one_by_one(run, [*steps, *levels, *(partial(_tick, ref=each) for each in refs)])


def _nudge(work: Work, pair: queries.Pair) -> None:
    if told := actions.nudge(work, pair):
        log.info("partner nudged", partner_id=str(pair[1]), steps=[s.value for s in told])


def _raise(work: Work, partner_id: UUID) -> None:
    if reached := raising.raise_levels(work, partner_id):
        log.info("level reached", partner_id=str(partner_id), levels=[x.value for x in reached])


def _tick(work: Work, ref: str) -> None:
    if keys := ticking.nudge(work, ref):
        log.info("playbook nudged", launch=ref, steps=keys)
