"""Engine and transaction(): the only place that commits, and then sends the wakes."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from tcma.clock import Clock
from tcma.db.constraints import as_refusal
from tcma.db.work import Site, Work
from tcma.errors import Unavailable
from tcma.permissions import Principal
from tcma.ports import FileStore, JobQueue

log = structlog.get_logger(__name__)


def make_engine(url: str, *, pool_size: int = 8) -> Engine:
    """Return an engine whose sessions speak UTC; `url` is postgresql+psycopg."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC", "connect_timeout": 10},
    )


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
        work = Work(session=session, principal=principal, now=clock.now(), site=site, files=files)
        try:
            yield work
            session.commit()
        except IntegrityError as error:
            session.rollback()
            raise as_refusal(error) from error
        except OperationalError as error:
            session.rollback()
            raise Unavailable(
                "The database does not answer.", code="database.unavailable"
            ) from error
        except BaseException:
            session.rollback()
            raise
    for each in work.wakes:
        try:
            queue.send(each.job, each.ids)
        except Unavailable as error:
            log.warning("wake left to the sweep", job=each.job.value, reason=error.message)


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
