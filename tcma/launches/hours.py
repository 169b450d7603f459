"""When a mail of a launch leaves for somebody: at one moment or at their own clock, within hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tcma.journeys.document import Window
from tcma.journeys.timing import instant, next_window
from tcma.launches.rules import Area, Finding, Fix, Severity
from tcma.words import joined, listed, say, say_n


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
    Hours.ANY: say("at any hour"),
    Hours.WORKING: say("on working days, 08:00 to 18:00"),
    Hours.DAYTIME: say("every day, 08:00 to 20:00"),
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


def closes_at(hours: Hours, zone: str, at: datetime) -> datetime | None:
    """Return when the hours within which `at` lies close in `zone`; None where they never do."""
    window = WINDOWS[hours]
    if window is None:
        return None
    day = at.astimezone(ZoneInfo(zone)).date()
    return instant(datetime.combine(day, window.ends), zone)


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
    when = (
        say("at {wall:%H:%M} where each recipient is", wall=schedule.wall) if schedule.local else ""
    )
    hours = "" if schedule.hours is Hours.ANY else HOURS_WORDS[schedule.hours]
    if hours and not schedule.local:
        hours = say("{hours} where each recipient is", hours=hours)
    how = joined(when, hours, by=", ")
    if len(waves) > 1:
        how = say("{how} in {n} time zones", how=how, n=len(waves))
    span = say(
        "the first on {first:%d %B, %H:%M}, the last on {last:%d %B, %H:%M} by your clock",
        first=first,
        last=last,
    )
    if first == last:
        span = say("on {first:%d %B, %H:%M} by your clock", first=first)
    said = [
        Finding(
            Area.CALENDAR,
            Severity.GOOD,
            say("Mails leave {how}: {span}.", how=how, span=span),
        )
    ]
    if late := [w for w in waves if schedule.local and w.there.date() > _own_day(schedule, w)]:
        said.append(_next_day(schedule, late))
    if guessed := sum(wave.guessed for wave in waves):
        said.append(_guessed(guessed, schedule.zone))
    if ends_on is not None and last.date() > ends_on:
        cut = sum(w.people for w in waves if w.leaves_at.astimezone(ours).date() > ends_on)
        said.append(
            Finding(
                Area.CALENDAR, Severity.LOOK,
                say("The campaign ends on {ends_on:%d %B %Y}: {people} would come later and will " "not get it.", ends_on=ends_on, people=_people(cut)),
                Fix.DATE, say("Choose an earlier date or wider hours, or leave it so."),
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
    where: str = listed(wave.place for wave in late[:2])
    if len(late) > 2:
        where = say("{place} and {n} other time zones", place=late[0].place, n=len(late) - 1)
    return Finding(
        Area.CALENDAR, Severity.LOOK,
        say_n("In {where} {wall:%H:%M} has passed by then. {n} person there gets it at that time on the next day it may leave.", "In {where} {wall:%H:%M} has passed by then. {n} people there get it at that time on the next day it may leave.", count, where=where, wall=schedule.wall),
        Fix.DATE, say("Choose a later day if all should get it on the same one."),
    )  # fmt: skip


def _guessed(count: int, zone: str) -> Finding:
    return Finding(
        Area.CALENDAR, Severity.LOOK,
        say("Of {people} no country is known: they get it by your clock, {place_of}.", people=_people(count), place_of=place_of(zone)),
        remedy=say("Add a country, or a field “Time zone”, to your contacts to change that."),
    )  # fmt: skip


def _people(count: int) -> str:
    return say_n("{n} person", "{n} people", count)
