"""By when an offer must be answered: working hours of the partner that has it, its holidays counted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from holidays import HolidayBase

OPENS, CLOSES = time(9), time(17)
ANSWER_HOURS = 4
MOST_HOURS = 80
LONGEST_SEARCH = 400
"""Days that are looked at before a partner counts as one that never opens."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a partner works: its country's working days but those `closed` or `away`, from one day to
    another, from `opens` to `closes` on its own clock. `days` are weekdays it chose itself, 1 for
    Monday; then only its country's holidays are left out of them.
    """

    zone: str
    country: str = ""
    opens: time = OPENS
    closes: time = CLOSES
    closed: frozenset[date] = frozenset()
    days: frozenset[int] = frozenset()
    away: tuple[tuple[date, date], ...] = ()

    def works_on(self, day: date) -> bool:
        """Say whether anybody is there on `day`."""
        if day in self.closed or any(first <= day <= last for first, last in self.away):
            return False
        named = _holidays(self.country)
        if self.days:
            return day.isoweekday() in self.days and (named is None or day not in named)
        return day.weekday() < 5 if named is None else named.is_working_day(day)


@cache
def _holidays(country: str) -> "HolidayBase | None":
    import holidays  # heavy: only who routes leads asks

    known = country in holidays.list_supported_countries()
    return holidays.country_holidays(country) if known else None


def answer_by(now: datetime, at_work: Hours, *, needed: int = ANSWER_HOURS) -> datetime:
    """Return the instant `needed` working hours after `now`.

    Time outside working hours does not count: four hours from Friday 16:00 end on Monday at noon,
    on Tuesday where Monday is a holiday.
    """
    left = timedelta(hours=needed)
    zone = ZoneInfo(at_work.zone)
    day = now.astimezone(zone).date()
    for _ in range(LONGEST_SEARCH):
        # instants: between two times of one zone's clock the hour that it skips or repeats is not seen
        starts = datetime.combine(day, at_work.opens, tzinfo=zone).astimezone(UTC)
        ends = datetime.combine(day, at_work.closes, tzinfo=zone).astimezone(UTC)
        begins = max(now, starts)
        if begins < ends and at_work.works_on(day):
            room = ends - begins
            if left <= room:
                return (begins + left).astimezone(now.tzinfo)
            left -= room
        day += timedelta(days=1)
    return now + timedelta(days=1)
