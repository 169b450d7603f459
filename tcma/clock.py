"""The only place that asks the time."""

import time
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


LOOK_EVERY_S = 60.0


class SharedClock:
    """The database's clock, told from this machine's steady counter between two looks at it.

    All hosts of an installation decide by one time: a lease that another host gave has not ended
    because the clock of this one runs ahead or was set. The counter goes on while the machine
    sleeps. Until the first look it tells the machine's time.
    """

    def __init__(self) -> None:
        self._base: tuple[datetime, float] | None = None

    @property
    def is_due(self) -> bool:
        """Whether it is time to look at the database's clock again."""
        return self._base is None or _steady_s() - self._base[1] >= LOOK_EVERY_S

    def set(self, at: datetime) -> None:
        """Go on from `at`, which the database has just told."""
        self._base = at.astimezone(UTC), _steady_s()

    def now(self) -> datetime:
        """Return the current instant in UTC."""
        if self._base is None:
            return datetime.now(UTC)
        at, since = self._base
        return at + timedelta(seconds=_steady_s() - since)

    def machine_off_s(self) -> float:
        """Return by how many seconds the machine's own clock is ahead of the database's."""
        return (datetime.now(UTC) - self.now()).total_seconds()


def _steady_s() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


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
