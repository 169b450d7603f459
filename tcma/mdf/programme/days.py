"""Which days are worked in a region: its public holidays, its weekend, and a programme's own days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SECOND = timedelta(microseconds=1)
LONGEST_SEARCH = 4000
"""Days that are looked at before a calendar counts as one that never works."""


@cache
def known_regions() -> frozenset[str]:
    """Return every region there is a calendar for: `GB`, `GB-ENG`, and bank calendars as `XECB`."""
    import holidays  # heavy: only who counts working days asks

    countries = holidays.list_supported_countries()
    parts = {f"{land}-{part}" for land, all_parts in countries.items() for part in all_parts}
    return frozenset(parts | set(countries) | set(holidays.list_supported_financial()))


@cache
def _holidays(region: str) -> HolidayBase:
    import holidays  # heavy: likewise

    if region in holidays.list_supported_financial():
        return holidays.financial_holidays(region)
    country, _, part = region.partition("-")
    language = "en_US"
    names = holidays.country_holidays(country, subdiv=part or None)
    if language in (names.supported_languages or ()):
        names = holidays.country_holidays(country, subdiv=part or None, language=language)
    return names


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """A region's working days in one time zone.

    `weekend` counts from Monday = 0; None leaves it to the region. `closed` are days off besides,
    `open` are days worked although they are not. `day_ends` is the time until which a last day
    counts; None is its last second.
    """

    zone: str = "UTC"
    region: str = ""
    weekend: frozenset[int] | None = None
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()
    day_ends: time | None = field(default=None)

    def why_closed(self, day: date) -> str:
        """Return why nobody works on `day`, or «»: then it is a working day."""
        if day in self.open:
            return ""
        if day in self.closed:
            return "closed by the programme"
        if not self.region:
            off = {5, 6} if self.weekend is None else self.weekend
            return "weekend" if day.weekday() in off else ""
        named = _holidays(self.region)
        if name := named.get(day):
            return str(name)
        off = self.weekend if self.weekend is not None else frozenset(named.weekend)
        worked = self.weekend is None and named.is_working_day(day)
        return "weekend" if day.weekday() in off and not worked else ""

    def is_working(self, day: date) -> bool:
        """Say whether `day` is worked in this region."""
        return not self.why_closed(day)

    def shift(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`, or before it when negative."""
        for each in _walk(day, 1 if count > 0 else -1):
            if count == 0:
                break
            day = each
            count -= (1 if count > 0 else -1) * self.is_working(each)
        return day

    def between(self, first: date, last: date) -> int:
        """Return how many working days lie after `first` up to and with `last`."""
        days = (first + timedelta(n) for n in range(1, (last - first).days + 1))
        return sum(self.is_working(day) for day in days)

    def holidays_between(self, first: date, last: date) -> dict[str, str]:
        """Return the closed days that are no mere weekend, with their names."""
        first, last = min(first, last), max(first, last)
        days = (first + timedelta(n) for n in range((last - first).days + 1))
        named = ((day.isoformat(), self.why_closed(day)) for day in days)
        return {day: why for day, why in named if why not in {"", "weekend"}}

    def local(self, instant: datetime) -> datetime:
        """Return the instant as clocks of the programme show it."""
        return instant.astimezone(ZoneInfo(self.zone))

    def day_of(self, instant: datetime) -> date:
        """Return the calendar day it is in the programme's zone."""
        return self.local(instant).date()

    def start_of(self, day: date) -> datetime:
        """Return the first instant of `day` in the programme's zone."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """Return the first instant that is too late for `day`."""
        if self.day_ends is None:
            return self.start_of(day + timedelta(1))
        last = datetime.combine(day, self.day_ends, ZoneInfo(self.zone)).astimezone(UTC)
        return last + SECOND

    def in_time(self, instant: datetime, last_day: date) -> bool:
        """Say whether `instant` is on or before `last_day`, its last second included."""
        return instant < self.end_of(last_day)

    @property
    def words(self) -> str:
        """Where the days are those of, to follow «working days»."""
        return f" ({self.region})" if self.region else ""


def _walk(day: date, step: int) -> Iterator[date]:
    for n in range(1, LONGEST_SEARCH):
        yield day + timedelta(n * step)


def add_months(day: date, months: int) -> date:
    """Return the same day of another month, or its last day when it has fewer."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(day.day - 1), after - timedelta(1))
