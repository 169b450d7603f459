"""Whether the steps of a journey make sense together: no circle, nothing that nobody reaches."""

from collections.abc import Iterator

from tcma.journeys.document import END, EXIT_OF, Journey
from tcma.toml_document import Fault


def faults_of_shape(journey: Journey) -> Iterator[Fault]:
    """Name circles first; without one, the steps that no way leads to."""
    at = circle(journey)
    if at:
        step = journey.step(at)
        line = step.line if step else 1
        words = f"The steps run in a circle at “{at}”."
        yield Fault(line, words, "let one of them lead on, or end")
        return
    lost = set(loose(journey))
    for step in journey.steps:
        if step.id in lost:
            yield Fault(
                step.line,
                f"Nobody comes to “{step.id}”.",
                f'name it in then, yes, no or split: then = "{step.id}", or take it out',
            )
    for step in journey.steps:
        name = EXIT_OF.get(step.asks.signal) if step.asks else None
        if name in journey.exits and step.asks:
            yield Fault(
                step.line,
                f"“{step.id}” never hears of it: “{name}” ends the journey.",
                f"take {name} out of exits, or ask for something else",
            )


def order(journey: Journey, *, every: bool = False) -> list[str]:
    """Return the steps that can be reached, each after all that lead to it, main way first.

    With `every` also those that nobody comes to; in a circle one of its steps comes before those leading to it.
    """
    done: list[str] = []
    seen: set[str] = set()

    def visit(step_id: str) -> None:
        step = journey.step(step_id)
        if step is None or step_id in seen:
            return
        seen.add(step_id)
        for to in reversed(step.follows()):
            visit(to)
        done.append(step_id)

    for name in (*reversed(journey.openings), *(step.id for step in journey.steps if every)):
        visit(name)
    return done[::-1]


def loose(journey: Journey) -> list[str]:
    """Return the steps that nobody comes to, in file order."""
    reached = set(order(journey))
    return [step.id for step in journey.steps if step.id not in reached]


def beyond(journey: Journey, step_id: str) -> set[str]:
    """Return the steps that can follow a step, at once or later."""
    found: set[str] = set()
    waiting = [step_id]
    while waiting:
        step = journey.step(waiting.pop())
        fresh = set(step.follows()) - found if step else set[str]()
        found |= fresh
        waiting += fresh
    return found - {END}


def circle(journey: Journey) -> str:
    """Return a step that leads back to itself, else empty."""
    open_, closed = set[str](), set[str]()

    def visit(step_id: str) -> str:
        if step_id == END or step_id in closed:
            return ""
        if step_id in open_:
            return step_id
        open_.add(step_id)
        step = journey.step(step_id)
        for to in step.follows() if step else ():
            if found := visit(to):
                return found
        open_.discard(step_id)
        closed.add(step_id)
        return ""

    return next((found for step in journey.steps if (found := visit(step.id))), "")
