"""Starts due launches, and brings each to where its mailing is."""

from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

import structlog

from tcma.db.work import Work
from tcma.errors import TcmaError, Unavailable
from tcma.jobs import Job
from tcma.launches import expansion, reminding, suspension
from tcma.launches.queries import launch_of_mailing
from tcma.launches.telling import why_not_made
from workers.runtime import Run, apart, one_by_one, runs

log = structlog.get_logger(__name__)
MOST_AT_ONCE = 50


@runs(Job.LAUNCH_START)
def start(run: Run, **ids: str) -> None:
    """Expand every due launch, each on its own; what is left waits for the next ring."""
    del ids
    apart(run, (partial(_expand, run, due) for due in _claimed(run)))


def _claimed(run: Run) -> Iterator[expansion.Due]:
    for _ in range(MOST_AT_ONCE):
        with run.transaction() as work:
            due = expansion.claim_due(work)
        if due is None:
            return
        yield due


def _expand(run: Run, due: expansion.Due) -> None:
    try:
        with run.transaction() as work:
            compiled = expansion.compile_due(work, due)
        with run.transaction() as work:
            expansion.freeze_due(work, due, compiled)
    except Unavailable:
        raise
    except TcmaError as error:
        log.warning("launch stopped", launch_id=str(due.launch_id), reason=error.message)
        with run.transaction() as work:
            expansion.give_up(work, due, why_not_made(due.mail, error))


@runs(Job.LAUNCH_SETTLE)
def settle(run: Run, **ids: str) -> None:
    """Settle one launch (by `launch_id` or `mailing_id`), or all that are sending;
    what runs of a suspended partner is paused, and of unanswered questions people are reminded.
    """
    barred: list[UUID] = []
    letters: list[Callable[[Work], object]] = []
    with run.transaction() as work:
        if "launch_id" in ids:
            chosen = [UUID(ids["launch_id"])]
        elif "mailing_id" in ids:
            named = launch_of_mailing(work.session, int(ids["mailing_id"]))
            chosen = [named] if named else []
        else:
            letters = [reminding.remind]
            chosen = expansion.unsettled(work)
            barred = suspension.barred_launches(work)
    pauses = [partial(suspension.pause_barred, launch_id=each) for each in barred]
    settled = [partial(expansion.settle, launch_id=each) for each in chosen]
    one_by_one(run, [*pauses, *settled, *letters])
