"""A relay that says later or nothing, a notice behind bulk, a button pressed by ten hands."""

import threading

import pytest
from sqlalchemy import text

from tcma.delivery.rules import MessageState
from tests.faults.posting import START_S, a_mailing, posting, rows, sums, until
from tests.faults.stage import Stage
from workers.lines import LINES

pytestmark = pytest.mark.timeout(400)


def running(real, count, **facts):
    with real() as work:
        return a_mailing(work, count, **facts)


def test_a_notice_overtakes_bulk(real, plant, sink):
    from tcma.delivery import notices

    mailing_id = running(real, 2_000)
    sink.order("slow")
    plant.start("workers.scheduler")
    plant.start()
    until(lambda: sink.count() > 10, START_S, what="mail at the sink")
    with real() as work:
        urgent = notices.Reader(email="urgent@people.example", name="U")
        notices.password_reset(work, urgent, url="https://tcma.test/r")
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
