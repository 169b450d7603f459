"""Workers that die or sleep while minutes pass: their rows come back, stay theirs, or stay in doubt.

Minutes pass by moving the clock of the database and of every process (`passing`).
"""

import signal
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery.rules import INTENT, RETRY_AFTER, MessageState
from tcma.errors import Unavailable
from tcma.jobs import Job
from tcma.launches.rules import LaunchState
from tests.faults.posting import REST_S, START_S, a_mailing, counted, rows, sums, until
from tests.faults.stage import Stage
from workers.lines import LINES

pytestmark = pytest.mark.timeout(400)
READY, LEASED, SENDING = MessageState.READY, MessageState.LEASED, MessageState.SENDING
UNCERTAIN = MessageState.UNCERTAIN


class Watched:
    """The messages of one mailing as rows, and what the relay has of them."""

    def __init__(self, db, sink, mailing_id):
        self.db, self.sink, self.mailing_id = db, sink, mailing_id

    def of(self, *states):
        return {row["id"] for row in rows(self.db, self.mailing_id) if row["state"] in states}

    def at_rest(self):
        return not self.of(READY, LEASED, SENDING)

    def rests(self):
        until(self.at_rest, REST_S, what="rest")
        found, kept = sums(self.db, self.mailing_id), self.sink.kept()
        assert found.holds
        assert max(kept.values()) == 1, "somebody got two"
        assert found.sent <= len(kept) <= found.sent + found.uncertain
        return found


def watched(passing, sink, count):
    with passing.db() as work:
        return Watched(passing.db, sink, a_mailing(work, count))


def watched_in_two_steps(passing, sink, count):
    """Of a mailing that is claimed first and intended then."""
    with passing.db() as work:
        return Watched(passing.db, sink, counted(work, a_mailing(work, count)))


@contextmanager
def nobody_can_be_locked(passing, mails):
    """One of the people is locked, so that an intent waits."""
    query = (
        "select pg_advisory_xact_lock(hashtextextended(encode(address_hash, 'hex'), 0))"
        " from message where mailing_id = :m limit 1"
    )
    with passing.db() as work:
        work.session.execute(text(query), {"m": mails.mailing_id})
        yield


def killed(worker):
    worker.kill()
    worker.wait()


def left_in(mails, *states):
    """What a killed worker held, once the database has done what it was asked last."""

    def rested():
        first = mails.of(*states)
        time.sleep(0.3)
        return first if first == mails.of(*states) else None

    return until(rested, START_S, what="rest after a death")


@pytest.mark.parametrize("again", ["the same host", "another host"])
def test_s1_killed_after_the_claim_before_the_intent_everybody_is_ready_again(
    passing, moved_plant, sink, again
):
    mails = watched_in_two_steps(passing, sink, 40)
    with nobody_can_be_locked(passing, mails):
        moved_plant.start("workers.scheduler")
        worker = moved_plant.start()
        moved_plant.ring(Job.MAILING_SEND)
        until(lambda: mails.of(LEASED), START_S, what="a claim")
        killed(worker)
    held = left_in(mails, LEASED)
    assert not mails.of(SENDING)
    if again == "the same host":
        moved_plant.start()
    else:
        moved_plant.start(host="elsewhere")
        moved_plant.ring(Job.MAILING_SEND)
        until(lambda: mails.of(READY, LEASED, SENDING) == held, REST_S, what="the others sent")
        passing.later(seconds=75)
    found = mails.rests()
    assert (found.sent, found.uncertain, len(sink.kept())) == (40, 0, 40)
    attempts = {row["attempt"] for row in rows(passing.db, mails.mailing_id)}
    assert attempts <= {1, 2}  # what its journal says it was about to make may have killed it


@pytest.mark.parametrize("journal", ["deleted", "on a host that never comes back"])
def test_s6_without_a_journal_all_it_was_sending_is_in_doubt_after_16_minutes_and_the_launch_ends(
    passing, moved_plant, sink, journal, tmp_path
):
    stage = Stage(passing.db, count=60)
    ref = stage.started(mails="first")
    sink.order("stall-after")
    moved_plant.start("workers.scheduler")
    worker = moved_plant.start()
    moved_plant.ring(Job.MAILING_SEND)
    until(sink.fell_silent, START_S, what="a conversation without an answer")
    with passing.db() as work:
        number = work.session.scalar(text("select mailing_id from launch_mail where arm = 0"))
    mails = Watched(passing.db, sink, number)
    killed(worker)
    was_sending = left_in(mails, SENDING)
    assert len(was_sending) <= INTENT * LINES
    for each in (tmp_path / "data" / "journals").iterdir():
        if journal == "deleted":
            each.unlink()
    sink.order("go")
    moved_plant.start(host="data" if journal == "deleted" else "elsewhere")
    passing.later(minutes=13)
    until(lambda: mails.of(READY, LEASED, SENDING) == was_sending, REST_S, what="the others sent")
    assert not mails.of(UNCERTAIN)
    passing.later(minutes=2)  # that makes 15, and the sweep comes each minute
    until(lambda: mails.of(UNCERTAIN) == was_sending, REST_S, what="the sweep")
    found = mails.rests()
    assert (found.sent, found.expected) == (60 - len(was_sending), 60)
    until(lambda: stage.detail(ref).line.state is LaunchState.FINISHED, REST_S, what="the end")


def test_s15_a_relay_that_asks_for_patience_all_day_is_tried_as_often_as_the_plan_says(
    passing, moved_plant, sink
):
    mails = watched(passing, sink, 5)
    sink.order("grey")
    moved_plant.start("workers.scheduler")
    moved_plant.start()
    begun, tried = passing.db.clock.now(), []

    def put_off():
        now = rows(passing.db, mails.mailing_id)
        return mails.of(READY) and {row["later_n"] for row in now} == {len(tried) + 1} and now

    for wait in RETRY_AFTER:
        moved_plant.ring(Job.MAILING_SEND)
        now = until(put_off, REST_S, what=f"answer {len(tried) + 1}")
        tried.append(wait)
        due = max(row["due_at"] for row in now)
        assert abs((due - passing.db.clock.now()).total_seconds() - wait) < START_S
        passing.later(seconds=wait)
    assert passing.db.clock.now() - begun < timedelta(days=1)
    sink.order("go")
    found = mails.rests()
    assert (found.sent, found.failed) == (5, 0)


def asleep(passing, mails, worker):
    """Freeze it with leases, intents and mails on the wire in hand; caught otherwise it is woken: None."""
    if not (mails.of(LEASED) and mails.of(SENDING)):
        return None
    worker.send_signal(signal.SIGSTOP)
    try:
        with passing.db() as work:
            for table in ("mailing", "message"):
                work.session.execute(text(f"select 1 from {table} for update nowait"))
    except Unavailable:
        worker.send_signal(signal.SIGCONT)
        return None
    leased, sending = mails.of(LEASED), mails.of(SENDING)
    on_the_wire = len(mails.sink.kept()) - len(mails.of(MessageState.SENT))
    if not (leased and sending and on_the_wire):
        worker.send_signal(signal.SIGCONT)
        return None
    return leased, sending


@pytest.mark.parametrize("minutes", [5, 20])
def test_s8_a_worker_that_slept_finishes_what_was_its_own_or_drops_it(
    passing, moved_plant, sink, minutes
):
    mails = watched_in_two_steps(passing, sink, 400)
    sink.order("slow")
    moved_plant.start("workers.scheduler")
    sleeper = moved_plant.start()
    moved_plant.ring(Job.MAILING_SEND)
    until(lambda: sink.count() > 5, START_S, what="mail at the sink")
    leased, sending = until(
        lambda: asleep(passing, mails, sleeper), START_S, every=0.001, what="sleep in the middle"
    )
    passing.later(minutes=minutes)
    sink.order("go")
    moved_plant.start()
    doubt = set() if minutes < 16 else sending
    until(
        lambda: (mails.of(READY, LEASED, SENDING), mails.of(UNCERTAIN)) == (sending - doubt, doubt),
        REST_S, what="the others sent, its own left alone",
    )  # fmt: skip
    assert leased <= mails.of(MessageState.SENT)  # claimed by another, and sent
    sleeper.send_signal(signal.SIGCONT)
    if minutes < 16:
        found = mails.rests()
        assert (found.sent, found.uncertain) == (400, 0)
        return
    found = mails.rests()
    # How many of its own were at the relay when it fell asleep is chance; what it told later counts.
    assert found.sent + found.uncertain == 400
    assert found.sent <= len(sink.kept()) <= 400
    assert found.uncertain <= len(sending)
    assert max(sink.kept().values()) == 1
