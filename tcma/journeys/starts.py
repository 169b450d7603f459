"""What begins a journey by itself: so many days from a date of each person, or days of a calendar.

A date that is asked each year and lies on 29 February is kept on the 28th where the year has no such
day. Who could not begin on the day still does while it is at most `late` days ago, by their clock: one
rule for whoever is inside the window when a version is published, becomes known later, or was missed.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tcma.journeys.document import LAST, Start
from tcma.journeys.timing import instant

_DAY = timedelta(days=1)


def cause_of(start: Start) -> str:
    """Return what begins a journey, as text to be kept and compared; at which step is no part of it."""
    return json.dumps(asdict(replace(start, step="")), default=str, sort_keys=True)


def window(start: Start, now: datetime) -> tuple[date, date]:
    """Return the first and the last day on which somebody somewhere may be about to begin."""
    today = now.astimezone(UTC).date()
    return today - (start.late + 1) * _DAY, today + _DAY


def ahead(now: datetime, days: int) -> tuple[date, date]:
    """Return the days from today on, for counting who begins on them."""
    today = now.astimezone(UTC).date()
    return today, today + days * _DAY


def begins_at(start: Start, day: date, zone: str) -> datetime:
    """Return the instant at which it begins on a day, in UTC."""
    return instant(datetime.combine(day, start.at), zone)


def is_time(start: Start, day: date, zone: str, now: datetime) -> bool:
    """Say whether who begins on `day` begins now: it has come, and is not too long ago."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return begins_at(start, day, zone) <= now and (today - day).days <= start.late


def anniversary(of: date, year: int) -> date:
    """Return a date's day in a year; 29 February is the 28th where there is none."""
    try:
        return of.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def occurrences(start: Start, value: date, first: date, last: date) -> list[date]:
    """Return the days of somebody's date that it begins for between two days, both inside."""
    shift = timedelta(days=start.days)
    low, high = first - shift, last - shift
    if not start.yearly:
        return [value] if low <= value <= high else []
    years = range(max(low.year, value.year + 1), high.year + 1)
    days = (anniversary(value, year) for year in years)
    return [day for day in days if low <= day <= high]


def begins_on(start: Start, occurrence: date) -> date:
    """Return the day on which it begins for one day of somebody's date, or of the calendar."""
    return occurrence + timedelta(days=start.days)


def asked_days(start: Start, first: date, last: date) -> list[str]:
    """Return the days of dates that matter between two days: «2027-03-01», each year «03-01»."""
    shift = timedelta(days=start.days)
    found: dict[str, None] = {}
    for day in _each(first - shift, last - shift):
        found[f"{day:%m-%d}" if start.yearly else f"{day:%Y-%m-%d}"] = None
        if start.yearly and anniversary(date(2000, 2, 29), day.year) == day:
            found["02-29"] = None
    return list(found)


def calendar_days(start: Start, first: date, last: date) -> list[date]:
    """Return the days of its calendar between two days, both inside."""
    if start.dates:
        return sorted(day for day in start.dates if first <= day <= last)
    return [day for day in _each(first, last) if _is_named(start, day)]


def _is_named(start: Start, day: date) -> bool:
    if day.weekday() != start.weekday:
        return False
    if start.nth == LAST:
        return (day + 7 * _DAY).month != day.month
    return start.nth in (0, (day.day - 1) // 7 + 1)


def _each(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + n * _DAY
