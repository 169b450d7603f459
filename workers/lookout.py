"""What a worker looks for by itself while the queue is away: mail and leads go on, slower to begin."""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping

import structlog

from tcma.jobs import Job
from workers.runtime import HANDLERS, Body, Run, perform
from workers.schedule import SCHEDULE

EVERY_S = 5.0
LOOKS_FOR = (
    Job.MESSAGE_RECOVER,
    Job.NURTURE_STOP,
    Job.REACTIONS_ROLL,
    Job.MESSAGE_SWEEP,
    Job.LAUNCH_ARRANGE,
    Job.LAUNCH_START,
    Job.LAUNCH_SETTLE,
    Job.LEAD_REPLIED,
    Job.LEAD_ROUTE,
    Job.LEAD_TELL,
    Job.LEAD_EXPIRE,
    Job.NURTURE_ENROL,
    Job.NURTURE_BEGIN,
    Job.NURTURE_ADVANCE,
    Job.MAILING_SEND,
)
"""What must not wait, in the order of a round: whatever stops mail (those who answered, doubts, budgets,
suspended partners) before what sends it. The rest of the schedule waits for the queue: it speaks to third
parties or takes long, and would keep the mail waiting here.
"""
PERIODS = {each.job: max(float(each.seconds), EVERY_S) for each in SCHEDULE}

log = structlog.get_logger(__name__)


class Lookout(threading.Thread):
    """Does the jobs of `LOOKS_FOR` itself while `away()`, each as often as the schedule says and no more
    than every `EVERY_S`, until told. Several may do so at once: rows are claimed.
    """

    def __init__(
        self,
        run: Run,
        away: Callable[[], bool],
        *,
        handlers: Mapping[Job, Body] = HANDLERS,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name="lookout", daemon=True)
        self._run, self._away = run, away
        self._handlers, self._steady = handlers, steady
        self._told = threading.Event()
        self._next = dict.fromkeys(LOOKS_FOR, float("-inf"))

    def stop(self) -> None:
        """Ask it to end; what it is sending ends as every job does, when the process stops."""
        self._told.set()

    def run(self) -> None:
        """Look until told to stop."""
        was = False
        while not self._told.wait(EVERY_S):
            away = self._away()
            if away and not was:
                log.warning("the queue is away, what is due is looked for here")
            was = away
            if away:
                self.look()

    def look(self) -> None:
        """Do each job once whose turn it is; one that fails is looked for again."""
        for job in LOOKS_FOR:
            if self._told.is_set():
                return
            if (now := self._steady()) < self._next[job]:
                continue
            self._next[job] = (
                now + PERIODS[job] - EVERY_S / 2
            )  # a round comes a little early or late
            with contextlib.suppress(Exception):  # `perform` has logged it
                perform(self._handlers[job], job, self._run, {})
