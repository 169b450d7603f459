"""When a mail leaves at somebody's own clock and hours, against a walker that goes minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tcma.journeys.places import country_code, is_known, zone_at
from tcma.launches.hours import GRACE, Hours, Schedule, Wave, closes_at, findings, leaves_at
from tcma.launches.rules import Severity

LONDON = "Europe/London"
MINUTE = timedelta(minutes=1)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Tokyo")
NIGHTS = ("2026-03-27", "2026-10-23", "2026-04-03", "2026-10-02", "2026-12-30")
"""A Friday before clocks change in Europe or on Lord Howe, and one ordinary day."""
OPEN = {
    Hours.ANY: lambda wall: True,
    Hours.WORKING: lambda wall: wall.weekday() < 5 and time(8) <= wall.time() < time(18),
    Hours.DAYTIME: lambda wall: time(8) <= wall.time() < time(20),
}


@cache
def walls(zone, night):
    """What the clock on the wall shows, minute by minute, from two days before a night on."""
    begin = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=UTC) - timedelta(days=2)
    minutes = [begin + n * MINUTE for n in range(8 * 24 * 60)]
    return [(at, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for at in minutes]


def walked(schedule, zone, night, now):
    """The first minute that is late enough by the clock there, and inside the hours."""
    minutes, start, wanted = walls(zone, night), schedule.at, schedule.wall
    if schedule.local:  # the first minute at which the clock shows the time, or has just jumped it
        for (_, before), (at, wall) in pairwise(minutes):
            if wall >= wanted > before:
                start = at
                if at >= now - GRACE:
                    break
                wanted += timedelta(days=1)
    start = max(start, now)
    return next(at for at, wall in minutes if at >= start and OPEN[schedule.hours](wall))


@pytest.mark.parametrize("hours", Hours)
@pytest.mark.parametrize("local", [True, False], ids=["their clock", "one moment"])
def test_it_leaves_when_the_minute_walker_says_so(hours, local):
    for night in NIGHTS:
        for clock in ("01:30", "02:15", "09:00", "17:59"):
            at = datetime.fromisoformat(f"{night}T{clock}").replace(tzinfo=ZoneInfo(LONDON))
            schedule = Schedule(at.astimezone(UTC), LONDON, local, hours)
            for zone in ZONES:
                for now in (at - timedelta(hours=14), at, at + timedelta(hours=7)):
                    moment = now.astimezone(UTC)
                    expected = walked(schedule, zone, night, moment)
                    assert leaves_at(schedule, zone, now=moment) == expected, (at, zone, now)


def test_a_time_that_the_night_swallows_is_the_first_minute_after_it():
    at = datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    schedule = Schedule(at, "Asia/Tokyo", local=True)
    found = leaves_at(schedule, "Europe/Berlin", now=datetime(2026, 3, 28, tzinfo=UTC))
    assert found == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "country", "postcode", "zone"),
    [
        ("Asia/Tokyo", "DE", "", "Asia/Tokyo"),
        ("somewhere", "Deutschland", "", "Europe/Berlin"),
        ("", "usa", "94105", "America/Los_Angeles"),
        ("", "US", "100", "America/New_York"),
        ("", "United States", "", "America/Chicago"),
        ("", "Canada", "v6b", "America/Vancouver"),
        ("", "AUS", "600", "Australia/Perth"),
        ("", "Vereinigtes Königreich", "LS1", "Europe/London"),
        ("", "", "94105", LONDON),
        ("", "Atlantis", "", LONDON),
    ],
)
def test_a_zone_comes_from_what_is_known_of_somebody(told, country, postcode, zone):
    assert zone_at(told=told, country=country, postcode=postcode, fallback=LONDON) == zone
    assert is_known(told=told, country=country) == bool(zone != LONDON or country_code(country))


def said(schedule, waves, ends_on=None):
    return findings(schedule, waves, ends_on=ends_on)


def wave(schedule, zone, people, now, **facts):
    return Wave(zone=zone, leaves_at=leaves_at(schedule, zone, now=now), people=people, **facts)


def test_the_preflight_says_until_when_the_last_leaves_and_who_is_a_day_late():
    at = datetime(2026, 3, 3, 9, tzinfo=UTC)
    schedule = Schedule(at, LONDON, local=True, hours=Hours.WORKING)
    waves = [wave(schedule, zone, 5, at) for zone in (LONDON, "America/New_York", "Asia/Tokyo")]
    good, late = said(schedule, waves)
    assert good.message == (
        "Mails leave at 09:00 where each recipient is, on working days, 08:00 to 18:00 in 3 time"
        " zones: the first on 3 March, 09:00, the last on 4 March, 00:00 by your clock."
    )
    assert late.severity is Severity.LOOK
    assert late.message.startswith("In Tokyo 09:00 has passed by then. 5 people there get it")


def test_the_preflight_says_whose_clock_is_guessed_and_who_comes_after_the_campaigns_end():
    at = datetime(2026, 3, 6, 19, tzinfo=UTC)
    schedule = Schedule(at, LONDON, hours=Hours.WORKING)
    waves = [wave(schedule, LONDON, 4, at, guessed=1)]
    _, guessed, cut = said(schedule, waves, ends_on=date(2026, 3, 7))
    assert guessed.message.startswith("Of 1 person no country is known")
    assert cut.message.startswith("The campaign ends on 7 March 2026: 4 people would come later")


def test_a_plain_launch_has_nothing_to_say():
    schedule = Schedule(datetime(2026, 3, 6, 19, tzinfo=UTC), LONDON)
    assert said(schedule, [wave(schedule, LONDON, 4, schedule.at)]) == []


@pytest.mark.parametrize("hours", [each for each in Hours if each is not Hours.ANY])
def test_hours_close_when_the_minute_walker_says_so(hours):
    for night in NIGHTS:
        for zone in ZONES:
            minutes = walls(zone, night)
            opens = [at for at, wall in minutes[: 5 * 24 * 60] if OPEN[hours](wall)]
            for at in opens[:: 7 * 60 + 13]:
                end = next(each for each, wall in minutes if each > at and not OPEN[hours](wall))
                assert closes_at(hours, zone, at) == end, (zone, at)


def test_without_hours_nothing_closes():
    assert closes_at(Hours.ANY, LONDON, datetime(2026, 3, 5, tzinfo=UTC)) is None
