"""Days in the vendor's zone: the last second of a deadline, the day of waiting."""

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


@dataclass(frozen=True, slots=True)
class Clock:
    """Day `n` of `m` working days the vendor takes; late when n is above m."""

    n: int
    m: int

    @property
    def late(self) -> bool:
        """True when the answer is overdue."""
        return self.n > self.m
