"""Looks at the DNS records of partners' host names when a look is due; asks outside any transaction."""

from functools import partial
from uuid import UUID

import structlog

from tcma.hosts import actions, queries
from tcma.jobs import Job
from workers.runtime import Run, apart, runs

AT_MOST = 50
log = structlog.get_logger(__name__)


@runs(Job.HOST_CHECK)
def check(run: Run) -> None:
    """Look at every host that is due, each on its own."""
    with run.transaction() as work:
        due = queries.due_hosts(work.session, work.now, most=AT_MOST)
    apart(run, [partial(_look, run, each) for each in due])


def _look(run: Run, host_id: UUID) -> None:
    with run.transaction() as work:
        asked = actions.records(work, queries.host_by_id(work.session, host_id))
    seen = actions.look(run.services.names, asked)
    with run.transaction() as work:
        change = actions.record_look(work, host_id, seen)
    if change.after is not change.before:
        log.info("page host", name=change.name, was=change.before, now=change.after)
