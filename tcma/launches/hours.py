"""When a mail of a launch leaves for somebody: at one moment or at their own clock, within hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tcma.journeys.document import Window
from tcma.journeys.timing import instant, next_window
from tcma.launches.rules import Area, Finding, Fix, Severity


class Hours(StrEnum):
    """The hours within which a mail may leave, by the recipient's clock."""

    ANY = "any"
    WORKING = "working"
    DAYTIME = "daytime"


WINDOWS: dict[Hours, Window | None] = {
    Hours.ANY: None,
    Hours.WORKING: Window(frozenset(range(5)), time(8), time(18)),
    Hours.DAYTIME: Window(frozenset(range(7)), time(8), time(20)),
}
HOURS_WORDS: dict[Hours, str] = {
    Hours.ANY: "at any hour",
    Hours.WORKING: "on working days, 08:00 to 18:00",
    Hours.DAYTIME: "every day, 08:00 to 20:00",
}
GRACE = timedelta(hours=1)
"""A time of day that has passed by less than this still counts as now."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a mail leaves: `at` by the clock of `zone` (the partner's), everywhere in that moment or,
    with `local`, when the recipient's own clock shows the same; within `hours` there.
    """

    at: datetime
    zone: str
    local: bool = False
    hours: Hours = Hours.ANY

    @property
    def is_plain(self) -> bool:
        """Whether everybody's leaves at `at`."""
        return not self.local and WINDOWS[self.hours] is None

    @property
    def wall(self) -> datetime:
        """What the partner's clock shows at `at`."""
        return self.at.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)


def leaves_at(schedule: Schedule, zone: str, *, now: datetime) -> datetime:
    """Return when the mail leaves for somebody in `zone`, never before `now`.

    Where the time of day has passed by `GRACE`, it is that of the next day. A time that the clock
    skips is the first instant after it, one that comes twice the first (`journeys.timing`).
    """
    at, wall = schedule.at, schedule.wall
    if schedule.local:
        at = instant(wall, zone)
        while at < now - GRACE:
            wall += DAY
            at = instant(wall, zone)
    at = max(at, now)
    window = WINDOWS[schedule.hours]
    return at if window is None else next_window(at, window, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """The people of one zone and when theirs leaves; `waiting` and `sent` once it is frozen."""

    zone: str
    leaves_at: datetime
    people: int
    guessed: int = 0
    waiting: int = 0
    sent: int = 0

    @property
    def place(self) -> str:
        """The zone as people read it: `New York`."""
        return place_of(self.zone)

    @property
    def there(self) -> datetime:
        """When it leaves, by the clock there."""
        return self.leaves_at.astimezone(ZoneInfo(self.zone))


def place_of(zone: str) -> str:
    """Return the city that names a zone."""
    return zone.rpartition("/")[2].replace("_", " ")


def findings(schedule: Schedule, waves: Sequence[Wave], *, ends_on: date | None) -> list[Finding]:
    """Return what the preflight says of a schedule that is not plain; `waves` are who can be mailed."""
    if schedule.is_plain or not waves:
        return []
    ours = ZoneInfo(schedule.zone)
    first = min(wave.leaves_at for wave in waves).astimezone(ours)
    last = max(wave.leaves_at for wave in waves).astimezone(ours)
    when = f"at {schedule.wall:%H:%M} where each recipient is" if schedule.local else ""
    hours = "" if schedule.hours is Hours.ANY else HOURS_WORDS[schedule.hours]
    if hours and not schedule.local:
        hours += " where each recipient is"
    how = ", ".join(filter(None, (when, hours)))
    many = f" in {len(waves)} time zones" if len(waves) > 1 else ""
    span = f"the first on {first:%d %B, %H:%M}, the last on {last:%d %B, %H:%M} by your clock"
    if first == last:
        span = f"on {first:%d %B, %H:%M} by your clock"
    said = [Finding(Area.CALENDAR, Severity.GOOD, f"Mails leave {how}{many}: {span}.")]
    if late := [w for w in waves if schedule.local and w.there.date() > _own_day(schedule, w)]:
        said.append(_next_day(schedule, late))
    if guessed := sum(wave.guessed for wave in waves):
        said.append(_guessed(guessed, schedule.zone))
    if ends_on is not None and last.date() > ends_on:
        cut = sum(w.people for w in waves if w.leaves_at.astimezone(ours).date() > ends_on)
        said.append(
            Finding(
                Area.CALENDAR, Severity.LOOK,
                f"The campaign ends on {ends_on:%d %B %Y}: {_people(cut)} would come later and will"
                " not get it.",
                Fix.DATE, "Choose an earlier date or wider hours, or leave it so.",
            )
        )  # fmt: skip
    return said


def _own_day(schedule: Schedule, wave: Wave) -> date:
    """The day on which a wave would leave if no time had passed yet."""
    start = instant(schedule.wall, wave.zone)
    window = WINDOWS[schedule.hours]
    opens = start if window is None else next_window(start, window, wave.zone)
    return opens.astimezone(ZoneInfo(wave.zone)).date()


def _next_day(schedule: Schedule, late: Sequence[Wave]) -> Finding:
    count = sum(wave.people for wave in late)
    where = " and ".join(wave.place for wave in late[:2])
    if len(late) > 2:
        where = f"{late[0].place} and {len(late) - 1} other time zones"
    return Finding(
        Area.CALENDAR, Severity.LOOK,
        f"In {where} {schedule.wall:%H:%M} has passed by then. {_people(count)} there"
        f" {'gets' if count == 1 else 'get'} it at that time on the next day it may leave.",
        Fix.DATE, "Choose a later day if all should get it on the same one.",
    )  # fmt: skip


def _guessed(count: int, zone: str) -> Finding:
    return Finding(
        Area.CALENDAR, Severity.LOOK,
        f"Of {_people(count)} no country is known: they get it by your clock, {place_of(zone)}.",
        remedy="Add a country, or a field “Time zone”, to your contacts to change that.",
    )  # fmt: skip


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
