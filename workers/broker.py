"""The worker's side of the broker: middleware in order, and the settings LAB measured."""

import logging
from collections.abc import Callable
from threading import Event

from dramatiq import Broker, Middleware, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Retries, ShutdownNotifications, TimeLimit
from redis.exceptions import RedisError

from tcma.adapters.queue_dramatiq import BellBroker, with_timeouts
from tcma.jobs import Queue
from workers.policies import HEARTBEAT, LANES, PATIENCE, STALE, tries_again


class Stopping(Middleware):
    """Tells long jobs that the process wants to end."""

    def __init__(self) -> None:
        self.asked = Event()

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        """Raise the flag that `Run.stopping` reads."""
        del broker, worker
        self.asked.set()


def redis_broker(url: str) -> RedisBroker:
    """Return a consuming broker. With maintenance on every fetch, a killed worker's messages
    come back right after the heartbeat timeout; the default chance takes minutes.
    """
    return BellBroker(  # type: ignore[no-untyped-call]
        url=with_timeouts(url),
        middleware=[],
        heartbeat_timeout=HEARTBEAT,
        maintenance_chance=1_000_000,
    )


def is_away(broker: RedisBroker) -> bool:
    """Say whether Redis does not answer."""
    try:
        broker.client.ping()
    except (RedisError, OSError):
        return True
    return False


def add_middleware(broker: Broker) -> Callable[[], bool]:
    """Put our middleware on a broker, in order; return what says whether it is stopping."""
    stopping = Stopping()
    for each in (
        AgeLimit(max_age=STALE),
        TimeLimit(),
        ShutdownNotifications(notify_shutdown=False),
        Retries(retry_when=tries_again),
        stopping,
    ):
        broker.add_middleware(each)
    return stopping.asked.is_set


class Crew:
    """The worker threads of this process, one Dramatiq worker per lane."""

    def __init__(self, broker: Broker, *, timeout_ms: int) -> None:
        self.broker = broker
        broker.logger.setLevel(logging.ERROR)  # it warns of a second worker; ours share no queue
        self.workers = [
            Worker(
                broker,
                queues={queue.value},
                worker_threads=LANES[queue].threads,
                worker_timeout=timeout_ms,
            )
            for queue in Queue
        ]

    def start(self) -> None:
        """Begin to consume."""
        self.broker.emit_after("process_boot")
        for worker in self.workers:
            worker.start()

    def stop(self) -> None:
        """Let jobs in hand finish (PATIENCE), hand the rest back to the broker, end."""
        for worker in self.workers:
            for thread in worker.workers:
                thread.stop()
        for worker in self.workers:
            worker.stop(timeout=PATIENCE)
        self.broker.close()
