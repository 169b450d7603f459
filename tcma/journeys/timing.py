"""When something is due: delays, times of the week, send windows, in a zone with its odd nights.

A time that a clock skips is the first instant after it; one that comes twice is the first.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from tcma.journeys.document import Delay, Unit, Window

_DAY, _HORIZON = timedelta(days=1), 22
"""A window of one weekday may fall into a skipped hour: then it is that of the next week but one."""
SATURDAY = 5
_WINTER = datetime(2026, 1, 1, tzinfo=UTC)


def instant(wall: datetime, zone: str) -> datetime:
    """Return the instant at which clocks in `zone` show `wall` (naive), in UTC."""
    there = ZoneInfo(zone)
    first = wall.replace(tzinfo=there, fold=0).astimezone(UTC)
    if first.astimezone(there).replace(tzinfo=None) == wall:
        return first
    after = wall.replace(tzinfo=there, fold=1).astimezone(UTC)  # skipped: between the two it jumps
    return _jump(min(first, after), max(first, after), there)


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant between the two at which the offset changes."""
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def later(at: datetime, delay: Delay, zone: str) -> datetime:
    """Return `at` plus a delay; days keep the time of day in `zone`, working days skip weekends."""
    if not delay.amount:
        return at
    match delay.unit:
        case Unit.MINUTES:
            return at + timedelta(minutes=delay.amount)
        case Unit.HOURS:
            return at + timedelta(hours=delay.amount)
        case Unit.DAYS:
            wall = _wall(at, zone) + timedelta(days=delay.amount)
        case Unit.WORKING_DAYS:
            wall, left = _wall(at, zone), delay.amount
            while left:
                wall += _DAY
                left -= wall.weekday() < SATURDAY
    return instant(wall, zone)


def next_week_time(at: datetime, days: Sequence[int], clock: time, zone: str) -> datetime:
    """Return the first instant after `at` that is this time on one of these weekdays in `zone`."""
    begin = _wall(at, zone).date()
    for n in range(15):
        day = begin + timedelta(days=n)
        if day.weekday() in days:
            found = instant(datetime.combine(day, clock), zone)
            if found > at:
                return found
    raise ValueError("no such day of the week")


def is_inside(at: datetime, window: Window, zone: str) -> bool:
    """Say whether a mail may leave at `at`."""
    wall = _wall(at, zone)
    now, today, yesterday = wall.time(), wall.weekday(), (wall.weekday() - 1) % 7
    if window.starts < window.ends:
        return today in window.days and window.starts <= now < window.ends
    begun = today in window.days and now >= window.starts
    return begun or (yesterday in window.days and now < window.ends)


def next_window(at: datetime, window: Window, zone: str) -> datetime:
    """Return the first instant from `at` inside the window."""
    if is_inside(at, window, zone):
        return at
    return next(each for each in _openings(at, window, zone) if is_inside(each, window, zone))


def _openings(at: datetime, window: Window, zone: str) -> Iterator[datetime]:
    """The instants at which a window may open, in order: its start each day, jumps of the clock."""
    there = ZoneInfo(zone)
    day = _wall(at, zone).date() - _DAY
    for n in range(_HORIZON):
        wall = datetime.combine(day + timedelta(days=n), window.starts)
        midnight = datetime.combine(wall.date(), time(), tzinfo=there).astimezone(UTC)
        tomorrow = datetime.combine(wall.date() + _DAY, time(), tzinfo=there).astimezone(UTC)
        found = [instant(wall, zone), wall.replace(tzinfo=there, fold=1).astimezone(UTC), midnight]
        if midnight.astimezone(there).utcoffset() != tomorrow.astimezone(there).utcoffset():
            found.append(_jump(midnight, tomorrow, there))
        yield from sorted(each for each in found if each >= at)


def _wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=4096)
def zone_of(country: str, partner_zone: str) -> str:
    """Return the zone of somebody of whom only the country is known.

    Of several it is the partner's when that is one of them, else the middle one; of none the
    partner's.
    """
    zones = get_global("territory_zones").get(country, ())
    known = [name for name in zones if is_zone(name)]
    if not known or partner_zone in known:
        return partner_zone
    from_west = sorted(
        known, key=lambda name: (_WINTER.astimezone(ZoneInfo(name)).utcoffset(), name)
    )
    return str(from_west[len(from_west) // 2])


@lru_cache(maxsize=4096)
def is_zone(name: str) -> bool:
    """Say whether a zone of this name is known."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
