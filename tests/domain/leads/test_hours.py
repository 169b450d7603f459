"""The time to answer counts working hours where the partner works: its clock, its holidays, its own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tcma.leads.hours import Hours, answer_by


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-11-24 09:00", "Europe/London", "2026-11-24 13:00"),
        ("2026-11-24 15:00", "Europe/London", "2026-11-25 11:00"),
        ("2026-11-27 16:00", "Europe/London", "2026-11-30 12:00"),
        ("2026-11-28 12:00", "Europe/London", "2026-11-30 13:00"),
        ("2026-11-24 03:00", "Europe/London", "2026-11-24 13:00"),
        ("2026-11-24 09:00", "America/New_York", "2026-11-24 18:00"),
        ("2026-03-27 16:30", "Europe/Berlin", "2026-03-30 11:00"),
    ],
)
def test_four_working_hours_are_counted_where_the_partner_works(now, zone, due):
    assert answer_by(at(now), Hours(zone)) == at(due)


@pytest.mark.parametrize(
    ("country", "now", "due"),
    [
        ("GB", "2026-12-24 15:00", "2026-12-29 11:00"),
        ("DE", "2026-10-02 13:00", "2026-10-05 09:00"),
        ("AE", "2026-11-27 09:00", "2026-11-27 13:00"),
        ("XX", "2026-12-24 15:00", "2026-12-25 11:00"),
    ],
)
def test_holidays_of_the_partners_country_do_not_count(country, now, due):
    zone = {"DE": "Europe/Berlin", "AE": "Asia/Dubai"}.get(country, "Europe/London")
    assert answer_by(at(now), Hours(zone, country)) == at(due)


def test_a_partner_may_state_its_own_hours_and_days_off():
    own = Hours(
        "Europe/London",
        "GB",
        opens=time(7, 30),
        closes=time(12),
        closed=frozenset({date(2026, 11, 25)}),
    )
    assert answer_by(at("2026-11-24 10:00"), own) == at("2026-11-26 09:30")
    assert answer_by(at("2026-11-24 07:30"), own, needed=1) == at("2026-11-24 08:30")


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "begins", ["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"]
)
def test_who_works_while_the_clock_changes_has_the_hours_that_pass(zone, begins):
    """Equal to a walker that counts each minute somebody is there."""
    night = Hours(zone, opens=time(0, 30), closes=time(6), days=frozenset({6, 7, 1}))
    for hour in range(0, 48, 5):
        now = at(f"{begins} 00:10") + timedelta(hours=hour)
        minute, left = now, 8 * 60
        while left:
            wall = minute.astimezone(ZoneInfo(zone))
            left -= night.works_on(wall.date()) and night.opens <= wall.time() < night.closes
            minute += timedelta(minutes=1)
        assert answer_by(now, night, needed=8) == minute


def test_a_partner_that_never_opens_has_a_day():
    days = frozenset(date.fromordinal(date(2026, 11, 1).toordinal() + n) for n in range(800))
    assert answer_by(at("2026-11-24 10:00"), Hours("UTC", closed=days)) == at("2026-11-25 10:00")


def test_over_the_night_the_clocks_change_hours_are_still_hours():
    assert answer_by(at("2026-10-23 15:30"), Hours("Europe/London")) == at("2026-10-26 12:30")
