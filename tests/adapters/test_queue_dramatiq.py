"""Wake-ups over a real Redis and over the in-process broker."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from dramatiq import Message

from tcma.adapters.queue_dramatiq import HEARS_S, MOST_BELLS, in_process, to_redis
from tcma.embedded.process import free_port
from tcma.errors import Unavailable
from tcma.jobs import Job
from tests.faults.posting import until
from workers.broker import redis_broker


def test_a_wake_up_reaches_redis_with_its_name_and_ids(redis_url):
    queue = to_redis(redis_url)
    queue.send(Job.LEAD_ROUTE, {"lead_id": "42"})
    [raw] = queue.broker.client.hgetall("dramatiq:urgent.msgs").values()
    message = Message.decode(raw)
    assert (message.actor_name, message.kwargs) == ("lead.route", {"lead_id": "42"})


def test_who_listens_hears_the_bell_of_its_queue_and_looks_no_more_than_that(redis_url):
    queue, broker = to_redis(redis_url), redis_broker(redis_url)
    broker.declare_queue("urgent")
    listening = broker.consume("urgent", prefetch=4, timeout=5_000)
    with ThreadPoolExecutor() as pool:
        taken = pool.submit(next, listening)
        until(lambda: broker.client.info("clients")["blocked_clients"] == 1, 10, what="listening")
        begun = time.monotonic()
        queue.send(Job.MAILING_SEND, {"of": "another queue"})
        queue.send(Job.LEAD_ROUTE, {"lead_id": "42"})
        assert taken.result(10).kwargs == {"lead_id": "42"}
        assert time.monotonic() - begun < HEARS_S / 2


def test_a_wake_up_whose_bell_was_lost_is_found_within_a_second_or_two(redis_url):
    queue, broker = to_redis(redis_url), redis_broker(redis_url)
    broker.declare_queue("urgent")
    queue.send(Job.LEAD_ROUTE, {"lead_id": "1"})
    queue.send(Job.LEAD_ROUTE, {"lead_id": "2"})
    assert broker.client.delete("dramatiq:bell:urgent") == 1
    found = [next(broker.consume("urgent", prefetch=1, timeout=5_000)) for _ in range(2)]
    assert {each.kwargs["lead_id"] for each in found} == {"1", "2"}


def test_bells_that_nobody_hears_do_not_pile_up(redis_url):
    queue = to_redis(redis_url)
    for _ in range(MOST_BELLS * 2):
        queue.send(Job.LEAD_ROUTE, {})
    assert queue.broker.client.llen("dramatiq:bell:urgent") == MOST_BELLS


def test_a_wake_up_waits_in_the_process_when_there_is_no_redis():
    queue = in_process()
    queue.send(Job.MAILING_SEND, {"mailing_id": "7"})
    assert queue.broker.queues["bulk"].qsize() == 1


def test_a_redis_that_is_away_is_unavailable():
    queue = to_redis(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(Unavailable):
        queue.send(Job.LEAD_ROUTE, {"lead_id": "42"})
