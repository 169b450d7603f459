"""Large providers get so many mails a second; nobody starves behind a large launch, nobody is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tcma.delivery import claims, destinations, running
from tcma.delivery.rules import fair_share, lane_room, lane_taken
from tcma.errors import Invalid, NotFound
from tests.faults.posting import a_mailing, in_real_time, posting, rows, sums

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@settings(suppress_health_check=[HealthCheck.too_slow])  # machines that have much else to do
@given(
    st.integers(1, 500),
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 600)), max_size=12),
)
def test_no_second_sees_more_than_two_seconds_worth_whatever_workers_ask(per_second, asked):
    now, free_at, let = NOON, None, []
    for wait_ms, wanted in asked:
        now += timedelta(milliseconds=wait_ms)
        count = min(wanted, lane_room(free_at, per_second, now))
        assert count >= 0
        if count:
            free_at = lane_taken(free_at, per_second, count, now)
            let.append((now, count))
    for begin, _ in let:
        inside = sum(n for at, n in let if begin <= at < begin + timedelta(seconds=1))
        assert inside <= 2 * per_second


@pytest.mark.parametrize(
    ("room", "rivals", "share"), [(20, 1, 20), (20, 2, 10), (20, 500, 1), (0, 3, 0), (5, 2, 3)]
)
def test_mailings_that_wait_for_the_same_provider_share_its_room(room, rivals, share):
    assert fair_share(room, rivals) == share


def slow(db, per_second):
    with db() as work:
        destinations.set_pace(work, "gmail", per_second)


def one_round(db, worker):
    """What every active mailing may claim in one instant, by mailing."""
    with db() as work:
        active = running.active_mailings(work)
    taken = {}
    for n, each in enumerate(active):
        with db() as work:
            got = claims.within(claims.claim, work, each, lease=worker << 32 | n, most=100)
            taken[each.id] = len(got)
            ids = [c.id for c in got]
            claims.fail(work, ids, lease=worker << 32 | n, reason=claims.Reason.REJECTED)
    return taken


def test_a_small_mailing_gets_its_share_at_once_and_the_large_one_the_rest(db, clock):
    slow(db, 4)
    with db() as work:
        large = a_mailing(work, 40, domain="gmail.com")
        small = a_mailing(work, 3, domain="googlemail.com")
        free = a_mailing(work, 30, domain="firm.example")
        worker = claims.register_worker(work, host="h", pid=1, journal="j")
    assert one_round(db, worker) == {large: 2, small: 1, free: 30}
    assert one_round(db, worker) == {large: 1, small: 0}, "no second comes twice"
    clock.move(timedelta(seconds=1))
    assert one_round(db, worker) == {large: 2, small: 1}
    clock.move(timedelta(seconds=1))
    assert one_round(db, worker)[small] == 1
    for _ in range(20):
        clock.move(timedelta(seconds=1))
        one_round(db, worker)
    with db() as work:
        assert running.active_mailings(work) == []


def test_workers_wait_for_room_and_everybody_gets_theirs(db, tmp_path, smtp_sink):
    real = in_real_time(db)
    slow(real, 10)
    with real() as work:
        mailing_id = a_mailing(work, 25, domain="gmail.com")
    with posting(real, tmp_path, smtp_sink.url) as ring:
        ring()
    assert sums(real, mailing_id).sent == 25
    times = sorted(row["sent_at"] for row in rows(real, mailing_id))
    assert times[-1] - times[0] >= timedelta(seconds=1), "ten at once, then ten a second"


def test_a_pace_is_set_by_name_and_none_is_no_limit(db):
    slow(db, None)
    with db() as work:
        mailing_id = a_mailing(work, 50, domain="gmail.com")
        worker = claims.register_worker(work, host="h", pid=1, journal="j")
    assert one_round(db, worker) == {mailing_id: 50}
    with db() as work:
        assert destinations.lanes(work.session)[0].per_second is None
        for name, pace, error in (("gmail", 0, Invalid), ("nobody", 5, NotFound)):
            with pytest.raises(error):
                destinations.set_pace(work, name, pace)
    with db() as work:
        known = work.session.scalar(text("select count(*) from destination_domain"))
    assert known > 20
