"""First steps of a new partner: which there are, by when, how far it is, and when it is reminded."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Step(StrEnum):
    """What a partner does once, in the order it is shown. Each is read from rows, never ticked."""

    PROFILE = "profile"
    LOGO = "logo"
    LIST = "list"
    SENDER = "sender"
    LAUNCH = "launch"
    CLAIM = "claim"


DUE_DAYS: dict[Step, int] = {
    Step.PROFILE: 3,
    Step.LOGO: 7,
    Step.LIST: 14,
    Step.SENDER: 21,
    Step.LAUNCH: 30,
    Step.CLAIM: 75,
}
"""Days after joining where the vendor states no other; calendar days of the partner's zone."""
LASTS_DAYS = 120
"""Who is not through by then is not reminded any more: the programme ends by itself."""
NUDGE_DAYS = (-2, 3, 14)
"""Days from a step's day on which a mail goes while it is open."""
REST_DAYS = 3
"""Days between two mails to one partner."""
OPENS, CLOSES = 8, 18
"""Hours of a working day in the partner's zone in which a nudge may go."""


class StepState(StrEnum):
    """How one step stands; `waived` by the vendor counts as through."""

    DONE = "done"
    WAIVED = "waived"
    OPEN = "open"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class StepView:
    """One step with its day; `days_late` is 0 unless it is late."""

    step: Step
    state: StepState
    due_on: date
    days_late: int

    @property
    def is_through(self) -> bool:
        """Say whether nothing is left to do."""
        return self.state in {StepState.DONE, StepState.WAIVED}


@dataclass(frozen=True, slots=True)
class Progress:
    """All steps of a pair; `ends_on` is the programme's last day, `has_ended` true after it."""

    steps: tuple[StepView, ...]
    ends_on: date
    has_ended: bool

    @property
    def done(self) -> int:
        """How many steps are through."""
        return sum(each.is_through for each in self.steps)

    @property
    def late(self) -> int:
        """How many steps are past their day."""
        return sum(each.state is StepState.LATE for each in self.steps)

    @property
    def is_done(self) -> bool:
        """Say whether all steps are through."""
        return self.done == len(self.steps)

    @property
    def runs(self) -> bool:
        """Say whether there is something left that anybody is still asked for."""
        return not self.is_done and not self.has_ended

    @property
    def next(self) -> StepView | None:
        """The open step whose day is first."""
        left = [each for each in self.steps if not each.is_through]
        return min(left, key=lambda each: each.due_on) if left else None


def progress_of(  # noqa: PLR0913 - what a partner is asked and did
    *,
    joined_on: date,
    today: date,
    done: AbstractSet[Step],
    asked: AbstractSet[Step],
    waived: AbstractSet[Step] = frozenset(),
    days: Mapping[Step, int] = DUE_DAYS,
) -> Progress:
    """Return how far a partner is; a step that is neither asked for nor done is left out."""
    steps = []
    for step in Step:
        if step not in done and (step not in asked or step not in days):
            continue
        due_on = joined_on + timedelta(days=days.get(step, DUE_DAYS[step]))
        late = max(0, (today - due_on).days)
        if step in done:
            state = StepState.DONE
        elif step in waived:
            state = StepState.WAIVED
        else:
            state = StepState.LATE if late else StepState.OPEN
        steps.append(StepView(step, state, due_on, late if state is StepState.LATE else 0))
    ends_on = joined_on + timedelta(days=LASTS_DAYS)
    return Progress(tuple(steps), ends_on, today > ends_on)


def nudges_due(
    progress: Progress, *, told: Mapping[Step, int], last_on: date | None, today: date
) -> dict[Step, int]:
    """Return the steps that one mail reminds of today, each with the number of its reminder.

    `told` holds the highest number each step had. Days that passed unseen are not made up for.
    """
    rested = last_on is None or (today - last_on).days >= REST_DAYS
    if not progress.runs or not rested:
        return {}
    reached = {
        each.step: sum(today >= each.due_on + timedelta(days=days) for days in NUDGE_DAYS)
        for each in progress.steps
        if not each.is_through
    }
    return {step: number for step, number in reached.items() if number > told.get(step, 0)}


def is_hour_for_mail(now: datetime, zone: str) -> bool:
    """Say whether a partner works now: Monday to Friday, from 8 to 18 in its zone."""
    local = now.astimezone(ZoneInfo(zone))
    return local.weekday() < 5 and OPENS <= local.hour < CLOSES
