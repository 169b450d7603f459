"""Threads, time limits, retries and back-off of each lane, and what an old wake-up is worth."""

from dataclasses import dataclass

from tcma.errors import Unavailable
from tcma.jobs import Queue

SECOND = 1_000  # Dramatiq counts milliseconds
MINUTE = 60 * SECOND

HEARTBEAT = 15 * SECOND
"""After this silence a worker counts as dead and its messages go to another."""

STALE = 10 * MINUTE
"""Age at which a wake-up is dropped: the scheduler has sent newer ones since."""

PATIENCE = 8 * SECOND
"""How long a stopping process waits for the jobs in its hands."""


@dataclass(frozen=True, slots=True)
class Lane:
    """How one queue is worked off. Times in milliseconds."""

    threads: int
    time_limit: int
    min_backoff: int = 1 * SECOND
    max_backoff: int = MINUTE


LANES: dict[Queue, Lane] = {
    Queue.URGENT: Lane(threads=2, time_limit=MINUTE, min_backoff=SECOND // 2),
    Queue.DEFAULT: Lane(threads=2, time_limit=10 * MINUTE),
    Queue.BULK: Lane(threads=2, time_limit=60 * MINUTE),
}
"""Own threads for each lane: bulk mail cannot hold up an answer to a person."""

UNAVAILABLE_TRIES = 6
OTHER_TRIES = 3


def tries_again(retries: int, error: BaseException) -> bool:
    """Say whether a failed job runs again: longer when the outside was away than for our faults."""
    return retries < (UNAVAILABLE_TRIES if isinstance(error, Unavailable) else OTHER_TRIES)
