"""The only place that asks the time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Protocol
from zoneinfo import available_timezones


class Clock(Protocol):
    """Anything that tells the current instant, aware, in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is moved; for tests and virtual runs."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant it stands at."""
        return self.at

    def move(self, by: timedelta) -> datetime:
        """Go forward (or back) and return the new instant."""
        self.at += by
        return self.at


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones; to ask the machine opens six hundred files, so once."""
    return frozenset(available_timezones())
