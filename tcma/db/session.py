"""Engine and transaction(): the only place that commits, and then sends the wakes.

How long a lock may be kept and waited for is decided here too: the database itself takes a
transaction back from a process that was frozen in the middle of one.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from select import POLLIN, poll
from typing import Any

import structlog
from psycopg.errors import LockNotAvailable, UndefinedTable
from sqlalchemy import Dialect, Engine, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tcma.clock import Clock, SharedClock
from tcma.db.constraints import as_refusal
from tcma.db.work import Site, Work
from tcma.errors import Unavailable
from tcma.permissions import Principal
from tcma.ports import FileStore, JobQueue
from tcma.words import say

log = structlog.get_logger(__name__)


LONGEST_IDLE_S = 60
"""As long as a message's lease: whoever is silent longer inside a transaction counts as gone."""
RESTED_S = 1.0
"""A connection that lay idle so long is asked before it is lent, as is one that spoke unasked."""
LONGEST_WAIT_S = 30
"""A lock that is held longer is somebody's trouble; the job or the person tries again."""
TOLERATED_OFF_S = 5.0
"""A machine's clock that is further from the database's is reported each time it is looked at."""


def make_engine(
    url: str,
    *,
    pool_size: int = 8,
    idle_s: int = LONGEST_IDLE_S,
    wait_s: int = LONGEST_WAIT_S,
) -> Engine:
    """Return an engine whose sessions speak UTC; `url` is postgresql+psycopg.

    A transaction that is idle for `idle_s` loses its connection and with it every lock; who
    waits for a lock for `wait_s` gives up.
    """
    limits = f"-c idle_in_transaction_session_timeout={idle_s}s -c lock_timeout={wait_s}s"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        hide_parameters=True,  # errors are logged, and people are in the values
        pool_use_lifo=True,  # the warmest: its statements are prepared, its server's caches full
        connect_args={"options": f"-c timezone=UTC {limits}", "connect_timeout": 10},
    )
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "checkout", partial(_is_there, engine.dialect))
    return engine


def _rests(connection: Any, record: Any) -> None:
    del connection
    record.info["since"] = time.monotonic()


def _is_there(dialect: Dialect, connection: Any, record: Any, proxy: Any) -> None:
    """Ask a connection whether its server still lives, but not each time, which took a fifth of a
    short transaction: a server that goes says so, which is seen without a question; one whose
    machine is gone says nothing, so a connection that rested is asked all the same.
    """
    del proxy
    rested = time.monotonic() - record.info.get("since", math.inf) >= RESTED_S
    if not rested and not _spoke(connection):
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _spoke(connection: Any) -> bool:
    """Return whether something lies in the socket of an idle connection: a notice, or its end."""
    socket = poll()
    socket.register(connection, POLLIN)
    return bool(socket.poll(0))


@contextmanager
def transaction(  # noqa: PLR0913 - the six things an installation is made of
    engine: Engine,
    *,
    principal: Principal,
    clock: Clock,
    site: Site,
    files: FileStore,
    queue: JobQueue,
) -> Iterator[Work]:
    """Open one transaction around a Work; commit at the end, then send what it woke.

    A named constraint that refuses becomes its domain error (see `constraints`). A wake that
    cannot be sent is logged and left to the scheduler's sweep: the row already says it.
    """
    with Session(engine, expire_on_commit=False) as session:
        try:
            if isinstance(clock, SharedClock) and clock.is_due:
                _look_at_the_time(clock, session)
            now = clock.now()
            work = Work(session=session, principal=principal, now=now, site=site, files=files)
            yield work
            session.commit()
        except IntegrityError as error:
            session.rollback()
            raise as_refusal(error) from error
        except DBAPIError as error:
            session.rollback()
            if refusal := as_unavailable(error):
                raise refusal from error
            raise
        except BaseException:
            session.rollback()
            raise
    for each in work.wakes:
        try:
            queue.send(each.job, each.ids)
        except Unavailable as error:
            log.warning("wake left to the sweep", job=each.job.value, reason=error.message)


def _look_at_the_time(clock: SharedClock, session: Session) -> None:
    clock.set(session.scalars(select(func.clock_timestamp())).one())
    off = clock.machine_off_s()
    if abs(off) > TOLERATED_OFF_S:
        log.warning("this machine's clock is off; the database's is used", seconds=round(off))


def as_unavailable(error: DBAPIError) -> Unavailable | None:
    """Return what a failure of the database itself means; None for a fault of ours."""
    if isinstance(error.orig, LockNotAvailable):
        return Unavailable(
            say("Somebody else is working on the same thing."),
            code="database.busy",
            remedy=say("Try again in a minute."),
        )
    if isinstance(error.orig, UndefinedTable):
        return Unavailable(
            say("The database has not been set up for this version."),
            code="database.not_set_up",
            remedy=say("Run `tcma migrate`."),
        )
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return Unavailable(say("The database does not answer."), code="database.unavailable")
    return None


@contextmanager
def trial(work: Work) -> Iterator[Work]:
    """Lend the transaction for something that is taken back at the end of the block.

    What was done before the block stays; jobs woken inside it are still sent.
    """
    nested = work.session.begin_nested()
    try:
        yield work
    finally:
        nested.rollback()
