"""Redis forgets, crawls and stops while a real worker sends: nothing is lost, nobody gets two."""

import pytest
from redis import Redis

from tcma.delivery import claims
from tcma.embedded import redis
from tcma.jobs import Job
from tcma.launches.rules import LaunchState
from tests.faults.posting import REST_S, START_S, Plant, a_mailing, sums, until
from tests.faults.stage import Stage

pytestmark = pytest.mark.timeout(400)
ON_THE_WIRE = 12


def running(db, count, **facts):
    with db() as work:
        return a_mailing(work, count, **facts)


def goes_on(sink, *, by=10, seconds=REST_S):
    before = sink.count()
    until(lambda: sink.count() >= before + by, seconds, what="mail goes on")


@pytest.fixture
def own_redis(tmp_path):
    server = redis.start(tmp_path / "redis")
    yield server
    server.stop()


def test_s11_without_redis_for_two_minutes_running_mailings_go_on_and_wakes_return(
    passing, tmp_path, own_redis, sink
):
    db = passing.db
    with Plant(db, tmp_path, own_redis.url, sink, **passing.environment) as plant:
        first = running(db, 600)
        sink.order("slow")
        plant.start("workers.scheduler")
        plant.start()
        plant.ring(Job.MAILING_SEND)
        until(lambda: sink.count() > 10, START_S, what="mail at the sink")
        with Redis.from_url(own_redis.url) as client:
            client.flushall()
            goes_on(sink)
            client.client_pause(3_000)  # answers after three seconds
        goes_on(sink)
        own_redis.stop()
        second = running(db, 40, domain="second.example")  # nobody can be rung for it
        passing.later(minutes=2)
        until(lambda: sums(db, second).sent == 40, 30, what="the second mailing, without Redis")
        back = redis.start(tmp_path / "redis", port=own_redis.port)
        try:
            third = running(db, 1, domain="third.example")
            until(lambda: sums(db, third).sent, 10, what="a wake within ten seconds")
            sink.order("go")
            until(lambda: not sums(db, first).waiting, REST_S, what="rest")
        finally:
            back.stop()
    told = sums(db, first)
    # What was on the wire in the moment that the clock was moved had its answer two minutes late.
    assert (told.sent + told.uncertain, told.uncertain <= ON_THE_WIRE) == (600, True)
    assert len(sink.kept()) == 641
    assert max(sink.kept().values()) == 1


def test_s11_without_redis_doubts_are_swept_and_what_is_due_begins(
    passing, tmp_path, own_redis, sink
):
    db = passing.db
    with db() as work:
        lost = a_mailing(work, 1, domain="lost.example")
        lease = claims.register_worker(work, host="gone", pid=1, journal="gone") << 32
        [held] = claims.claim(work, lost, lease=lease, most=1)
        assert claims.intend(work, [held.id], lease=lease)
    stage = Stage(db, count=3, domain="begins.example")
    with Plant(db, tmp_path, own_redis.url, sink, **passing.environment) as plant:
        plant.start()
        until(plant.log.exists, START_S, what="a worker")
        own_redis.stop()
        ref = stage.started(mails="first")
        passing.later(minutes=16)
        until(lambda: sums(db, lost).uncertain == 1, REST_S, what="the sweep, without Redis")
        until(
            lambda: stage.detail(ref).line.state is LaunchState.FINISHED, REST_S,
            what="a launch from its beginning to its end, without Redis",
        )  # fmt: skip
    assert len(sink.kept("@begins.example")) == 3
    assert not sink.kept("@lost.example")
