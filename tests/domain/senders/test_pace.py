"""What may leave from a domain: warm-up by the day, a limit by the hour, shared by all workers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from tcma.delivery import claims, pacing, recovery, running
from tcma.ids import new_id
from tcma.ports import Result, SendResult
from tcma.senders import pace, queries
from tcma.senders.rules import Room, Spread, room, spread
from tests.domain.senders.test_signing import NAME, mailing, send
from tests.faults.posting import sums

assert mailing  # the fixture
NOON = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)
ONE = datetime(2026, 3, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days_ago", "per_hour", "today", "this_hour", "expected"),
    [
        (None, None, 9_000, 9_000, None),
        (0, None, 100, 100, Room(400, 500, MIDNIGHT, 1)),
        (0, None, 700, 0, Room(0, 500, MIDNIGHT, 1)),
        (2, None, 0, 0, Room(2_000, 2_000, MIDNIGHT, 3)),
        (7, None, 0, 0, Room(64_000, 64_000, MIDNIGHT, 8)),
        (8, None, 0, 0, None),
        (None, 100, 900, 30, Room(70, 100, ONE)),
        (0, 100, 0, 0, Room(100, 100, ONE)),
        (0, 1_000, 450, 0, Room(50, 500, MIDNIGHT, 1)),
    ],
)
def test_the_tighter_of_two_limits_counts(days_ago, per_hour, today, this_hour, expected):
    warm_from = None if days_ago is None else NOON - timedelta(days=days_ago)
    given = {"warm_from": warm_from, "per_hour": per_hour, "today": today, "this_hour": this_hour}
    assert room(**given, now=NOON) == expected


@pytest.mark.parametrize(
    ("mails", "days_ago", "per_hour", "today", "in_days", "expected"),
    [
        (19_533, None, None, 0, 0, None),
        (500, 0, None, 0, 0, Spread(500, date(2026, 3, 2))),
        (501, 0, None, 0, 0, Spread(500, date(2026, 3, 3))),
        (19_533, 0, None, 0, 0, Spread(500, date(2026, 3, 7))),
        (19_533, 0, None, 500, 0, Spread(0, date(2026, 3, 7))),
        (900, 0, None, 500, 1, Spread(900, date(2026, 3, 3))),
        (500_000, 6, None, 0, 0, Spread(32_000, date(2026, 3, 4))),
        (19_533, 8, None, 0, 0, None),
        (240, None, 10, 0, 0, Spread(120, date(2026, 3, 3))),
        (700, 0, 10, 0, 0, Spread(120, date(2026, 3, 5))),
    ],
)
def test_a_forecast_spends_each_day_what_its_limits_let_out(
    mails, days_ago, per_hour, today, in_days, expected
):
    warm_from = None if days_ago is None else NOON - timedelta(days=days_ago)
    given = {"warm_from": warm_from, "per_hour": per_hour, "today": today, "now": NOON}
    assert spread(mails, start=NOON + timedelta(days=in_days), **given) == expected


def test_a_limit_lets_out_so_many_an_hour_and_nobody_is_lost(
    db, tmp_path, smtp_sink, zone, mailing, clock
):
    zone.publish(db, NAME)
    domain_id = zone.look(db, NAME).domain_id
    with db() as work:
        assert pace.room_of(work.session, domain_id, work.now).warm_day == 1
        pace.set_pace(as_owner(work, domain_id), NAME, per_hour=2, is_warm=True)
    assert len(send(db, tmp_path, smtp_sink)) == 2
    assert (sums(db, mailing[0]).sent, sums(db, mailing[0]).waiting) == (2, 1)
    with db() as work:
        assert running.active_mailings(work) == []
    clock.move(timedelta(hours=1))
    assert len(send(db, tmp_path, smtp_sink)) == 3
    assert sums(db, mailing[0]).waiting == 0


@pytest.fixture
def paced(db, zone, mailing):
    """A mailing of three mails whose domain lets out two an hour."""
    zone.publish(db, NAME)
    domain_id = zone.look(db, NAME).domain_id
    with db() as work:
        pace.set_pace(as_owner(work, domain_id), NAME, per_hour=2, is_warm=True)
    return mailing[0], domain_id


def hands(db):
    with db() as work:
        return claims.register_worker(work, host="h", pid=1, journal=str(new_id()))


def active(db):
    with db() as work:
        [found] = [each for each in running.active_mailings(work) if each.domain_id]
    return found


def took(db, one, worker, *, most=3):
    with db() as work:
        return [
            each.id
            for each in claims.within(claims.claim, work, one, lease=worker << 32, most=most)
        ]


def answered(db, one, worker, ids, result):
    with db() as work:
        ids = claims.intend(work, ids, lease=worker << 32)
        answers = [SendResult(each, result, 451 if result is Result.LATER else 0) for each in ids]
        left = dict.fromkeys(ids, 0)
        claims.acknowledge(work, answers, left, lease=worker << 32, domain_id=one.domain_id)


def room_left(db, domain_id):
    with db() as work:
        return pacing.room_of(work.session, domain_id, work.now).left


def test_what_is_in_anybodys_hands_counts_and_no_two_workers_pass_the_limit(db, paced):
    one, crew = active(db), [hands(db) for _ in range(6)]
    with ThreadPoolExecutor(len(crew)) as at_once:
        claimed = list(at_once.map(lambda worker: took(db, one, worker, most=1), crew))
    assert sum(len(each) for each in claimed) == 2
    with db() as work:
        assert not [each for each in running.active_mailings(work) if each.domain_id]


@pytest.mark.parametrize(
    ("result", "left"),
    [(Result.SENT, 0), (Result.UNCERTAIN, 0), (Result.LATER, 2), (Result.UNSENT, 2),
     (Result.REFUSED, 2)],
)  # fmt: skip
def test_only_what_a_relay_took_or_may_have_uses_up_the_limit(db, paced, result, left):
    one, worker = active(db), hands(db)
    answered(db, one, worker, took(db, one, worker), result)
    assert room_left(db, paced[1]) == left


@pytest.mark.parametrize(("begun", "left"), [(set(), 2), ({0}, 1), ({0, 1}, 0)])
def test_a_hand_that_dies_uses_up_what_it_had_begun_alone(db, paced, begun, left):
    one, worker = active(db), hands(db)
    ids = took(db, one, worker)
    with db() as work:
        claims.intend(work, ids, lease=worker << 32)
    told = recovery.Told(prepared=set(), begun={ids[n] for n in begun}, answered=set())
    with db() as work:
        recovery.replay(work, worker, told)
    assert room_left(db, paced[1]) == left


def test_what_was_claimed_in_another_hour_and_came_back_changes_neither(db, paced, clock):
    one, worker = active(db), hands(db)
    ids = took(db, one, worker)
    clock.move(timedelta(hours=1))
    with db() as work:
        claims.release(work, ids, lease=worker << 32)
    assert room_left(db, paced[1]) == 2
    answered(db, one, worker, took(db, one, worker, most=1), Result.SENT)
    assert room_left(db, paced[1]) == 1


def test_a_mail_that_was_doubted_and_turns_out_to_have_left_is_counted_once(db, paced, clock):
    one, worker = active(db), hands(db)
    [number] = took(db, one, worker, most=1)
    with db() as work:
        claims.intend(work, [number], lease=worker << 32)
    clock.move(timedelta(minutes=16))
    with db() as work:
        assert recovery.doubt_lost(work) == 1
    assert room_left(db, paced[1]) == 1
    with db() as work:
        late = [SendResult(number, Result.SENT, 250)]
        claims.acknowledge(work, late, {number: 0}, lease=worker << 32, domain_id=one.domain_id)
    assert sums(db, paced[0]).sent == 1
    assert room_left(db, paced[1]) == 1


def as_owner(work, domain_id):
    from tcma.permissions import Principal, Role
    from tests.builders import acting

    partner_id = queries.domain_by_id(work.session, domain_id).partner_id
    return acting(work, Principal(user_id=None, name="A", role=Role.OWNER, partner_id=partner_id))
