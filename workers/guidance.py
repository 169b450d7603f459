"""Reminds partners of first steps and of steps of playbooks that are due, raises their levels, each in one transaction."""

from datetime import timedelta

import structlog

from tcma.guidance import actions, queries, raising, ticking
from tcma.guidance.rules import LASTS_DAYS
from tcma.jobs import Job
from workers.runtime import Run, runs

log = structlog.get_logger(__name__)


@runs(Job.PARTNER_NUDGE)
def nudge(run: Run) -> None:
    """Look at every pair whose programme still runs, then at every launch with a playbook."""
    with run.transaction() as work:
        pairs = queries.pairs_on_board(
            work.session, since=work.now - timedelta(days=LASTS_DAYS + 1)
        )
    for pair in pairs:
        if run.stopping():
            return
        with run.transaction() as work:
            told = actions.nudge(work, pair)
        if told:
            log.info("partner nudged", partner_id=str(pair[1]), steps=[s.value for s in told])
    with run.transaction() as work:
        partners = raising.partners_on_board(work.session)
    for partner_id in partners:
        if run.stopping():
            return
        with run.transaction() as work:
            reached = raising.raise_levels(work, partner_id)
        if reached:
            log.info("level reached", partner_id=str(partner_id), levels=[x.value for x in reached])
    with run.transaction() as work:
        refs = ticking.launches_to_nudge(work)
    for ref in refs:
        if run.stopping():
            return
        with run.transaction() as work:
            keys = ticking.nudge(work, ref)
        if keys:
            log.info("playbook nudged", launch=ref, steps=keys)
