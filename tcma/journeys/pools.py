"""Mails of pools that nobody can get: whoever comes to the step is by then somebody else than the mail asks for."""

from collections.abc import Iterator, Sequence

from tcma.journeys.document import Conditions, Drawn, Journey, Kind, Step
from tcma.toml_document import Fault

LASTING = ("country", "language", "partner")
"""What somebody has one of, and keeps on the way; tags, points, tiers and holders change."""


def faults_of_pools(journey: Journey, *, line: int) -> Iterator[Fault]:
    """Name the mails that nobody gets at any step, and the steps at which nobody gets a mail.

    Only what cannot be otherwise is said: conditions that everybody met who comes to the step, at the entry or
    at a question with one way on to it. `line` is where the pools stand.
    """
    drawing = [step for step in journey.steps if step.pool]
    asked = {step.id: sure_of(journey, step) for step in drawing}
    for name, pool in journey.pools:
        steps = [step for step in drawing if step.pool == name]
        dead = [each for each in pool if steps and _never(each, [asked[s.id] for s in steps])]
        for each in dead:
            what = clash(asked[steps[0].id], each.when)
            remedy = "change its “if”, or take it out of the pool"
            yield Fault(line, f"Nobody gets “{each.mail}” of “{name}”: {what}.", remedy)
        for step in steps:
            if pool and len(dead) < len(pool) and _all_never(pool, asked[step.id]):
                words = f"Nobody who comes to “{step.id}” gets a mail of “{name}”."
                yield Fault(step.line, words, "add a mail for them to the pool")


def sure_of(journey: Journey, step: Step) -> list[Conditions]:
    """Return the conditions that everybody has met who comes to a step."""
    passed = [
        each.when
        for each in journey.steps
        if each.kind is Kind.CHECK and not _reaches(journey, step, without=each)
    ]
    return [journey.entry, *passed]


def clash(met: Sequence[Conditions], when: Conditions) -> str:
    """Return in words why nobody who has met all of some conditions meets one more; empty when somebody may."""
    for part in LASTING:
        wanted: tuple[str, ...] = getattr(when, part)
        for each in met:
            given: tuple[str, ...] = getattr(each, part)
            if wanted and given and not set(wanted) & set(given):
                return f"{part} is {' or '.join(given)} by then, {' or '.join(wanted)} is asked for"
    return ""


def _never(each: Drawn, steps: Sequence[Sequence[Conditions]]) -> bool:
    return all(clash(met, each.when) for met in steps)


def _all_never(pool: Sequence[Drawn], met: Sequence[Conditions]) -> bool:
    return all(clash(met, each.when) for each in pool)


def _reaches(journey: Journey, step: Step, *, without: Step) -> bool:
    """Say whether a step can be reached without the answer yes to a question."""
    open_, seen = [journey.steps[0]], {journey.steps[0].id}
    while open_:
        at = open_.pop()
        if at.id == step.id:
            return True
        on = (at.no,) if at.id == without.id else at.follows()
        for name in on:
            found = journey.step(name)
            if found is not None and name not in seen:
                seen.add(name)
                open_.append(found)
    return False
