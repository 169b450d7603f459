"""Wake-ups through Dramatiq: to Redis, or to the worker threads of this process."""

import contextlib
from typing import Any

from dramatiq import Broker, Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import BrokerConnectionError
from redis.exceptions import RedisError

from tcma.errors import Unavailable
from tcma.jobs import Job, Queue, queue_of

HEARS_S = 1
"""How long an idle consumer listens before it looks all the same: a bell may be lost."""
FULL_MS = 50
"""How long a consumer that has enough in hand waits before it sees whether it still has."""
MOST_BELLS = 16
"""Bells that nobody has heard yet, a queue; each is worth a look, so more would be looks for nothing."""


class BellBroker(RedisBroker):
    """Redis whose idle consumers are rung: a message is taken within a millisecond or two, and nobody
    looks twice a second meanwhile. Each bell wakes one process, for it is one element of a list.
    """

    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Enqueue and ring; a bell that cannot be rung is no fault, somebody looks within a second."""
        sent = super().enqueue(message, delay=delay)
        if delay is None:
            bell = self._bell(message.queue_name)
            with contextlib.suppress(RedisError, OSError), self.client.pipeline() as both:
                both.lpush(bell, "")
                both.ltrim(bell, 0, MOST_BELLS - 1)
                both.execute()
        return sent

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5_000) -> Any:
        """Return a consumer; that of a queue with a bell listens instead of sleeping."""
        has_bell = queue_name in self.queues
        return super().consume(queue_name, prefetch, FULL_MS if has_bell else timeout)

    def do_fetch(self, queue_name: str, most: int) -> Any:
        """Fetch up to `most` messages; when there are none, listen for the bell and fetch again."""
        fetch = self._dispatch("fetch")  # type: ignore[no-untyped-call]
        found = fetch(queue_name, most)
        if not found and queue_name in self.queues:
            self.client.blpop([self._bell(queue_name)], timeout=HEARS_S)
            found = fetch(queue_name, most)
        return found

    def _bell(self, queue_name: str) -> str:
        return f"{self.namespace}:bell:{queue_name}"


class DramatiqQueue:
    """JobQueue on a Dramatiq broker. The actor is named, so the sender needs no worker code."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        for queue in Queue:
            broker.declare_queue(queue.value)

    def send(self, job: Job, ids: dict[str, str]) -> None:
        """Hand one wake-up to the broker; Unavailable when it does not answer."""
        message: Message[None] = Message(
            queue_name=queue_of(job).value,
            actor_name=job.value,
            args=(),
            kwargs=dict(ids),
            options={},
        )
        try:
            self.broker.enqueue(message)
        except (RedisError, BrokerConnectionError, OSError) as error:
            raise Unavailable(f"the job queue does not answer: {error}") from error


def to_redis(url: str) -> DramatiqQueue:
    """Return a queue that only sends; `workers.main` consumes. `url` is TCMA_REDIS_URL."""
    broker = BellBroker(url=with_timeouts(url), middleware=[])  # type: ignore[no-untyped-call]
    return DramatiqQueue(broker)


def in_process() -> DramatiqQueue:
    """Return a queue whose broker lives and dies with this process; see `workers.embedded`."""
    return DramatiqQueue(StubBroker(middleware=[]))


def with_timeouts(url: str) -> str:
    """Add socket timeouts in seconds, so a silent Redis cannot hold a request."""
    if "socket_timeout" in url:
        return url
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}socket_connect_timeout=3&socket_timeout=10"
