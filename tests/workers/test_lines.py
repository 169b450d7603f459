"""Whose turn it is on the lines, how much is taken for them, and that others are called to help."""

import threading
import time

import pytest
from sqlalchemy import text

from tcma.delivery import claims, trouble
from tcma.delivery.rules import INTENT, MessageState
from tcma.jobs import Job
from tcma.ports import Result, SendResult
from tests.faults.posting import a_mailing, rows, sums
from workers import crew, hand
from workers.crew import Crew
from workers.hand import Hand
from workers.lines import LINES, Lines
from workers.microbatch import Answered, put_on_wire

WAIT_S = 20


def mailing_of(db, count):
    with db() as work:
        return a_mailing(work, count)


def test_two_hands_share_the_lines_and_one_batch_is_on_them_at_a_time(
    db, run, office, monkeypatch, smtp_sink
):
    mailing_id = mailing_of(db, 300)
    office.paces[None] = 20.0
    on_them, most = [], []

    def watched(*given, **named):
        on_them.append(1)
        most.append(len(on_them))
        answered = put_on_wire(*given, **named)
        on_them.pop()
        return answered

    monkeypatch.setattr(hand, "put_on_wire", watched)
    lines = Lines(office, count=4, hands=2)
    hands = [Hand(office, run, float("inf"), lines) for _ in range(2)]
    threads = [threading.Thread(target=each.work) for each in hands]
    for each in threads:
        each.start()
    for each in threads:
        each.join(WAIT_S)
    assert len(most) > 2
    assert set(most) == {1}
    assert sums(db, mailing_id).sent == len(set(smtp_sink.keys)) == 300
    assert lines.hands == 0
    with lines.turn() as sender:
        assert sender is None  # the last one out has hung up


def test_what_all_hands_have_in_hand_leaves_in_a_second_or_is_one_for_each_line(office):
    lines = Lines(office, count=LINES, hands=2)
    for pace, at_once in ((10_000, INTENT * LINES // 2), (100, 50), (1, LINES)):
        for _ in range(40):
            lines.went(pace, 1.0)
        assert lines.at_once() == at_once
        assert lines.some(begins=True) == LINES


def test_where_the_relay_is_slow_nothing_is_taken_before_the_lines_are_free(db, run, office):
    mailing_id = mailing_of(db, 40)
    lines = Lines(office, count=4, hands=1)
    office.paces[None] = 0.1
    other = Hand(office, run, float("inf"), lines)
    with lines.turn():
        waiting = threading.Thread(target=other.work)
        lines.dial()
        waiting.start()
        time.sleep(0.3)
        assert {row["state"] for row in rows(db, mailing_id)} == {MessageState.READY}
    waiting.join(WAIT_S)
    assert sums(db, mailing_id).sent == 40


@pytest.mark.parametrize("why", ["waited too long", "the other hung up"])
def test_what_was_taken_ahead_and_cannot_go_at_once_goes_back_with_its_attempt(
    db, run, office, why
):
    mailing_id = mailing_of(db, 20)
    lines = Lines(office, count=2, hands=2)
    office.paces[None] = 1_000.0
    mine = Hand(office, run, float("inf"), lines)
    [active] = office.order(None)
    taken = mine._taken(active, most=10)
    if why == "waited too long":
        lines.dial()
        taken.at -= 2
    assert not mine._send(active, taken)
    mine._settle()
    found = rows(db, mailing_id)
    assert {row["state"] for row in found} == {MessageState.READY}
    assert {row["attempt"] for row in found} == {0}
    with db() as work:
        assert work.session.scalar(text("select trouble_n from mailing")) == 0
    mine.lines.hands = 1
    mine.work()
    assert sums(db, mailing_id).sent == 20


def test_a_mailing_whose_lines_broke_waits_before_anybody_opens_others(
    db, run, office, monkeypatch
):
    mailing_of(db, 20)
    lines = Lines(office, count=2, hands=2)
    office.paces[None] = 1_000.0
    mine = Hand(office, run, float("inf"), lines)
    [active] = office.order(None)
    taken = mine._taken(active, most=10)
    free, note = [], trouble.note_trouble

    def noted(work, stuck):
        ask = threading.Thread(target=lambda: free.append(lines._turn.acquire(blocking=False)))
        ask.start()
        ask.join()
        note(work, stuck)

    def silence(office, sender, taken, *, stopping):
        return Answered(taken, [SendResult(each.id, Result.UNCERTAIN) for each in taken.rows])

    monkeypatch.setattr(trouble, "note_trouble", noted)
    monkeypatch.setattr(hand, "put_on_wire", silence)
    lines.dial()
    assert not mine._send(active, taken)
    assert free == [False]
    with db() as work:
        assert work.session.scalar(text("select trouble_n from mailing")) == 1


def calls(db, run, office, count):
    """What a slice rings for that has so many to send."""
    mailing_of(db, count)
    office.look_again()
    before = len(db.queue.sent)
    Crew(office, run).work()
    return [job for job, _ in db.queue.sent[before:] if job is Job.MAILING_SEND]


def test_a_slice_with_more_than_one_go_calls_other_processes(db, run, office, monkeypatch):
    monkeypatch.setattr(crew, "PROCESSORS", 2)
    office.paces[None] = 1_000.0
    assert calls(db, run, office, INTENT * LINES)
    assert not calls(db, run, office, INTENT)


def test_no_more_send_by_calls_than_there_are_processors(db, run, office, monkeypatch):
    monkeypatch.setattr(crew, "PROCESSORS", 2)
    office.paces[None] = 1_000.0
    mailing_id = mailing_of(db, 1)
    with db() as work:
        other = claims.register_worker(work, host="another", pid=1, journal="j")
        assert claims.take(work, mailing_id, lease=other << 32 | 1, most=1)
    assert not calls(db, run, office, INTENT * LINES)
