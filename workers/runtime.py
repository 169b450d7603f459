"""How a job runs: a Work with the house as principal, a log context, error to drop or retry."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import dramatiq
import structlog

from tcma.db.work import Work
from tcma.errors import TcmaError, Unavailable
from tcma.jobs import Job, queue_of
from tcma.permissions import SYSTEM
from tcma.wiring import Services
from workers.policies import LANES

log = structlog.get_logger(__name__)


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
    """Do one after the other, each in a transaction of its own, until the process stops.

    What fails at one row holds up no other: a refusal is logged, and a fault of ours raised in the end,
    for the broker to try again. Raises Unavailable at once.
    """
    failed: Exception | None = None
    for do in doings:
        if run.stopping():
            return
        try:
            with run.transaction() as work:
                do(work)
        except Unavailable:
            raise
        except TcmaError as error:
            log.info("row left out", code=error.code, reason=error.message)
        except Exception as error:
            log.exception("row failed")
            failed = error
    if failed is not None:
        raise failed


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
