"""Nurture runs: states, exits, send windows, and what the next step is."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo

from tcma.rendering.nurture_plan import END, Delay, NurturePlan, NurtureStep, StepKind, Unit


class RunState(IntEnum):
    """One person's passage through a sequence."""

    ACTIVE = 0
    DONE = 1
    EXITED = 2
    PAUSED = 3
    STUCK = 4


class Exit(StrEnum):
    """Why a run ended before its last step."""

    ACCEPTED = "accepted"
    OPPORTUNITY = "opportunity"
    REPLIED = "replied"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    CAMPAIGN_ENDED = "campaign_ended"
    STOPPED = "stopped"


EXIT_WORDS = {
    Exit.ACCEPTED: "the lead was accepted",
    Exit.OPPORTUNITY: "it became an opportunity",
    Exit.REPLIED: "the person replied",
    Exit.UNSUBSCRIBED: "the person unsubscribed",
    Exit.BOUNCED: "the address is dead",
    Exit.COMPLAINED: "a mail was marked as spam",
    Exit.CAMPAIGN_ENDED: "the campaign ended",
    Exit.STOPPED: "somebody stopped it",
}


class Outcome(StrEnum):
    """What one executed step did."""

    SENT = "sent"
    WAITED = "waited"
    BRANCHED = "branched"
    SKIPPED = "skipped"
    LEFT = "left"


WINDOW_DAYS = range(5)
WINDOW_STARTS, WINDOW_ENDS = time(8), time(18)
BATCH = 200
LEASE = timedelta(seconds=60)
ATTEMPTS = 5
RETRY_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a person when a step is decided."""

    clicked: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    replied: bool = False
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """What a due step does: maybe one mail, then the next node and when it is due.

    `node` is `end` when nothing follows.
    """

    outcome: Outcome
    node: str
    due_at: datetime | None
    mail: str = ""
    detail: str = ""


def next_window(at: datetime, zone: str) -> datetime:
    """Return the first instant from `at` inside Monday to Friday, 08 to 18, in `zone`."""
    local = at.astimezone(ZoneInfo(zone))
    while local.weekday() not in WINDOW_DAYS or not WINDOW_STARTS <= local.time() < WINDOW_ENDS:
        early = local.weekday() in WINDOW_DAYS and local.time() < WINDOW_STARTS
        day = local if early else local + timedelta(days=1)
        local = day.replace(hour=WINDOW_STARTS.hour, minute=0, second=0, microsecond=0)
    return local.astimezone(at.tzinfo)


def later(at: datetime, delay: Delay, zone: str) -> datetime:
    """Return `at` plus a delay; working days are Monday to Friday in `zone`."""
    match delay.unit:
        case Unit.MINUTES:
            return at + timedelta(minutes=delay.amount)
        case Unit.HOURS:
            return at + timedelta(hours=delay.amount)
        case Unit.DAYS:
            return at + timedelta(days=delay.amount)
        case Unit.WORKING_DAYS:
            local, left = at.astimezone(ZoneInfo(zone)), delay.amount
            while left:
                local += timedelta(days=1)
                left -= local.weekday() in WINDOW_DAYS
            return local.astimezone(at.tzinfo)


def due_of(step: NurtureStep, now: datetime, zone: str) -> datetime:
    """Return when a step entered `now` is due; a mail that waits at all keeps to the window.

    A first mail without delay answers a person who has just asked, so it leaves at once.
    """
    at = later(now, step.after, zone)
    if step.kind is StepKind.SEND and step.after.amount:
        return next_window(at, zone)
    return at


def enter(plan: NurturePlan, now: datetime, zone: str) -> tuple[str, datetime]:
    """Return the first node and when it is due."""
    first = plan.steps[0]
    return first.id, due_of(first, now, zone)


def next_step(plan: NurturePlan, node: str, signals: Signals, *, now: datetime, zone: str) -> Move:
    """Decide what a due node does. Pure: the same facts, the same move."""
    step = plan.step(node)
    if step is None:
        return Move(Outcome.LEFT, END, None, detail="the step is gone")
    if step.kind is StepKind.SEND:
        window = next_window(now, zone)
        if step.after.amount and window > now:
            return Move(Outcome.WAITED, node, window, detail="outside the send window")
        return _go(plan, step.then, Outcome.SENT, now, zone, mail=step.mail)
    if step.kind is StepKind.WAIT:
        return _go(plan, step.then, Outcome.WAITED, now, zone)
    answer = _holds(step, signals)
    to = step.yes if answer else step.no
    detail = f"{step.signal} {'yes' if answer else 'no'}"
    return _go(plan, to, Outcome.BRANCHED, now, zone, detail=detail)


def _go(  # noqa: PLR0913 - the parts of a move
    plan: NurturePlan,
    to: str,
    outcome: Outcome,
    now: datetime,
    zone: str,
    *,
    mail: str = "",
    detail: str = "",
) -> Move:
    following = plan.step(to)
    if following is None:
        return Move(outcome, END, None, mail, detail)
    return Move(outcome, following.id, due_of(following, now, zone), mail, detail)


def _holds(step: NurtureStep, signals: Signals) -> bool:
    if step.signal == "clicked":
        return any(
            mail == step.mail and (not step.link or link == step.link)
            for mail, link in signals.clicked
        )
    if step.signal == "replied":
        return signals.replied
    return step.signal == "accepted" and signals.accepted
