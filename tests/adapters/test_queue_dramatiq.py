"""Wake-ups over a real Redis and over the in-process broker."""

import pytest
from dramatiq import Message

from tcma.adapters.queue_dramatiq import in_process, to_redis
from tcma.embedded.process import free_port
from tcma.errors import Unavailable
from tcma.jobs import Job


def test_a_wake_up_reaches_redis_with_its_name_and_ids(redis_url):
    queue = to_redis(redis_url)
    queue.send(Job.LEAD_ROUTE, {"lead_id": "42"})
    [raw] = queue.broker.client.hgetall("dramatiq:urgent.msgs").values()
    message = Message.decode(raw)
    assert (message.actor_name, message.kwargs) == ("lead.route", {"lead_id": "42"})


def test_a_wake_up_waits_in_the_process_when_there_is_no_redis():
    queue = in_process()
    queue.send(Job.MAILING_SEND, {"mailing_id": "7"})
    assert queue.broker.queues["bulk"].qsize() == 1


def test_a_redis_that_is_away_is_unavailable():
    queue = to_redis(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(Unavailable):
        queue.send(Job.LEAD_ROUTE, {"lead_id": "42"})
