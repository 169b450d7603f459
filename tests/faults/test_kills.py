"""A sending process killed with -9: nobody gets two, nobody is lost, who is in doubt is listed.

Numbers are those of the design's fault table. The sink holds its answer so that the kill lands
between two known points; a real worker, scheduler, Redis and database stand around it.
"""

import signal
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from tcma.delivery.rules import MessageState
from tcma.jobs import Job
from tests.faults.posting import REST_S, START_S, a_mailing, rows, sums, until
from workers.lines import LINES

pytestmark = pytest.mark.timeout(400)


def mailing_of(real, count, **facts):
    with real() as work:
        return a_mailing(work, count, **facts)


def states(real):
    with real() as work:
        return dict(
            work.session.execute(text("select state, count(*) from message group by 1")).all()
        )


def at_rest(real):
    found = states(real)
    return not any(found.get(state) for state in (0, 1, 2))


def accounted(real, mailing_id, sink, *, expected, doubtful):
    """Sum and sink agree: each key at most once, each sent row at the sink, doubt is bounded."""
    found = sums(real, mailing_id)
    kept = sink.kept()
    assert found.expected == expected
    assert found.holds
    assert found.waiting == 0
    assert found.uncertain <= doubtful
    assert max(kept.values()) == 1, "somebody got two"
    assert found.sent <= len(kept) <= found.sent + found.uncertain
    listed = [row for row in rows(real, mailing_id) if row["state"] == MessageState.UNCERTAIN]
    assert len(listed) == found.uncertain
    assert all(row["answer"] for row in listed)
    return found


def started(plant):
    plant.start("workers.scheduler")
    return plant.start()


def test_s2_killed_after_the_intent_with_nothing_on_the_wire_everybody_goes_back(real, plant, sink):
    mailing_id = mailing_of(real, 60)
    sink.order("hold")
    worker = started(plant)
    until(sink.fell_silent, START_S, what="a conversation without an answer")
    worker.kill()
    worker.wait()
    sink.order("go")
    plant.start()
    until(lambda: at_rest(real), REST_S, what="rest")
    assert accounted(real, mailing_id, sink, expected=60, doubtful=0).sent == 60


@pytest.mark.parametrize("order", ["stall-before", "stall-after"])
def test_s3_killed_between_dot_and_answer_one_in_doubt_per_line(real, plant, sink, order):
    mailing_id = mailing_of(real, 120)
    sink.order(order)
    worker = started(plant)
    until(sink.fell_silent, START_S, what="a conversation without an answer")
    worker.kill()
    worker.wait()
    sink.order("go")
    plant.start()
    until(lambda: at_rest(real), REST_S, what="rest")
    found = accounted(real, mailing_id, sink, expected=120, doubtful=LINES)
    assert found.uncertain >= 1


def test_s4_killed_after_the_answers_before_the_acknowledgement_all_count_as_sent(
    real, plant, sink
):
    mailing_id = mailing_of(real, 200)
    worker = started(plant)
    with real() as work:  # an open transaction that holds the rows: the acknowledgement waits
        until(lambda: sink.count() > 20, START_S, what="mail at the sink")
        work.session.execute(
            text("select 1 from message where mailing_id = :m and state = 2 for update"),
            {"m": mailing_id},
        )
        time.sleep(0.5)
        worker.kill()
        worker.wait()
    plant.start()
    until(lambda: at_rest(real), REST_S, what="rest")
    accounted(real, mailing_id, sink, expected=200, doubtful=LINES)


def test_s7_told_to_stop_it_finishes_what_is_on_the_wire(real, plant, sink):
    mailing_id = mailing_of(real, 400)
    sink.order("slow")
    worker = started(plant)
    until(lambda: sink.count() > 10, START_S, what="mail at the sink")
    begun = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert time.monotonic() - begun < 10
    found = sums(real, mailing_id)
    assert found.uncertain == 0
    assert found.sent == sink.count()
    assert not states(real).get(MessageState.LEASED)
    sink.order("go")
    plant.start()
    until(lambda: at_rest(real), REST_S, what="rest")
    accounted(real, mailing_id, sink, expected=400, doubtful=0)


def test_s16_a_relay_that_takes_two_seconds_a_mail_is_waited_for_and_nobody_is_claimed_twice(
    real, plant, sink
):
    sink.order("crawl")
    mailing_id = mailing_of(real, 3 * LINES)
    started(plant)
    plant.start()
    begun = until(sink.count, REST_S, what="the first mail") and time.monotonic()
    until(lambda: at_rest(real), REST_S, what="rest")
    assert 2 < time.monotonic() - begun < 3 * LINES  # all lines wait at once, not one after another
    assert accounted(real, mailing_id, sink, expected=3 * LINES, doubtful=0).sent == 3 * LINES
    assert {row["attempt"] for row in rows(real, mailing_id)} == {1}


def test_s28_a_host_whose_clock_is_an_hour_off_takes_nothing_from_the_others(real, plant, sink):
    sink.order("slow")
    mailing_id = mailing_of(real, 800)
    plant.start("workers.scheduler", clock_off_s=3600)
    plant.start()
    plant.start(clock_off_s=3600)
    plant.start(clock_off_s=-3600)
    until(sink.count, REST_S, what="the first mail")
    while not at_rest(real):
        for job in (Job.MESSAGE_SWEEP, Job.MESSAGE_RECOVER):
            plant.ring(job)
        time.sleep(0.1)
    assert accounted(real, mailing_id, sink, expected=800, doubtful=0).sent == 800
    assert {row["attempt"] for row in rows(real, mailing_id)} == {1}
    now = datetime.now(UTC)
    off = {abs((now - row["sent_at"]).total_seconds()) for row in rows(real, mailing_id)}
    assert max(off) < REST_S
