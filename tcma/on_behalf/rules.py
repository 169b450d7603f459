"""Launches ahead of time: their states, when a partner is told, which partners go first, and when a
pilot is good enough for the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tcma.delivery.rules import Tally, budget_breach
from tcma.launches.rules import Finding, Fix, LaunchState, Severity
from tcma.words import joined, say

MORNING = time(9)
NOTICE_DAYS = (2, 3, 5, 7, 14)
"""How many days before a launch its partner may be told; never fewer than the first."""
LEAST_NOTICE = timedelta(days=NOTICE_DAYS[0])
HELD_FOR = timedelta(days=14)
"""How long a launch waits for what its preflight misses, counted from its day."""
LOOK_AGAIN = timedelta(minutes=15)
UNDO_FOR = timedelta(days=30)
"""How long a partner that left comes back with the answers it gave."""
FURTHEST = timedelta(days=90)
"""How far a partner may put one launch off."""
OWN_LAUNCH = timedelta(days=60)
"""A campaign that a partner launched itself so lately is not launched for it again."""


class Rhythm(StrEnum):
    """How far apart the campaigns of a calendar are; it proposes the next day, nothing more."""

    MONTH = "month"
    TWO_MONTHS = "two_months"
    QUARTER = "quarter"
    OWN = "own"


RHYTHM_WORDS = {
    Rhythm.MONTH: say("One campaign a month"),
    Rhythm.TWO_MONTHS: say("One campaign every two months"),
    Rhythm.QUARTER: say("One campaign a quarter"),
    Rhythm.OWN: say("Days as they come"),
}
_MONTHS = {Rhythm.MONTH: 1, Rhythm.TWO_MONTHS: 2, Rhythm.QUARTER: 3, Rhythm.OWN: 1}


class OrderState(StrEnum):
    """A partner's standing order: launch for us."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


class RunState(StrEnum):
    """A vendor's run of one campaign for many partners."""

    DRAFT = "draft"
    RUNNING = "running"
    HELD = "held"
    STOPPED = "stopped"


class ArrangedState(StrEnum):
    """One campaign for one partner, arranged by somebody else."""

    CHECKING = "checking"
    LISTED = "listed"
    ASKING = "asking"
    WAITING = "waiting"
    TOLD = "told"
    HELD = "held"
    LAUNCHED = "launched"
    SKIPPED = "skipped"
    STOPPED = "stopped"
    MISSED = "missed"


A = ArrangedState
AHEAD = (A.ASKING, A.WAITING, A.TOLD, A.HELD)
"""States in which a launch may still come."""
LOOKED_AT = (A.CHECKING, A.ASKING, A.WAITING, A.TOLD, A.HELD)
"""States in which a worker has something to do when the row is due."""


class Why(StrEnum):
    """Why an arranged launch is skipped; what its undo depends on."""

    CHOSE = "chose"
    PAUSED = "paused"
    LEFT = "left"
    OWN = "own"
    HIDDEN = "hidden"
    DELETED = "deleted"


WHY_WORDS = {
    Why.CHOSE: say("It was skipped."),
    Why.PAUSED: say("It fell into a pause."),
    Why.LEFT: say("Leave to launch it was taken back."),
    Why.OWN: say("The partner launched this campaign itself a short time ago."),
    Why.HIDDEN: say("The campaign is no longer offered to this partner."),
    Why.DELETED: say("Its draft was deleted."),
}


def next_day(last: date, rhythm: Rhythm) -> date:
    """Return the day after `last` in a rhythm: the same day of a later month, never on a weekend."""
    months = last.year * 12 + last.month - 1 + _MONTHS[rhythm]
    day = last.day
    while True:
        try:
            found = date(months // 12, months % 12 + 1, day)
        except ValueError:
            day -= 1
        else:
            return workday(found)


def workday(day: date) -> date:
    """Return the day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)


def morning(day: date, zone: str) -> datetime:
    """Return nine o'clock of a day where a partner is."""
    return datetime.combine(day, MORNING, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def tell_at(send_at: datetime, notice_days: int) -> datetime:
    """Return when a partner is told of a launch."""
    return send_at - timedelta(days=notice_days)


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a launch from starting, and whom it concerns: the partner, or the vendor."""

    message: str
    remedy: str
    partner: bool


PARTNERS_OWN = (Fix.LIST, Fix.SENDER, Fix.PROFILE, Fix.COPY, Fix.TERMS)


def missing(findings: Sequence[Finding]) -> list[Missing]:
    """Return the findings that stop a launch, each with whose they are to mend."""
    return [
        Missing(each.message, each.remedy, each.fix in PARTNERS_OWN)
        for each in findings
        if each.severity is Severity.STOP
    ]


@dataclass(frozen=True, slots=True)
class Health:
    """How well the lists of one partner stand: people in them and how many can be mailed."""

    ref: str
    people: int
    sendable: int
    ready: bool


def healthiest(rows: Sequence[Health], count: int) -> list[str]:
    """Return the references of the partners to go first: ready ones, the largest share of people who
    can be mailed, then the most people.
    """
    able = [each for each in rows if each.ready and each.sendable]
    best = sorted(able, key=lambda e: (-e.sendable * 10_000 // e.people, -e.sendable, e.ref))
    return [each.ref for each in best[:count]]


@dataclass(frozen=True, slots=True)
class Pilot:
    """One pilot launch: whose, how it stands, and what became of its mails."""

    partner: str
    state: LaunchState | None
    reason: str
    expected: int
    waiting: int
    tally: Tally


class Gate(StrEnum):
    """What the pilot says about the rest."""

    WAIT = "wait"
    OPEN = "open"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class PilotVerdict:
    """Whether the rest may go, and the sentence for whoever asks."""

    gate: Gate
    words: str


NO_PILOT_BY = timedelta(days=3)


def judge_pilot(
    pilots: Sequence[Pilot], *, rest_at: datetime, now: datetime, breach: str = ""
) -> PilotVerdict:
    """Judge the pilots together: a launch that stopped or too much that came back holds the rest at
    once; else they go at `rest_at`, when every pilot that began is settled.
    """
    total = Tally(
        sum(each.tally.sent for each in pilots),
        sum(each.tally.bounced for each in pilots),
        sum(each.tally.complained for each in pilots),
    )
    wrong = _wrong(pilots, breach or budget_breach(total))
    if wrong:
        return PilotVerdict(Gate.HOLD, wrong)
    if now < rest_at:
        return PilotVerdict(Gate.WAIT, say("The rest waits for its day."))
    begun = [each for each in pilots if each.expected]
    if not begun:
        if now < rest_at + NO_PILOT_BY:
            return PilotVerdict(Gate.WAIT, say("No pilot has sent yet."))
        return PilotVerdict(Gate.HOLD, say("No pilot has sent: there is nothing to judge by."))
    slow = [each.partner for each in begun if each.waiting]
    if slow:
        return PilotVerdict(Gate.WAIT, say("Still sending: {slow}.", slow=", ".join(slow)))
    return PilotVerdict(Gate.OPEN, say("The pilot went well: {sent:,} sent.", sent=total.sent))


def _wrong(pilots: Sequence[Pilot], spent: str) -> str:
    """What speaks against letting the rest go, in a sentence; empty when nothing does."""
    for each in pilots:
        if each.state in (LaunchState.PAUSED, LaunchState.FAILED, LaunchState.CANCELLED):
            said = each.reason or say("It was cancelled.")
            return f"{each.partner}: {said}"
    return f"{spent[:1].upper()}{spent[1:]}." if spent else ""


CONSENT_VERSION = "1"


def consent_words(vendor: str, notice_days: int, calendar: str = "") -> str:
    """Return what a partner agrees to when it lets its vendor launch for it."""
    may = (
        say(
            "{vendor} may start the campaigns of “{calendar}” for us, to the lists and from the sender chosen here.",
            vendor=vendor,
            calendar=calendar,
        )
        if calendar
        else say(
            "{vendor} may start campaigns that you see in your library for us, to the lists and from the sender chosen here.",
            vendor=vendor,
        )
    )
    rest = say(
        "We get a letter at least {n} days before each, with the mail to look at, and can skip it, change it or put it off. Nobody who may not be mailed is mailed. We can pause or leave at any time.",
        n=notice_days,
    )
    return joined(may, rest)
