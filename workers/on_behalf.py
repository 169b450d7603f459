"""Looks at arranged launches that are due, and at pilots that the rest of a run waits for."""

from tcma.jobs import Job
from tcma.on_behalf import advancing
from workers.runtime import Run, runs

MOST_AT_ONCE = 200


@runs(Job.LAUNCH_ARRANGE)
def arrange(run: Run, **ids: str) -> None:
    """Judge the pilots, then take one due row after another; what is left waits for the next ring."""
    del ids
    with run.transaction() as work:
        advancing.judge_runs(work)
    for _ in range(MOST_AT_ONCE):
        if run.stopping():
            return
        with run.transaction() as work:
            row_id = advancing.claim_due(work)
        if row_id is None:
            return
        with run.transaction() as work:
            advancing.advance(work, row_id)
