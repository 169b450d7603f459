"""The virtual clock: a journey walked to its end for one person with what they do, in no time."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tcma.errors import Invalid
from tcma.journeys.document import EXIT_OF, OF_A_MAIL, Asked, Journey, Period, Signal, Trial
from tcma.journeys.interpreter import (
    Move,
    Outcome,
    answers_at_once,
    enter,
    held_back,
    next_move,
    reached,
)
from tcma.journeys.people import (
    Facts,
    Person,
    Seen,
    Stand,
    holds,
    is_held_out,
    kept_out,
    misses,
)
from tcma.journeys.starts import begins_at, begins_on
from tcma.journeys.timing import zone_of

MONDAY_MORNING = "2026-01-05 10:00"
"""When a try begins unless it says otherwise: a plain week without a change of clocks."""
MOST_STEPS = 500
_HAPPENS = re.compile(
    r"day\s*(?P<day>\d{1,3})(?:[ T]+(?P<clock>\d{1,2}:\d{2}))?\s*:\s*(?P<what>[a-z]+)"
    r"(?:\s*[: ]\s*(?P<about>[\w.-]+))?\Z"
)
_WORDS = {
    "visit": "visited", "download": "downloaded",
    "click": "clicked", "reply": "replied", "accept": "accepted", "bounce": "bounced",
    "unsubscribe": "unsubscribed", "complain": "complained", "complaint": "complained",
}  # fmt: skip
_MORE = ("score", "answers", "tags", "segments", "left_days", "date")
"""Parts of a sample contact that are not one text; `left_days` ago they left this journey, `date` is
what it begins by for them."""
_STOPS = {"unsubscribed": "unsubscribe", "complained": "complaint"}


@dataclass(frozen=True, slots=True)
class Happening:
    """Something the person does at an instant; `what` is a signal, or unsubscribed, complained."""

    at: datetime
    what: str
    mail: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that happened on the way: a step that was carried out, or what the person did."""

    at: datetime
    step: str
    did: str
    why: str = ""
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """A journey walked to its end. `path` are the steps in order, `end` last when it ran out."""

    stops: tuple[Stop, ...]
    path: tuple[str, ...]
    ended: str
    why: str
    begins: datetime
    ends: datetime
    zone: str


class TryRefused(Invalid):
    """A contact or an event of a try that says nothing; the words tell how it goes."""

    code = "journey.try"


def person_of(raw: Mapping[str, Any]) -> Person:
    """Return a sample contact from a table of a document or of the command line."""
    known = (
        "country",
        "postcode",
        "company",
        "language",
        "partner",
        "tier",
        "zone",
        "key",
        "email",
        "holder",
        "owner",
    )
    unknown = set(raw) - {*known, *_MORE, "partner_zone"}
    if unknown:
        raise TryRefused(f"A contact has no “{min(unknown)}”; use {', '.join((*known, *_MORE))}.")
    zone = str(
        raw.get("zone") or zone_of(str(raw.get("country", "")), str(raw.get("partner_zone", "UTC")))
    )
    try:
        ZoneInfo(zone)
        score = int(raw.get("score", 0))
        left_days = int(raw["left_days"]) if raw.get("left_days") else None
        day = date.fromisoformat(str(raw["date"])) if raw.get("date") else None
    except (KeyError, ValueError, OSError) as error:
        message = "zone is a name such as Europe/London, score and left_days are numbers, date is 2027-03-01."
        raise TryRefused(message) from error
    answers = raw.get("answers", {})
    words = {key: str(raw.get(key, "")) for key in known if key not in {"zone", "key", "email"}}
    key = str(raw.get("key") or raw.get("email") or "sample")
    return Person(
        key=key,
        zone=zone,
        score=score,
        answers=dict(answers),
        left_days=left_days,
        day=day,
        tags=_several(raw.get("tags", ())),
        segments=_several(raw.get("segments", ())),
        **words,
    )


def _several(value: Any) -> frozenset[str]:
    """Read several names: a list, or one text with commas."""
    names = value.split(",") if isinstance(value, str) else value
    return frozenset(str(name).strip() for name in names if str(name).strip())


def begin_of(text: str, zone: str) -> datetime:
    """Return when a try begins: «2026-03-27 09:00» in the person's zone; empty is a Monday at ten."""
    try:
        wall = datetime.fromisoformat(text or MONDAY_MORNING)
    except ValueError as error:
        raise TryRefused(f"“{text}” is no time; write 2026-03-27 09:00.") from error
    return (wall if wall.tzinfo else wall.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def happening(text: str, begins: datetime, zone: str) -> Happening:
    """Read «day3:click», «day 3 14:00:clicked:mail.link», «day5:reply»."""
    match = _HAPPENS.match(text.strip())
    what = _WORDS.get(match["what"], match["what"]) if match else ""
    if not match or what not in {*Signal, *_STOPS}:
        raise TryRefused(
            f"“{text}” is no event; write day3:click, day3:click:mail.link, day5:reply, day5:form, day5:visit, day5:download,"
            " day5:accept, day2:bounce, day2:unsubscribe, day2:complaint, day4:meeting or day4:opportunity."
        )
    wall = begins.astimezone(ZoneInfo(zone)) + timedelta(days=int(match["day"]))
    if match["clock"]:
        hour, minute = match["clock"].split(":")
        wall = datetime.combine(wall.date(), time(int(hour), int(minute)), tzinfo=wall.tzinfo)
    mail, _, link = (match["about"] or "").partition(".")
    return Happening(max(wall.astimezone(UTC), begins), what, mail, link)


def play(
    journey: Journey, person: Person, events: Iterable[str] = (), *, begins: datetime
) -> Played:
    """Walk a journey to its end; raises TryRefused for events that say nothing.

    For whose date it begins by, it begins on that day, whatever `begins` says.
    """
    if person.day and journey.start:
        begins = begins_at(journey.start, begins_on(journey.start, person.day), person.zone)
    waiting = sorted((happening(e, begins, person.zone) for e in events), key=lambda h: h.at)
    return _Walk(journey, person, begins).walked(waiting)


def tried(journey: Journey) -> list[tuple[Trial, str]]:
    """Run the tests beside a journey; each with what is wrong, empty when it passes."""
    return [(trial, _fails(journey, trial)) for trial in journey.trials]


def _fails(journey: Journey, trial: Trial) -> str:
    try:
        person = person_of(trial.contact)
        played = play(journey, person, trial.events, begins=begin_of(trial.begins, person.zone))
    except TryRefused as error:
        return error.message
    return "" if played.path == trial.path else f"went {' → '.join(played.path) or 'nowhere'}"


class _Walk:
    """One person on the virtual clock."""

    def __init__(self, journey: Journey, person: Person, begins: datetime) -> None:
        self.journey, self.person, self.begins, self.now = journey, person, begins, begins
        self.facts = Facts()
        self.stops: list[Stop] = []
        self.path: list[str] = []
        self.mails = Counter[tuple[str, int]]()
        self.last_mail = ""
        self.stopped = ""

    def walked(self, waiting: list[Happening]) -> Played:
        out = kept_out(self.journey, self.person.left_days)
        if missing := out or misses(self.journey.entry, self.person):
            return self.ends("not let in", missing)
        if is_held_out(self.person.key, self.journey.hold_out):
            return self.ends("held out", "gets no mail, to be compared with")
        by_date = self.person.day is not None and self.journey.start is not None
        stand, waits = enter(
            self.journey, self.person, self.begins, answers=not by_date, by_itself=by_date
        )
        for _ in range(MOST_STEPS):
            if waiting and waiting[0].at <= stand.due_at:
                done = waiting.pop(0)
                self.now = max(self.now, done.at)
                self.happens(done)
                if left := self.leaves():
                    return self.ends(*left)
                if waits is not None and holds(waits, self.facts):
                    stand, waits = replace(stand, due_at=self.now), None
                continue
            self.now = max(self.now, stand.due_at)
            move = self.moved(stand)
            if move.due_at is None:
                return self.ended(move)
            since = stand.since if move.stays else self.now
            stand, waits = Stand(move.step, since, move.due_at), move.waits_for
        return self.ends("stopped", f"more than {MOST_STEPS} steps")

    def moved(self, stand: Stand) -> Move:
        move = next_move(self.journey, stand, self.person, self.facts, now=self.now)
        if move.mail and not answers_at_once(self.journey, stand):
            opens = self.capped()
            if opens is not None:
                move = held_back(self.journey, stand, self.person, opens=opens, now=self.now)
        self.stops.append(Stop(self.now, stand.step, move.outcome.value, move.why, move.mail))
        if not move.stays:
            self.path.append(stand.step)
        if move.mail:
            self.last_mail = move.mail
            self.facts = replace(self.facts, sent=self.facts.sent | {move.mail})
        return move

    def capped(self) -> datetime | None:
        """Count a mail to this person; when a cap refuses it, when the next period begins."""
        wall = self.now.astimezone(ZoneInfo(self.person.zone))
        caps = (("partner", self.journey.partner_cap), ("vendor", self.journey.vendor_cap))
        periods = [(whose, cap.mails, *period(wall, cap.period)) for whose, cap in caps]
        full = [ends for whose, most, begun, ends in periods if self.mails[whose, begun] >= most]
        if full:
            return max(full).astimezone(UTC)
        self.mails.update((whose, begun) for whose, _, begun, _ in periods)
        return None

    def happens(self, done: Happening) -> None:
        mail = (done.mail or self.last_mail) if done.what in OF_A_MAIL else ""
        self.stops.append(Stop(self.now, "", done.what, mail=mail))
        if done.what in _STOPS:
            self.stopped = _STOPS[done.what]
            return
        seen = Seen(Signal(done.what), mail, done.link)
        self.facts = replace(self.facts, seen=self.facts.seen | {seen})

    def leaves(self) -> tuple[str, str] | None:
        if self.stopped:
            return "left", self.stopped
        if goal := reached(self.journey, self.facts):
            return "reached", str(goal)
        for signal, name in EXIT_OF.items():
            if name in self.journey.exits and holds(Asked(signal), self.facts):
                return "left", name
        return None

    def ended(self, move: Move) -> Played:
        if move.outcome is Outcome.REACHED:
            return self.ends("reached", move.why)
        if move.outcome is Outcome.LEFT:
            return self.ends("left", move.why)
        last = self.journey.step(self.path[-1])
        is_dry = last is not None and last.pool and move.outcome is Outcome.SKIPPED
        self.path.append("end")
        return self.ends("exhausted", move.why if is_dry else "nothing left to send")

    def ends(self, how: str, why: str) -> Played:
        return Played(
            tuple(self.stops), tuple(self.path), how, why, self.begins, self.now, self.person.zone
        )


def period(wall: datetime, of: Period) -> tuple[int, datetime]:
    """Return the number of the day or week `wall` is in, and when the next one begins."""
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if of is Period.DAY:
        return wall.toordinal(), midnight + timedelta(days=1)
    return wall.toordinal() - wall.weekday(), midnight + timedelta(days=7 - wall.weekday())
