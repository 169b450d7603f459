"""The next step of a journey: (journey, person, facts, now) → move. Pure: the same facts, the same move.

The worker, the studio's virtual clock and the tests beside a journey all walk by this one function.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tcma.journeys.document import AT_ONCE, END, Asked, Empty, Journey, Kind, Over, Step
from tcma.journeys.people import Facts, Person, Stand, drawn, holds, misses
from tcma.journeys.timing import later, next_week_time, next_window

TOO_OLD = timedelta(days=7)
"""A mail that is late by more, or held back by a cap for longer, is left out and said so."""
TRY_AGAIN = timedelta(hours=1)


class Outcome(StrEnum):
    """What one executed step did."""

    SENT = "sent"
    WAITED = "waited"
    BRANCHED = "branched"
    SKIPPED = "skipped"
    NOTIFIED = "notified"
    ASKED = "asked"
    CALLED = "called"
    ENLISTED = "enlisted"
    UNLISTED = "unlisted"
    LEFT = "left"
    REACHED = "reached"
    MOVED = "moved"


_SAYS = {
    Kind.NOTIFY: Outcome.NOTIFIED,
    Kind.TASK: Outcome.ASKED,
    Kind.WEBHOOK: Outcome.CALLED,
    Kind.ENLIST: Outcome.ENLISTED,
    Kind.UNLIST: Outcome.UNLISTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a due step does, then the next step and when it is due (`end` and None after the last).

    `mail` is to be sent; `text` is what the step says: to the partner's people, or the webhook, list
    or campaign that it names, or why nobody mails them again. `waits_for` is the signal that
    may make the next step due earlier. `stays` is true when the step is only put off.
    """

    outcome: Outcome
    step: str
    due_at: datetime | None
    mail: str = ""
    text: str = ""
    why: str = ""
    waits_for: Asked | None = None
    stays: bool = False


def enter(
    journey: Journey, person: Person, now: datetime, *, answers: bool, by_itself: bool = False
) -> tuple[Stand, Asked | None]:
    """Return where somebody who enters stands, and which signal may make it due earlier.

    `answers` says that they have just asked; nobody has who comes from another journey, or back, or whose
    journey begins `by_itself`.
    """
    opening = journey.step(journey.start.step) if by_itself and journey.start else None
    first = opening or journey.steps[0]
    due = due_of(journey, first, person, now, answers=answers)
    return Stand(first.id, now, due, answers), first.asks if first.kind is Kind.EVENT else None


def due_of(
    journey: Journey, step: Step, person: Person, since: datetime, *, answers: bool = False
) -> datetime:
    """Return when a step entered at `since` is due; a mail that waits at all keeps to the window.

    A mail without delay that is first leaves at once when it `answers` somebody who has just asked.
    """
    at = later(since, step.after, person.zone)
    match step.kind:
        case Kind.UNTIL:
            return next_week_time(at, step.until_days, step.until_time, person.zone)
        case Kind.EVENT:
            return later(at, step.at_most, person.zone)
        case Kind.SEND if not (answers and _is_at_once(journey, step)):
            return next_window(at, journey.window, person.zone)
    return at


def answers_at_once(journey: Journey, stand: Stand) -> bool:
    """Say whether a mail answers who has just asked: it minds neither window nor caps."""
    step = journey.step(stand.step)
    return stand.answers and step is not None and _is_at_once(journey, step)


def _is_at_once(journey: Journey, step: Step) -> bool:
    return step.kind is Kind.SEND and step.after == AT_ONCE and step is journey.steps[0]


def next_move(  # noqa: PLR0911 - one answer a kind
    journey: Journey, stand: Stand, person: Person, facts: Facts, *, now: datetime
) -> Move:
    """Decide what a due step does."""
    step = journey.step(stand.step)
    if step is None:
        return Move(outcome=Outcome.LEFT, step=END, due_at=None, why="the step is gone")
    go = _Going(journey, person, facts, now)
    match step.kind:
        case Kind.SEND:
            return _send(go, step, stand)
        case Kind.EVENT | Kind.BRANCH if step.asks is not None:
            yes = holds(step.asks, facts)
            why = f"{step.asks} {'yes' if yes else 'no'}"
            return go.on(step.yes if yes else step.no, Outcome.BRANCHED, why=why)
        case Kind.CHECK:
            missing = misses(step.when, person)
            return go.on(step.no if missing else step.yes, Outcome.BRANCHED, why=missing or "yes")
        case Kind.SPLIT:
            to = part_of(step, person.key)
            return go.on(to, Outcome.BRANCHED, why=f"drawn {to}")
        case Kind.NOTIFY | Kind.TASK | Kind.WEBHOOK | Kind.ENLIST | Kind.UNLIST:
            return go.on(step.then, _SAYS[step.kind], text=step.text)
        case Kind.GOAL:
            return Move(outcome=Outcome.REACHED, step=END, due_at=None, why=step.text)
        case Kind.STOP | Kind.MOVE:
            why = step.text if step.kind is Kind.STOP else f"on to “{step.text}”"
            return Move(outcome=Outcome.LEFT, step=END, due_at=None, text=step.text, why=why)
        case Kind.EXIT:
            return Move(outcome=Outcome.LEFT, step=END, due_at=None, why=step.text)
    return go.on(step.then, Outcome.WAITED)


def part_of(step: Step, key: str) -> str:
    """Return the way a split sends somebody: by a hash of who they are, so always the same."""
    point = drawn(key, step.id, sum(weight for _, weight in step.parts))
    for to, weight in step.parts:
        if point < weight:
            return to
        point -= weight
    return END


def held_back(
    journey: Journey, stand: Stand, person: Person, *, opens: datetime, now: datetime
) -> Move:
    """Decide what becomes of a mail that a frequency cap refused; `opens` is its next period."""
    step = journey.step(stand.step)
    assert step is not None
    first_due = due_of(journey, step, person, stand.since, answers=stand.answers)
    again = next_window(max(opens, now + TRY_AGAIN), journey.window, person.zone)
    if step.over_cap is Over.SKIP or again - first_due > TOO_OLD:
        go = _Going(journey, person, Facts(), now)
        return go.on(step.then, Outcome.SKIPPED, why="too many mails in this time")
    why = "held back by the cap"
    return Move(outcome=Outcome.WAITED, step=step.id, due_at=again, why=why, stays=True)


def reached(journey: Journey, facts: Facts) -> Asked | None:
    """Return the goal that somebody has reached, wherever they stand."""
    return next((goal for goal in journey.goals if holds(goal, facts)), None)


@dataclass(frozen=True, slots=True)
class _Going:
    """What every way on needs."""

    journey: Journey
    person: Person
    facts: Facts
    now: datetime

    def on(
        self, to: str, outcome: Outcome, *, mail: str = "", text: str = "", why: str = ""
    ) -> Move:
        step = self.journey.step(to)
        if step is None:
            return Move(outcome=outcome, step=END, due_at=None, mail=mail, text=text, why=why)
        due = due_of(self.journey, step, self.person, self.now)
        waits = step.asks if step.kind is Kind.EVENT else None
        if waits is not None and holds(waits, self.facts):
            due, waits = later(self.now, step.after, self.person.zone), None
        return Move(
            outcome=outcome, step=to, due_at=due, mail=mail, text=text, why=why, waits_for=waits
        )


def _send(go: _Going, step: Step, stand: Stand) -> Move:
    mail, passed = next_of(go.journey, step, go.person, go.facts)
    if not mail:
        why = passed or f"nothing new left in “{step.pool}”"
        to = step.then if step.when_empty is Empty.GO_ON else END
        return go.on(to, Outcome.SKIPPED, why=why)
    if mail in go.facts.sent:
        return go.on(step.then, Outcome.SKIPPED, why="has had this mail")
    if go.now - stand.due_at > TOO_OLD:
        days = (go.now - stand.due_at).days
        return go.on(step.then, Outcome.SKIPPED, why=f"{days} days late")
    opens = next_window(go.now, go.journey.window, go.person.zone)
    if opens > go.now and not answers_at_once(go.journey, stand):
        why = "outside the send window"
        return Move(outcome=Outcome.WAITED, step=step.id, due_at=opens, why=why, stays=True)
    return go.on(step.then, Outcome.SENT, mail=mail, why=passed)


def next_of(journey: Journey, step: Step, person: Person, facts: Facts) -> tuple[str, str]:
    """Return the mail a step sends: its own, or the first of its pool that was never sent to the person and is
    for them; and why those before it are not.

    The mail is empty when they have had all of the pool that is for them.
    """
    if not step.pool:
        return step.mail, ""
    passed: list[str] = []
    for each in journey.pool(step.pool):
        if each.mail in facts.sent | facts.had:
            continue
        missing = misses(each.when, person)
        if not missing:
            return each.mail, ", ".join(passed)
        passed.append(f"not {each.mail}: {missing}")
    return "", ", ".join(passed)
