"""Looks at arranged launches that are due, and at pilots that the rest of a run waits for."""

from collections.abc import Iterator
from functools import partial
from itertools import chain
from uuid import UUID

from tcma.jobs import Job
from tcma.on_behalf import advancing
from workers.runtime import Run, apart, once, runs

MOST_AT_ONCE = 200


@runs(Job.LAUNCH_ARRANGE)
def arrange(run: Run, **ids: str) -> None:
    """Judge the pilots, then take one due row after another; what is left waits for the next ring."""
    del ids
    with run.transaction() as work:
        unjudged = advancing.unjudged(work)
    judged = (partial(once, run, partial(advancing.judge, run_id=each)) for each in unjudged)
    moved = (partial(once, run, partial(advancing.advance, row_id=each)) for each in _claimed(run))
    apart(run, chain(judged, moved))


def _claimed(run: Run) -> Iterator[UUID]:
    for _ in range(MOST_AT_ONCE):
        with run.transaction() as work:
            row_id = advancing.claim_due(work)
        if row_id is None:
            return
        yield row_id
