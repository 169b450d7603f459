"""A question about a launch has a day: approvers are reminded before it, the partner hears after it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.jobs import Job
from tcma.launches import approving
from tcma.launches.reminding import remind
from tests.domain.launches.test_approving import House
from tests.faults.posting import posting

REMINDER, LATE = "may “", "was not answered in time"


@pytest.fixture
def house(db):
    """Mira is asked on Monday at nine in London, and answers by Wednesday at nine."""
    return House(db, asks_first=True)


def look(db, times=1):
    found = 0
    for _ in range(times):
        with db() as work:
            found += remind(work)
    return found


def at(db, **later):
    db.clock.move(timedelta(**later))


def test_approvers_are_reminded_once_on_the_morning_before_the_answer_is_due(db, house):
    house.asked()
    at(db, hours=22, minutes=59)
    assert look(db) == 0
    at(db, minutes=1)
    assert look(db, 3) == 1
    ((address, plain),) = house.letters(REMINDER)
    assert address.startswith("mira")
    assert "By Wed 4 Mar, 09:00 (Europe/London)" in plain
    assert "/l/launch/" in plain
    assert not house.letters(LATE)


def test_whoever_launched_hears_once_that_nobody_answered_in_time(db, house):
    ref = house.asked()
    at(db, days=2)
    assert look(db, 3) == 1
    ((address, plain),) = house.letters(LATE)
    assert address.startswith("alice")  # she planned it
    assert "was to answer by Wed 4 Mar, 09:00 (Europe/London) and has not." in plain
    assert f"/console/launches/{ref}" in plain
    assert not house.letters(REMINDER)  # nobody needs to be reminded of what is over
    house.answer(ref)
    assert len(house.letters("is approved")) == 1


def test_both_letters_come_each_at_its_time(db, house):
    house.asked()
    at(db, days=1)
    assert look(db, 2) == 1
    at(db, days=1)
    assert look(db, 2) == 1
    assert (len(house.letters(REMINDER)), len(house.letters(LATE))) == (1, 1)


def test_what_was_answered_or_taken_back_reminds_of_nothing(db, house):
    ref = house.asked()
    house.answer(ref)
    back = House(db, asks_first=True)
    with db(back.tom) as work:
        approving.take_back(work, back.asked())
    at(db, days=3)
    assert look(db) == 0


def test_each_reads_in_their_own_language(db, house):
    with db() as work:
        work.session.execute(text("update user_account set locale = 'de-DE'"))
    house.asked()
    at(db, days=1)
    look(db)
    ((_, reminded),) = house.letters("(Europe/London): Darf „")
    assert reminded.startswith("Bis Mi")
    assert "Bisher hat niemand geantwortet" in reminded
    at(db, days=1)
    look(db)
    ((_, told),) = house.letters("wurde nicht rechtzeitig beantwortet")
    assert "und hat es nicht getan." in told


def test_the_sweep_of_launches_reminds(db, tmp_path, smtp_sink, house):
    house.asked()
    at(db, days=1)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_SETTLE)
        ring(Job.LAUNCH_SETTLE)
    assert len(house.letters(REMINDER)) == 1
