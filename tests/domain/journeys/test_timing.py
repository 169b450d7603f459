"""Windows and delays against the plainest thing there is: a walker that goes minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tcma.journeys.document import Delay, Unit, Window
from tcma.journeys.timing import instant, is_inside, later, next_week_time, next_window, zone_of

LONDON = "Europe/London"
MINUTE = timedelta(minutes=1)
WEEK = frozenset(range(7))
WINDOWS = {
    "working hours": Window(),
    "overnight": Window(WEEK, time(22), time(6)),
    "one night": Window(frozenset({5}), time(22), time(2, 30)),
    "in the skipped hour": Window(WEEK, time(2, 15), time(2, 45)),
    "ends in the double hour": Window(WEEK, time(22), time(1, 30)),
    "around the clock": Window(frozenset({6, 0}), time(0), time(0)),
}
ODD_NIGHTS = {
    "Europe/Berlin": ("2026-03-28", "2026-10-24"),
    "America/New_York": ("2026-03-07", "2026-10-31"),
    "Australia/Lord_Howe": ("2026-04-04", "2026-10-03"),
    "America/Sao_Paulo": ("2018-02-17", "2018-11-03"),
    "Asia/Kolkata": ("2028-02-28", "2026-12-31"),
    "Pacific/Auckland": ("2026-04-04", "2026-09-26"),
}
"""The eves of the nights on which clocks change, or of the leap day where they never do."""


def walls(begin, zone, *, days):
    """What the clock on the wall shows at each minute from `begin`."""
    minutes = [begin + n * MINUTE for n in range(days * 24 * 60)]
    shown = [at.astimezone(ZoneInfo(zone)) for at in minutes]
    return [(at, wall.time(), wall.weekday()) for at, wall in zip(minutes, shown, strict=True)]


def walked(minutes, window):
    """The first minute inside, from each minute on: every one of them is looked at, backwards."""
    opens, found = None, {}
    overnight = window.ends <= window.starts
    for at, now, today in reversed(minutes):
        if overnight:
            inside = (today in window.days and now >= window.starts) or (
                (today - 1) % 7 in window.days and now < window.ends
            )
        else:
            inside = today in window.days and window.starts <= now < window.ends
        opens = at if inside else opens
        found[at] = opens
    return found


@pytest.mark.parametrize("zone", ODD_NIGHTS)
def test_a_window_opens_when_the_minute_walker_says_so(zone):
    for eve in (*ODD_NIGHTS[zone], "2028-02-29"):
        evening = datetime.fromisoformat(f"{eve}T18:00").replace(tzinfo=ZoneInfo(zone))
        minutes = walls(evening.astimezone(UTC), zone, days=9)
        for name, window in WINDOWS.items():
            expected = walked(minutes, window)
            for at, _, _ in minutes[: 14 * 60 : 11]:
                found = next_window(at, window, zone)
                assert found == expected[at], (at, name)
                assert is_inside(found, window, zone)


def test_a_window_that_the_night_swallows_is_the_next_ones():
    sunday = Window(frozenset({6}), time(2, 15), time(2, 45))
    at = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
    found = next_window(at, sunday, "Europe/Berlin")
    expected = walked(walls(at, "Europe/Berlin", days=9), sunday)[at]
    assert found == expected == at_utc("2026-04-05T00:15")


@pytest.mark.parametrize(
    ("wall", "zone", "utc"),
    [
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:00"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30"),
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:30"),
        ("2026-07-01T12:00", LONDON, "2026-07-01T11:00"),
    ],
)
def test_a_skipped_time_is_the_first_after_and_a_double_one_the_first(wall, zone, utc):
    assert instant(datetime.fromisoformat(wall), zone) == at_utc(utc)


@pytest.mark.parametrize(
    ("delay", "due"),
    [
        (Delay(3, Unit.WORKING_DAYS), "2026-11-27T10:00"),
        (Delay(4, Unit.WORKING_DAYS), "2026-11-30T10:00"),
        (Delay(2, Unit.DAYS), "2026-11-26T10:00"),
        (Delay(90, Unit.MINUTES), "2026-11-24T11:30"),
    ],
)
def test_delays_count_as_their_unit_says(delay, due):
    assert later(at_utc("2026-11-24T10:00"), delay, LONDON) == at_utc(due)


def test_a_day_is_the_same_time_tomorrow_even_when_clocks_change():
    assert later(at_utc("2026-03-28T10:00"), Delay(1, Unit.DAYS), LONDON) == at_utc(
        "2026-03-29T09:00"
    )
    assert later(at_utc("2028-02-28T10:00"), Delay(1, Unit.DAYS), LONDON) == at_utc(
        "2028-02-29T10:00"
    )


def test_a_time_of_the_week_is_always_ahead():
    tuesday = at_utc("2026-11-24T09:00")
    assert next_week_time(tuesday, (1,), time(9), LONDON) == tuesday + timedelta(days=7)
    assert next_week_time(tuesday - MINUTE, (1, 3), time(9), LONDON) == tuesday
    assert next_week_time(tuesday, (1, 3), time(9), LONDON) == tuesday + timedelta(days=2)


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("JP", "Asia/Tokyo"),
        ("GB", LONDON),
        ("ES", "Europe/Madrid"),
        ("US", "America/"),
        ("", "Europe/Dublin"),
        ("XX", "Europe/Dublin"),
    ],
)
def test_a_country_of_one_zone_tells_it_of_several_the_middle_of_none_the_partners(country, zone):
    found = zone_of(country, "Europe/Dublin")
    noon = at_utc("2026-01-01T12:00")
    assert (
        found.startswith(zone)
        or noon.astimezone(ZoneInfo(found)).utcoffset()
        == noon.astimezone(ZoneInfo(zone)).utcoffset()
    )


def test_of_several_zones_the_partners_own_counts():
    assert zone_of("US", "America/Los_Angeles") == "America/Los_Angeles"


def at_utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
