"""How a job runs: a Work with the house as principal, a log context, error to drop or retry."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

import dramatiq
import structlog

from tcma.db.work import Work
from tcma.errors import TcmaError, Unavailable
from tcma.jobs import Job, queue_of
from tcma.permissions import SYSTEM
from tcma.wiring import Services
from workers.policies import LANES

log = structlog.get_logger(__name__)
T = TypeVar("T")
Row = TypeVar("Row")
MOST_AWAY = 3


@dataclass(frozen=True, slots=True)
class Run:
    """What a job of several transactions is given."""

    services: Services
    stopping: Callable[[], bool]

    def transaction(self) -> AbstractContextManager[Work]:
        """Open one transaction as the house."""
        return self.services.transaction(SYSTEM)


Body = Callable[..., None]
HANDLERS: dict[Job, Body] = {}
"""Every handler by its job; importing `workers.main` fills it. Bodies take (run, **ids)."""


def handles(job: Job) -> Callable[[Body], Body]:
    """Name the handler of `job`: `handler(work, **ids)`, one transaction for the whole job."""

    def named(body: Body) -> Body:
        _name(job, in_one_transaction(body))
        return body

    return named


def runs(job: Job) -> Callable[[Body], Body]:
    """Name the handler of `job`: `handler(run, **ids)`, which opens its own transactions."""

    def named(body: Body) -> Body:
        _name(job, body)
        return body

    return named


def in_one_transaction(body: Body) -> Body:
    """Return `body(work, **ids)` as a handler that takes a Run."""

    def with_work(run: Run, **ids: str) -> None:
        with run.transaction() as work:
            body(work, **ids)

    return with_work


def one_by_one(run: Run, doings: Iterable[Callable[[Work], object]]) -> None:
    """Do one after the other `apart`, each in a transaction of its own."""
    apart(run, (partial(once, run, do) for do in doings))


def once(run: Run, do: Callable[[Work], T]) -> T:
    """Do it in a transaction of its own."""
    with run.transaction() as work:
        return do(work)


def together(run: Run, rows: Sequence[Row], do: Callable[[Work, Row], object]) -> None:
    """Do it to all rows in one transaction; where that fails, `one_by_one`, so that the odd one alone waits."""
    try:
        with run.transaction() as work:
            for each in rows:
                do(work, each)
    except TcmaError as error:
        log.info("rows are done one by one", code=error.code, reason=error.message)
    except Exception:
        log.exception("rows are done one by one")
    else:
        return
    one_by_one(run, [partial(_to, do, each) for each in rows])


def _to(do: Callable[[Work, Row], object], row: Row, work: Work) -> object:
    return do(work, row)


def apart(run: Run, doings: Iterable[Callable[[], object]]) -> None:
    """Do one after the other until the process stops; each opens its own transactions.

    What fails at one row holds up no other: a refusal is logged, and what failed else is raised in the end,
    for the broker to try again. A file or a host may be away for one row alone; after so many in a row
    that found something away Unavailable is raised at once.
    """
    failed: Exception | None = None
    away = 0
    left = iter(doings)
    while not run.stopping() and (do := next(left, None)) is not None:  # what is taken is done
        try:
            do()
        except Unavailable as error:
            log.warning("row waits", row=_row_of(do), reason=error.message)
            failed, away = failed or error, away + 1
            if away == MOST_AWAY:
                raise
        except TcmaError as error:
            log.info("row left out", row=_row_of(do), code=error.code, reason=error.message)
        except Exception as error:
            log.exception("row failed", row=_row_of(do))
            failed = error
        else:
            away = 0
    if failed is not None:
        raise failed


def _row_of(do: Callable[..., object]) -> str:
    """Return the ids and references that something is to be done with."""
    if not isinstance(do, partial):
        return ""
    given = [*do.args, *do.keywords.values()]
    inner = [_row_of(each) for each in given]
    return " ".join(
        [str(each) for each in given if isinstance(each, UUID | int | str)] + inner
    ).strip()


def perform(body: Body, job: Job, run: Run, ids: dict[str, str]) -> None:
    """Run one handler here and now; a domain refusal is logged and dropped, the rest is raised.

    A lost race (Conflict), a row that is gone (NotFound) and a refusal (Forbidden, Invalid,
    LimitReached) would end the same the next time. Unavailable and faults of ours are raised,
    for the broker to try again (`policies.tries_again`).
    """
    with structlog.contextvars.bound_contextvars(job=job.value, **ids):
        begun = time.monotonic()
        try:
            body(run, **ids)
        except Unavailable as error:
            log.warning("job waits", reason=error.message)
            raise
        except TcmaError as error:
            log.info("job dropped", code=error.code, reason=error.message)
        except Exception:
            log.exception("job failed")
            raise
        else:
            log.debug("job done", seconds=round(time.monotonic() - begun, 3))


def register(broker: dramatiq.Broker, run: Run, *, handlers: Mapping[Job, Body] = HANDLERS) -> None:
    """Declare an actor on `broker` for every handler."""
    for job, body in handlers.items():
        lane = LANES[queue_of(job)]
        as_actor = dramatiq.actor(
            actor_name=job.value,
            queue_name=queue_of(job).value,
            broker=broker,
            time_limit=lane.time_limit,
            min_backoff=lane.min_backoff,
            max_backoff=lane.max_backoff,
        )
        as_actor(_actor_body(body, job, run))


def _actor_body(body: Body, job: Job, run: Run) -> Callable[..., None]:
    def act(**ids: str) -> None:
        perform(body, job, run, ids)

    return act


def _name(job: Job, body: Body) -> None:
    if job in HANDLERS:
        raise ValueError(f"two handlers for {job.value}")
    HANDLERS[job] = body
