"""Sums of reactions: changes are rolled in every few seconds, and each night compared with the rows."""

import structlog

from tcma.db.alone import is_alone
from tcma.db.work import Work
from tcma.delivery import reaction_sums
from tcma.jobs import Job
from workers.runtime import Run, handles, runs

log = structlog.get_logger(__name__)


@runs(Job.REACTIONS_ROLL)
def roll(run: Run) -> None:
    """Move what has changed into the sums, a turn a transaction, until little is left."""
    while not run.stopping():
        with run.transaction() as work:
            if reaction_sums.roll(work) < reaction_sums.MOST:
                return


@handles(Job.REACTIONS_AUDIT)
def audit(work: Work) -> None:
    """Once a day count the last seven days again; a difference is an error in the log and at the desk."""
    if not is_alone(work, Job.REACTIONS_AUDIT):
        return
    wrong = reaction_sums.audit_nightly(work)
    if wrong:
        log.error("sums of reactions differ", sums=wrong, remedy="tcma sums mend")
