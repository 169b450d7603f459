"""What a journey is: steps with where they lead, entry, exits, goals, window, caps, and its own tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from tcma.toml_document import Fault

END = "end"
"""Where nothing follows."""
EXITS = (
    "reply", "accepted", "opportunity", "meeting", "unsubscribe", "bounce", "complaint", "expired",
    "renewed", "stopped",
)  # fmt: skip
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Signal(StrEnum):
    """What somebody did that a step may ask about. Opens are not among them: machines open too.

    A form, a page or a file is one since they entered; pages and files by a mail's link.
    """

    CLICKED = "clicked"
    BOUNCED = "bounced"
    REPLIED = "replied"
    FORM = "form"
    VISITED = "visited"
    DOWNLOADED = "downloaded"
    MEETING = "meeting"
    ACCEPTED = "accepted"
    OPPORTUNITY = "opportunity"


OF_A_MAIL = (Signal.CLICKED, Signal.BOUNCED)
"""Signals that belong to one mail; the others are of the lead."""

EXIT_OF = {
    Signal.REPLIED: "reply", Signal.ACCEPTED: "accepted", Signal.OPPORTUNITY: "opportunity",
    Signal.MEETING: "meeting", Signal.BOUNCED: "bounce",
}  # fmt: skip
"""The exit that a signal is, where a journey names it."""


class Unit(StrEnum):
    """How a delay counts; working days are Monday to Friday in the reader's zone."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class Delay:
    """A time to wait; amount 0 is at once."""

    amount: int
    unit: Unit = Unit.MINUTES

    def __str__(self) -> str:
        word = self.unit.value.replace("_", " ")
        return f"{self.amount} {word.removesuffix('s') if self.amount == 1 else word}"


AT_ONCE = Delay(0)


class Kind(StrEnum):
    """What a step does; the value is the key that makes it one in the document."""

    SEND = "send"
    WAIT = "wait"
    UNTIL = "wait_until"
    EVENT = "wait_for"
    BRANCH = "branch"
    CHECK = "if"
    SPLIT = "split"
    NOTIFY = "notify"
    TASK = "task"
    WEBHOOK = "webhook"
    ENLIST = "add_to_list"
    UNLIST = "remove_from_list"
    STOP = "do_not_contact"
    MOVE = "move_to"
    GOAL = "goal"
    EXIT = "exit"


NOBODY, SOMEBODY = "nobody", "somebody"
"""Whoever has a lead, or does not."""
BELONGING = ("tag", "segment", "holder", "owner")
"""Conditions on what somebody belongs to, which is looked up only for journeys that ask for it."""
POOL = "pool:"
"""What a step sends begins with it when it is the next of a pool that the person has not had."""
LEAVES = (Kind.STOP, Kind.MOVE, Kind.GOAL, Kind.EXIT)
LISTS = (Kind.ENLIST, Kind.UNLIST)
"""Steps whose text is the name of a list, which is the partner's."""
ASKS = (Kind.EVENT, Kind.BRANCH, Kind.CHECK)
"""Steps with two ways on, `yes` and `no`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A signal a step asks for: of any mail when `mail` is empty, of any link when `link` is."""

    signal: Signal
    mail: str = ""
    link: str = ""

    def __str__(self) -> str:
        about = ".".join(part for part in (self.mail, self.link) if part)
        return f"{self.signal}:{about}" if about else self.signal.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What is asked of a person; an empty part is not asked, all others must hold.

    `tag` and `segment` are of their partner's contacts, one of them is enough. `holder` is the partner that
    has the lead, `owner` the person there who works on it, by mail address; or `NOBODY`, `SOMEBODY`.
    """

    country: tuple[str, ...] = ()
    postcode: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    partner: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    holder: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    score: int = 0
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A mail of a pool, and who may get it."""

    mail: str
    when: Conditions = Conditions()


@dataclass(frozen=True, slots=True)
class Window:
    """When mails may leave, in the reader's zone; `ends` at or before `starts` is overnight."""

    days: frozenset[int] = frozenset(range(5))
    starts: time = time(8)
    ends: time = time(18)


class ZonePolicy(StrEnum):
    """Whose clock a journey goes by; an unknown one is asked of the next: contact, partner, vendor."""

    CONTACT = "contact"
    PARTNER = "partner"
    VENDOR = "vendor"


class Period(StrEnum):
    """What a frequency cap counts in: calendar days, or weeks from Monday, in the partner's zone."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `mails` to one address in a period."""

    mails: int
    period: Period

    def __str__(self) -> str:
        return f"{self.mails} a {self.period}"


class Over(StrEnum):
    """What happens to a mail that a cap holds back."""

    WAIT = "wait"
    SKIP = "skip"


class Empty(StrEnum):
    """What follows when a pool has no mail left for somebody: they are through, or go on."""

    END = "end"
    GO_ON = "go on"


class Again(StrEnum):
    """Whether somebody may go through a journey more than once; `Journey.rest` days after they left it."""

    NEVER = "never"
    AFTER_THE_END = "after the end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step; which fields mean something depends on its kind.

    `then` leads on from most, `yes` and `no` from one that asks, `parts` (step and weight) from a
    split. `line` is where it stands in the document.
    """

    id: str
    kind: Kind
    after: Delay = AT_ONCE
    mail: str = ""
    pool: str = ""
    when_empty: Empty = Empty.END
    over_cap: Over = Over.WAIT
    until_days: tuple[int, ...] = ()
    until_time: time = time(9)
    asks: Asked | None = None
    at_most: Delay = AT_ONCE
    when: Conditions = field(default_factory=Conditions)
    parts: tuple[tuple[str, int], ...] = ()
    text: str = ""
    due: Delay = AT_ONCE
    then: str = END
    yes: str = END
    no: str = END
    line: int = 0

    def follows(self) -> tuple[str, ...]:
        """Where it can lead."""
        if self.kind in LEAVES:
            return ()
        if self.kind in ASKS:
            return (self.yes, self.no)
        if self.kind is Kind.SPLIT:
            return tuple(to for to, _ in self.parts)
        return (self.then,)


@dataclass(frozen=True, slots=True)
class Trial:
    """A test beside a journey: who, what they do and when, and the steps they must come by."""

    name: str
    contact: Mapping[str, object]
    events: tuple[str, ...]
    begins: str
    path: tuple[str, ...]
    line: int


LAST = -1
"""The last of its weekday in a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What begins a journey by itself (`starts`): either `fields`, or days of a calendar: `dates`, or a `weekday` (Monday 0).

    `fields` are names of a date field that a partner made; one of them is enough. `days` is how far from
    that date it begins, before it when negative; `yearly` asks it anew each year, from the first after
    the date on. `nth` is which such weekday of a month, `LAST`, or 0 for each week. `at` is the time of
    day, `late` in days. `step` is where they begin, empty for the first.
    """

    fields: tuple[str, ...] = ()
    days: int = 0
    yearly: bool = False
    dates: tuple[date, ...] = ()
    weekday: int = 0
    nth: int = 0
    at: time = time(9)
    late: int = 3
    step: str = ""

    @property
    def by_date(self) -> bool:
        """Whether it goes by a date of each person."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Steps in file order; the first is entered by the form. `exits` end a run at any step.

    `start` is what begins it besides.

    `pools` are mails by the name of each pool, first those that matter most. `rest` is how many days somebody
    stays out who may enter again.
    `hold_out` is how many of a hundred get no mail, to be compared with.
    """

    steps: tuple[Step, ...]
    exits: frozenset[str]
    goals: tuple[Asked, ...] = ()
    entry: Conditions = field(default_factory=Conditions)
    start: Start | None = None
    again: Again = Again.NEVER
    rest: int = 0
    pools: tuple[tuple[str, tuple[Drawn, ...]], ...] = ()
    hold_out: int = 0
    window: Window = field(default_factory=Window)
    zone: ZonePolicy = ZonePolicy.CONTACT
    partner_cap: Cap = Cap(2, Period.WEEK)
    vendor_cap: Cap = Cap(3, Period.WEEK)
    trials: tuple[Trial, ...] = ()

    @property
    def openings(self) -> tuple[str, ...]:
        """The ids of the steps at which somebody may begin: by the form, by a date."""
        first = tuple(step.id for step in self.steps[:1])
        by_itself = self.start.step if self.start else ""
        return (*first, by_itself) if self.step(by_itself) and by_itself not in first else first

    def step(self, step_id: str) -> Step | None:
        """A step by id; None for `end` and unknown ids."""
        return next((step for step in self.steps if step.id == step_id), None)

    def asks_for(self, signal: Signal) -> bool:
        """Say whether any step or goal asks about a signal."""
        asked = (*(s.asks for s in self.steps), *self.goals)
        return any(each is not None and each.signal is signal for each in asked)

    def asks_who(self, part: str) -> bool:
        """Say whether any step, a pool or the entry asks for a part of `Conditions`."""
        return any(getattr(when, part) for when in self.conditions)

    @property
    def conditions(self) -> tuple[Conditions, ...]:
        """All conditions: of its entry, its steps and the mails of its pools."""
        drawn = (each.when for _, pool in self.pools for each in pool)
        return (self.entry, *(step.when for step in self.steps), *drawn)

    def pool(self, name: str) -> tuple[Drawn, ...]:
        """The mails of a pool, first those that matter most; none for an unknown one."""
        return dict(self.pools).get(name, ())

    @property
    def mails(self) -> frozenset[str]:
        """The mails it sends or asks about."""
        asked = {s.asks.mail for s in self.steps if s.asks and s.asks.mail}
        drawn = {each.mail for s in self.steps if s.pool for each in self.pool(s.pool)}
        return frozenset({s.mail for s in self.steps if s.mail} | asked | drawn)


@dataclass(frozen=True, slots=True)
class Read:
    """A document as it was read: the journey, None while anything is wrong.

    `sketch` is what can be drawn and rearranged meanwhile, faults and all; None where its steps cannot be
    told apart.
    """

    journey: Journey | None
    faults: tuple[Fault, ...]
    sketch: Journey | None = None
