"""Wake-ups through Dramatiq: to Redis, or to the worker threads of this process."""

from dramatiq import Broker, Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import BrokerConnectionError
from redis.exceptions import RedisError

from tcma.errors import Unavailable
from tcma.jobs import Job, Queue, queue_of


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
    broker = RedisBroker(url=with_timeouts(url), middleware=[])  # type: ignore[no-untyped-call]
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
