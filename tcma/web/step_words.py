"""First steps as both sides read them: what each is, by when, how late, why it is not asked for."""

from datetime import date
from typing import Any

from tcma.guidance.queries import FirstSteps
from tcma.guidance.rules import Step, StepState, StepView
from tcma.guidance.words import WORDS
from tcma.web.filters import local_date
from tcma.web.reading import reader
from tcma.words import say, say_n


def step_lines(steps: FirstSteps, *, at_console: bool) -> list[dict[str, Any]]:
    """Return each step with its state and its day; at the console what is open is a link."""
    return [
        {
            "text": _text(each, at_console=at_console),
            "state": each.state.value,
            "when": when_of(each),
            "href": WORDS[each.step].path if at_console and not each.is_through else "",
            "why": _waived(steps, each.step) if each.state is StepState.WAIVED else "",
        }
        for each in steps.progress.steps
    ]


def _text(each: StepView, *, at_console: bool) -> str:
    words = WORDS[each.step]
    return words.ask if at_console else words.noun[0].upper() + words.noun[1:]


def when_of(each: StepView) -> str:
    """Return when a step is due, how late it is, or that it is through."""
    match each.state:
        case StepState.DONE:
            return say("done")
        case StepState.WAIVED:
            return say("not asked for")
        case StepState.LATE:
            return say(
                "was due on {date}, {late}",
                date=_day(each.due_on),
                late=say_n("{n} day late", "{n} days late", each.days_late),
            )
        case _:
            return say("by {date}", date=_day(each.due_on))


def due_of(each: StepView) -> str:
    """Return the day of an open step as it stands alone."""
    if each.state is StepState.LATE:
        return say("Was due on {date}", date=_day(each.due_on))
    return say("By {date}", date=_day(each.due_on))


def _waived(steps: FirstSteps, step: Step) -> str:
    given = steps.waivers[step]
    return f"{given.by}: {given.why}"


def _day(on: date) -> str:
    return local_date(on, reader=reader())
