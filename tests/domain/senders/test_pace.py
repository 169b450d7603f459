"""What may leave from a domain: warm-up by the day, a limit by the hour, shared by all workers."""

from datetime import UTC, datetime, timedelta

import pytest

from tcma.delivery import claims
from tcma.senders import pace, queries
from tcma.senders.rules import Room, room
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
        assert claims.active_mailings(work) == []
    clock.move(timedelta(hours=1))
    assert len(send(db, tmp_path, smtp_sink)) == 3
    assert sums(db, mailing[0]).waiting == 0


def as_owner(work, domain_id):
    from tcma.permissions import Principal, Role
    from tests.builders import acting

    partner_id = queries.domain_by_id(work.session, domain_id).partner_id
    return acting(work, Principal(user_id=None, name="A", role=Role.OWNER, partner_id=partner_id))
