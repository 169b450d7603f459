"""Rearranging a journey on its canvas: a step put on another line, a way led elsewhere, a step doubled.

What nobody comes to afterwards stays in the document: it is drawn beside the others with what is wrong,
until its author connects it or takes it out.
"""

from tcma.errors import Invalid
from tcma.journeys.document import ASKS, END, LEAVES, Journey, Kind, Step
from tcma.journeys.editing import (
    Slices,
    dropped,
    led,
    readable,
    redirected,
    slices,
    with_key,
    with_raw,
    with_ways,
    written,
)
from tcma.journeys.reading import read
from tcma.journeys.shape import beyond, circle

ANOTHER = "+"
"""The way out of a split that is not there yet."""


def ways_out(step: Step) -> tuple[tuple[str, str], ...]:
    """Return the ways out of a step, each by its key (then, yes, no; of a split where it leads) and target."""
    if step.kind is Kind.SPLIT:
        return tuple((to, to) for to, _ in step.parts)
    if step.kind in ASKS:
        return (("yes", step.yes), ("no", step.no))
    return () if step.kind in LEAVES else (("then", step.then),)


def led_to(text: str, step_id: str, way: str, to: str) -> str:
    """Return the document with one way of a step leading to another step, or the end.

    `ANOTHER` gives a split one way more, with the average share. Raises Invalid for a way that it has not, for a step that is gone, and for a circle.
    """
    journey = readable(text)
    step = _step(journey, step_id)
    known = dict(ways_out(step)) | ({ANOTHER: ""} if step.kind is Kind.SPLIT else {})
    if way not in known or (to != END and journey.step(to) is None):
        raise Invalid("This step is gone. Open the page anew.", code="journey.step")
    if to != END and (to == step_id or step_id in beyond(journey, to)):
        message = f"Nothing leads back: {to} comes before {step_id}, and a journey never runs in a circle."
        raise Invalid(message, code="journey.circle")
    cut = with_ways(slices(text), journey)
    steps = [(n, _rerouted(b, step, way, to) if n == step_id else b) for n, b in cut.steps]
    return Slices(cut.head, tuple(steps), cut.tail).text()


def placed(text: str, step_id: str, after: str, way: str) -> str:
    """Return the document with a step standing on one way out of `after` ("" puts it first).

    Who led to it leads on by its first way, which then leads to where the line led. A question keeps
    its other way, unless that would run in a circle.
    """
    journey = readable(text)
    step, at = _step(journey, step_id), journey.step(after)
    if after and (at is None or way not in dict(ways_out(at))):
        raise Invalid("The step before it is gone. Open the page anew.", code="journey.step")
    target = led(at, way) if at else journey.steps[0].id
    if step_id in (after, target):
        return text
    made = _standing(text, journey, step, at, way, target=target, all_ways=False)
    if _runs_in_circle(made):
        made = _standing(text, journey, step, at, way, target=target, all_ways=True)
    if _runs_in_circle(made):
        message = f"{step_id} cannot stand there: one of its ways would lead back to it."
        raise Invalid(message, code="journey.circle")
    return made


def _standing(  # noqa: PLR0913 - a step, where it goes, how much of it
    text: str, journey: Journey, step: Step, at: Step | None, way: str, *, target: str, all_ways: bool
) -> str:  # fmt: skip
    onward = (step.follows() or (END,))[0]
    cut = with_ways(slices(text), journey)
    blocks = {n: dropped(b, journey.step(n), step.id, onward) for n, b in cut.steps}
    names = [name for name in blocks if name != step.id]
    if journey.steps[0].id == step.id and onward != END:  # who comes next is first now
        names.sort(key=lambda name: name != onward)
    if at is not None:
        blocks[at.id] = redirected(blocks[at.id], at, way, step.id)
    keys = ways_out(step) if all_ways and step.kind in ASKS else ways_out(step)[:1]
    own = blocks[step.id]
    for key, _ in keys:
        own = _rerouted(own, step, key, target)
    blocks[step.id] = own
    names.insert(names.index(at.id) + 1 if at else 0, step.id)
    return Slices(cut.head, tuple((name, blocks[name]) for name in names), cut.tail).text()


def doubled(text: str, step_id: str, new_id: str) -> str:
    """Return the document with a copy of a step behind it, on its first way.

    A question's copy leads on either way; the copy of a step that ends the journey is connected to nothing.
    """
    journey = readable(text)
    step = _step(journey, step_id)
    cut = with_ways(slices(text), journey)
    own = dict(cut.steps)[step_id]
    lines = [line for line in own.split("\n") if not line.lstrip().startswith("#")]
    copy = with_key("\n".join(lines), "id", new_id)
    keys = ways_out(step)
    if step.kind in ASKS:
        copy = with_key(copy, "no", step.yes)
    if keys:
        own = _rerouted(own, step, keys[0][0], new_id)
    steps: list[tuple[str, str]] = []
    for name, block in cut.steps:
        steps += [(name, own), (new_id, copy)] if name == step_id else [(name, block)]
    return Slices(cut.head, tuple(steps), cut.tail).text()


def _step(journey: Journey, step_id: str) -> Step:
    step = journey.step(step_id)
    if step is None:
        raise Invalid("This step is gone. Open the page anew.", code="journey.step")
    return step


def _rerouted(block: str, step: Step, way: str, to: str) -> str:
    """Return a step's text with one way leading to `to`; ways of a split to one place become one."""
    if step.kind is not Kind.SPLIT:
        return with_key(block, way, to)
    parts: dict[str, int] = {}
    shares = [weight for _, weight in step.parts]
    more = ((ANOTHER, sum(shares) // max(len(shares), 1) or 1),) if way == ANOTHER else ()
    for name, weight in (*step.parts, *more):
        now = to if name == way else name
        parts[now] = parts.get(now, 0) + weight
    return with_raw(block, "split", written(parts))


def _runs_in_circle(text: str) -> bool:
    sketch = read(text).sketch
    return sketch is not None and bool(circle(sketch))
