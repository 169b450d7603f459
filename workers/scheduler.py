"""The clockwork: one process at a time reads the schedule and sends its jobs.

Leadership is a session lock of PostgreSQL: it ends with the connection, so a killed leader is
followed within a tick, and two can send at worst a doubled wake-up, which is harmless.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from tcma.errors import Unavailable
from tcma.ports import JobQueue
from workers import alive
from workers.schedule import SCHEDULE, Every

LEADER = 4_117_002  # advisory lock number
TICK = 1.0
FROZEN_S = 30
"""A leader that is silent for so long loses its connection, and so the lock: it may be frozen."""

log = structlog.get_logger(__name__)


class Scheduler:
    """`run()` blocks until `stop()`; start it in its own process or thread."""

    def __init__(
        self,
        engine: Engine,
        queue: JobQueue,
        *,
        table: Sequence[Every] = SCHEDULE,
        frozen_s: float = FROZEN_S,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self.queue = queue
        self.table = table
        self.frozen_s = frozen_s
        self._beat = beat
        self.leads = threading.Event()
        self._stop = threading.Event()
        self._queue_away = False

    def stop(self) -> None:
        """Ask `run()` to return."""
        self._stop.set()

    def run(self) -> None:
        """Lead when nobody does, else wait for the leader to go."""
        while not self._stop.is_set():
            self._beat()
            try:
                with self.engine.connect() as connection:
                    self._with_connection(connection)
            except DBAPIError as error:
                log.warning("scheduler lost the database", reason=str(error.orig))
            finally:
                self.leads.clear()
            self._stop.wait(TICK)

    def _with_connection(self, connection: Connection) -> None:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text(f"set idle_session_timeout = '{self.frozen_s}s'"))
        try:
            self._seek(connection)
        finally:
            if not connection.invalidated and not connection.closed:
                connection.execute(text("reset idle_session_timeout"))

    def _seek(self, connection: Connection) -> None:
        while not self._stop.is_set():
            if connection.scalar(text(f"select pg_try_advisory_lock({LEADER})")):
                try:
                    self._lead(connection)
                finally:
                    if not connection.invalidated and not connection.closed:
                        connection.execute(text(f"select pg_advisory_unlock({LEADER})"))
                return
            self._beat()
            self._stop.wait(TICK)

    def _lead(self, connection: Connection) -> None:
        self.leads.set()
        log.info("scheduler leads")
        due = [0.0] * len(self.table)
        while not self._stop.is_set():
            connection.execute(text("select 1"))  # still connected, so still the leader
            self._beat()
            now = time.monotonic()
            for index, entry in enumerate(self.table):
                if due[index] <= now:
                    self._send(entry)
                    due[index] = now + entry.seconds
            self._stop.wait(TICK)

    def _send(self, entry: Every) -> None:
        try:
            self.queue.send(entry.job, {})
        except Unavailable as error:
            if not self._queue_away:
                log.warning("scheduler cannot reach the queue", reason=error.message)
            self._queue_away = True
        else:
            self._queue_away = False


def until_told(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM and SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def main() -> int:
    """Run the scheduler as a process of its own, until SIGTERM."""
    from tcma.config import read_settings
    from tcma.wiring import installation

    with installation(read_settings(os.environ)) as services:
        scheduler = Scheduler(services.engine, services.queue, beat=lambda: alive.beat("scheduler"))
        until_told(scheduler.stop)
        scheduler.run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
