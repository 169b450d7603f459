"""Pause, cancel, unsubscribe, double clicks and an emptied queue while real workers send."""

import threading
import time

import pytest
from redis import Redis
from sqlalchemy import text

from tcma.delivery import actions
from tcma.delivery.rules import INTENT, MessageState, Reason
from tcma.jobs import Job
from tests.faults.posting import REST_S, START_S, a_mailing, posting, rows, sums, until
from tests.faults.stage import Stage
from workers.lines import LINES

pytestmark = pytest.mark.timeout(400)


def running(real, count, **facts):
    with real() as work:
        return a_mailing(work, count, **facts)


def settled(real, mailing_id):
    return not sums(real, mailing_id).waiting


def at_ease(real, mailing_id):
    return all(row["state"] != MessageState.SENDING for row in rows(real, mailing_id))


def test_s11_an_emptied_redis_stops_nothing(real, plant, sink, redis_url):
    mailing_id = running(real, 300)
    sink.order("slow")
    plant.start("workers.scheduler")
    plant.start()
    until(lambda: sink.count() > 10, START_S, what="mail at the sink")
    with Redis.from_url(redis_url) as client:
        client.flushall()
    until(lambda: settled(real, mailing_id), REST_S, what="rest")
    assert sums(real, mailing_id).sent == 300
    assert max(sink.kept().values()) == 1


def test_s13_two_workers_share_a_mailing_without_doubling(real, plant, sink):
    mailing_id = running(real, 800)
    plant.start("workers.scheduler")
    plant.start()
    plant.start()
    until(lambda: settled(real, mailing_id), REST_S, what="rest")
    assert sums(real, mailing_id).sent == 800
    assert max(sink.kept().values()) == 1


def test_s18_after_a_pause_at_most_a_micro_batch_per_line_leaves(real, plant, sink):
    mailing_id = running(real, 600)
    sink.order("slow")
    plant.start("workers.scheduler")
    plant.start()
    until(lambda: sink.count() > 20, START_S, what="mail at the sink")
    for _ in range(3):
        with real() as work:
            actions.pause_mailing(work, mailing_id, reason="Paused.")
        before = sink.count()
        until(lambda: at_ease(real, mailing_id), REST_S, what="the end of what was on the wire")
        quiet = sink.count()
        assert quiet - before <= INTENT * LINES
        time.sleep(0.5)
        assert sink.count() == quiet
        with real() as work:
            actions.resume_mailing(work, mailing_id)
        plant.ring(Job.MAILING_SEND)
        until(lambda seen=quiet: sink.count() > seen, START_S, what="mail goes on")
    sink.order("go")
    until(lambda: settled(real, mailing_id), REST_S, what="rest")
    assert sums(real, mailing_id).sent == 600
    assert max(sink.kept().values()) == 1


def test_s19_cancelled_on_the_way_the_rest_is_accounted_for(real, plant, sink):
    mailing_id = running(real, 800)
    sink.order("slow")
    plant.start("workers.scheduler")
    plant.start()
    until(lambda: sink.count() >= 200, REST_S, what="a part of the mail")
    with real() as work:
        assert actions.cancel_mailing(work, mailing_id) > 0
    until(lambda: settled(real, mailing_id), REST_S, what="rest")
    time.sleep(0.5)
    found = sums(real, mailing_id)
    assert found.holds
    assert (found.expected, found.uncertain) == (800, 0)
    assert found.sent == sink.count() == 800 - found.cancelled


def test_s20_who_stops_while_it_runs_gets_nothing_more(real, plant, sink):
    mailing_id = running(real, 500)
    sink.order("slow")
    plant.start("workers.scheduler")
    plant.start()
    until(lambda: sink.count() > 20, START_S, what="mail at the sink")
    with real() as work:
        last = work.session.execute(
            text(
                "insert into suppression (address_hash, reason, at)"
                " select address_hash, 'complaint', now() from message where mailing_id = :m"
                " order by id desc limit 10 returning address_hash"
            ),
            {"m": mailing_id},
        ).all()
    until(lambda: settled(real, mailing_id), REST_S, what="rest")
    found = sums(real, mailing_id)
    assert (found.sent, found.skipped) == (490, len(last))
    skipped = [row for row in rows(real, mailing_id) if row["state"] == MessageState.SKIPPED]
    assert {row["reason"] for row in skipped} == {Reason.COMPLAINT}


def test_a_notice_overtakes_bulk(real, plant, sink):
    from tcma.delivery import notices

    mailing_id = running(real, 2_000)
    sink.order("slow")
    plant.start("workers.scheduler")
    plant.start()
    until(lambda: sink.count() > 10, START_S, what="mail at the sink")
    with real() as work:
        notices.password_reset(
            work, to="urgent@people.example", name="U", url="https://tcma.test/r"
        )
    until(lambda: "urgent@people.example" in sink.file.read_text(), START_S, what="the notice")
    assert sums(real, mailing_id).waiting > 0


@pytest.mark.parametrize("order", ["full"])
def test_s15_a_relay_that_says_421_is_left_alone_and_nobody_loses_a_try(
    real, tmp_path, sink, order
):
    mailing_id = running(real, 30)
    sink.order(order)
    with posting(real, tmp_path, sink.url) as ring:
        ring()
        ring()
        assert {row["attempt"] for row in rows(real, mailing_id)} == {0}
        assert {row["state"] for row in rows(real, mailing_id)} == {MessageState.READY}
        with real() as work:
            waits = work.session.execute(
                text("select trouble_n, back_off_until > now() from mailing where id = :m"),
                {"m": mailing_id},
            ).one()
            assert tuple(waits) == (1, True)
            work.session.execute(text("update mailing set back_off_until = now()"))
        sink.order("go")
        ring()
    assert sums(real, mailing_id).sent == 30


def test_s15_silence_after_the_dot_is_doubt_for_one_only(real, tmp_path, sink):
    mailing_id = running(real, 30)
    sink.order("stall-after")
    with posting(real, tmp_path, f"{sink.url}?answer=1") as ring:
        ring()
        assert 1 <= sums(real, mailing_id).uncertain <= LINES
        with real() as work:
            work.session.execute(text("update mailing set back_off_until = now()"))
        sink.order("go")
        ring()
    found = sums(real, mailing_id)
    assert found.holds
    assert not found.waiting
    assert len(sink.kept()) == 30
    assert max(sink.kept().values()) == 1


def test_s14_launch_pressed_by_ten_hands_at_once_is_one_launch(real):
    stage = Stage(real)
    refs, barrier = [], threading.Barrier(10)

    def press():
        barrier.wait()
        refs.append(stage.planned(key="one click"))

    hands = [threading.Thread(target=press) for _ in range(10)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(refs) == 10
    assert len(set(refs)) == 1
    with real() as work:
        assert work.session.scalar(text("select count(*) from launch")) == 1
