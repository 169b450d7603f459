"""Whether the steps of a journey make sense together: no circle, nothing that nobody reaches."""

from collections.abc import Iterator

from tcma.journeys.document import END, EXIT_OF, Journey
from tcma.toml_document import Fault


def faults_of_shape(journey: Journey) -> Iterator[Fault]:
    """Name circles first; without one, the steps that no way leads to."""
    circle = _circle(journey)
    if circle:
        step = journey.step(circle)
        line = step.line if step else 1
        words = f"The steps run in a circle at “{circle}”."
        yield Fault(line, words, "let one of them lead on, or end")
        return
    reached = set(order(journey))
    for step in journey.steps:
        if step.id not in reached:
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


def order(journey: Journey) -> list[str]:
    """Return the steps that can be reached, each after all that lead to it, main way first."""
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

    if journey.steps:
        visit(journey.steps[0].id)
    return done[::-1]


def _circle(journey: Journey) -> str:
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
