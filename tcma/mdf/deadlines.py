"""Days in the vendor's zone: working days, the last second of a deadline, the day of waiting."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ANSWER_DAYS = 5
"""Working days the vendor takes to decide a request or a claim."""


def local_day(now: datetime, zone: str) -> date:
    """Return the calendar day it is in the vendor's zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, zone: str) -> datetime:
    """Return the first instant after `day` in `zone`: whatever is before it is in time."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def in_time(now: datetime, last_day: date, zone: str) -> bool:
    """Say whether `now` is on or before `last_day` in the vendor's zone, last second included."""
    return now < end_of_day(last_day, zone)


def add_working_days(day: date, count: int) -> date:
    """Return the `count`-th Monday-to-Friday after `day`; `day` itself for 0."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def working_days(today: date, until: date) -> int:
    """Return how many working days lie after `today` up to and with `until`."""
    days = (today + timedelta(days=n) for n in range(1, (until - today).days + 1))
    return sum(day.weekday() < 5 for day in days)


@dataclass(frozen=True, slots=True)
class Clock:
    """Day `n` of `m` working days the vendor takes; late when n is above m."""

    n: int
    m: int

    @property
    def late(self) -> bool:
        """True when the answer is overdue."""
        return self.n > self.m


def answer_clock(since: datetime, now: datetime, zone: str) -> Clock:
    """Return the day of waiting for an answer: the day of asking is day 0."""
    return Clock(working_days(local_day(since, zone), local_day(now, zone)), ANSWER_DAYS)
