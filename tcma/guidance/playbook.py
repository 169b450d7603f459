"""How far a launch is in its campaign's playbook: which step is due when, and what is through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tcma.permissions import Permission
from tcma.rendering.playbook import BY_HAND, Doer, StepKind

LET_GO_DAYS = 21
"""A step that nobody did by then is not asked for any more; its page still shows it."""
SOON_DAYS = 3
"""A step this near is worth a thought before its day."""


NEEDS = {Doer.MARKETING: Permission.LAUNCH_PLAN, Doer.SALES: Permission.LEAD_ANSWER}
"""What a person must be allowed to do to be asked for somebody's step."""


class StandState(StrEnum):
    """How a step of a playbook stands; `spared` needs nothing in this launch."""

    DONE = "done"
    SPARED = "spared"
    OPEN = "open"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayStep:
    """A step as its campaign says, in the launch's language; `day` counts from its first day."""

    key: str
    kind: StepKind
    who: Doer
    day: int
    minutes: int
    title: str
    why: str
    has_script: bool

    @property
    def is_by_hand(self) -> bool:
        """Say whether only a person can tell that it is done."""
        return self.kind in BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the product knows of a launch. `posted_days` are the days on which posts appeared since it
    was planned, `leads_open` those of its leads that nobody answered or called.
    """

    has_started: bool
    posted_days: int = 0
    leads: int = 0
    leads_open: int = 0
    is_funded: bool = False
    is_claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Who said that a step is done, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStand:
    """One step with its day; `tick` is set where a person said that it is done."""

    step: PlayStep
    due_on: date
    state: StandState
    tick: Tick | None = None

    @property
    def is_through(self) -> bool:
        """Say whether nothing is left to do."""
        return self.state in {StandState.DONE, StandState.SPARED}

    def is_asked(self, today: date) -> bool:
        """Say whether it is due and not given up."""
        asked = self.state in {StandState.DUE, StandState.LATE}
        return asked and (today - self.due_on).days <= LET_GO_DAYS

    def is_soon(self, today: date) -> bool:
        """Say whether its day comes within the next days."""
        return self.state is StandState.OPEN and (self.due_on - today).days <= SOON_DAYS


def stands_of(  # noqa: PLR0913 - what a day is judged by
    steps: Sequence[PlayStep],
    *,
    begins_on: date,
    planned_on: date,
    today: date,
    seen: Seen,
    ticks: Mapping[str, Tick],
) -> tuple[StepStand, ...]:
    """Return every step with its day, no day before the launch was planned. Days are the partner's."""
    found: list[StepStand] = []
    for step in steps:
        due_on = max(begins_on + timedelta(days=step.day), planned_on)
        nth = sum(each.step.kind is step.kind for each in found) + 1
        tick = ticks.get(step.key) if step.is_by_hand else None
        if tick or _is_seen(step, seen, nth=nth, is_over=today >= due_on):
            state = StandState.DONE
        elif step.kind is StepKind.CLAIM and not seen.is_funded:
            state = StandState.SPARED
        elif today < due_on:
            state = StandState.OPEN
        else:
            state = StandState.DUE if today == due_on else StandState.LATE
        found.append(StepStand(step=step, due_on=due_on, state=state, tick=tick))
    return tuple(found)


def _is_seen(step: PlayStep, seen: Seen, *, nth: int, is_over: bool) -> bool:
    """Say whether the product sees a step done; the second post needs a second day with one."""
    match step.kind:
        case StepKind.LAUNCH:
            return seen.has_started
        case StepKind.POST:
            return seen.posted_days >= nth
        case StepKind.FOLLOW_UP:
            return seen.leads_open == 0 and is_over
        case StepKind.CLAIM:
            return seen.is_claimed
        case _:
            return False
