"""What a worker looks for by itself while the queue is away: mailings that run go on, slower to begin."""

import contextlib
import threading
from collections.abc import Callable

import structlog

from tcma.jobs import Job
from workers.runtime import HANDLERS, Run, perform

EVERY_S = 5.0
LOOKS_FOR = (Job.MESSAGE_RECOVER, Job.MAILING_SEND, Job.LAUNCH_SETTLE)

log = structlog.get_logger(__name__)


class Lookout(threading.Thread):
    """Does the jobs of `LOOKS_FOR` itself each `EVERY_S` in which `away()` is true, until told."""

    def __init__(self, run: Run, away: Callable[[], bool]) -> None:
        super().__init__(name="lookout", daemon=True)
        self._run, self._away = run, away
        self._told = threading.Event()

    def stop(self) -> None:
        """Ask it to end; what it is sending ends as every job does, when the process stops."""
        self._told.set()

    def run(self) -> None:
        """Look until told to stop."""
        was = False
        while not self._told.wait(EVERY_S):
            away = self._away()
            if away and not was:
                log.warning("the queue is away, mailings are looked for here")
            was = away
            if away:
                self.look()

    def look(self) -> None:
        """Do each job once; one that fails is looked for again."""
        for job in LOOKS_FOR:
            with contextlib.suppress(Exception):  # `perform` has logged it
                perform(HANDLERS[job], job, self._run, {})
