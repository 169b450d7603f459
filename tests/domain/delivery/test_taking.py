"""Claim and intend in one: who takes it, who is skipped, what is left to the two steps."""

import threading

import pytest
from sqlalchemy import text

from tcma.delivery import claims
from tcma.delivery.actions import pause_mailing
from tcma.delivery.rules import ALONE_FROM, MessageState, Reason
from tests.faults.posting import a_mailing, counted, in_real_time, rows

M = MessageState


@pytest.fixture
def worker(db):
    with db() as work:
        return claims.register_worker(work, host="h", pid=1, journal="j")


def taken(db, mailing_id, lease, most=100):
    with db() as work:
        return claims.take(work, mailing_id, lease=lease, most=most)


def test_what_is_taken_is_on_its_way_under_the_lease_and_nobody_elses(db, worker):
    with db() as work:
        mailing_id = a_mailing(work, 5)
    lease = worker << 32 | 1
    mine = taken(db, mailing_id, lease, most=3)
    assert [(each.attempt, each.skipped) for each in mine] == [(1, False)] * 3
    others = taken(db, mailing_id, lease + 1)
    assert len({each.id for each in mine + others}) == 5
    found = rows(db, mailing_id)
    assert {row["state"] for row in found} == {M.SENDING}
    assert {row["lease"] for row in found} == {lease, lease + 1}
    assert taken(db, mailing_id, lease + 2) == []


def test_who_stopped_meanwhile_is_skipped_with_the_reason_and_said_so(db, worker):
    with db() as work:
        mailing_id = a_mailing(work, 3)
        work.session.execute(
            text(
                "insert into suppression (address_hash, reason, at)"
                " select address_hash, 'unsubscribed', now() from message where address like 'p1@%'"
            )
        )
    found = taken(db, mailing_id, worker << 32 | 1)
    assert sorted(each.skipped for each in found) == [False, False, True]
    [stopped] = [row for row in rows(db, mailing_id) if row["state"] == M.SKIPPED]
    assert stopped["reason"] == Reason.UNSUBSCRIBED
    with db() as work:
        kept = claims.taken_by(work, lease=worker << 32 | 1)
    assert kept == [each for each in found if not each.skipped]


def test_what_may_have_killed_a_worker_and_what_a_rule_counts_is_left_to_the_two_steps(db, worker):
    with db() as work:
        plain, ruled = a_mailing(work, 3), counted(work, a_mailing(work, 3, domain="b.example"))
        work.session.execute(
            text("update message set attempt = :n where address like 'p1@%' and mailing_id = :m"),
            {"n": ALONE_FROM - 1, "m": plain},
        )
    assert len(taken(db, plain, worker << 32 | 1)) == 2
    assert taken(db, ruled, worker << 32 | 2) == []
    with db() as work:
        assert [c.attempt for c in claims.claim(work, plain, lease=worker << 32 | 3, most=9)] == [3]
        assert len(claims.claim(work, ruled, lease=worker << 32 | 4, most=9)) == 3


def test_nothing_is_taken_of_what_pauses_nor_by_a_worker_that_was_declared_dead(db, worker):
    with db() as work:
        first, second = a_mailing(work, 2), a_mailing(work, 2, domain="b.example")
        pause_mailing(work, first, reason="x")
    assert taken(db, first, worker << 32 | 1) == []
    with db() as work:
        claims.end_worker(work, worker)
    assert taken(db, second, worker << 32 | 2) == []


def test_hands_that_take_at_once_never_take_the_same(db, worker):
    real = in_real_time(db)
    with real() as work:
        mailing_id = a_mailing(work, 200)
    found, gate = [], threading.Barrier(4)

    def take(hand):
        gate.wait()
        lease = worker << 32 | hand << 16
        while some := taken(real, mailing_id, lease := lease + 1, most=7):
            found.extend(each.id for each in some)

    threads = [threading.Thread(target=take, args=(hand,)) for hand in range(1, 5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(found) == len(set(found)) == 200
