"""The sequence of nurture.toml: send after a delay, wait, branch, leave; checked for sense."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tcma.rendering.toml_table import Table

EXITS = (
    "reply", "accepted", "opportunity", "meeting", "unsubscribe", "bounce", "complaint", "expired",
    "renewed", "stopped",
)  # fmt: skip
SIGNALS = ("clicked", "replied", "accepted", "meeting", "page_visited")
END = "end"
_DELAY = re.compile(r"(\d{1,3})\s*(working days?|days?|hours?|minutes?)\Z")


class Unit(StrEnum):
    """How a delay counts; working days are Monday to Friday in the contact's zone."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class Delay:
    """A time to wait before a step; amount 0 is at once."""

    amount: int
    unit: Unit


class StepKind(StrEnum):
    """What a step does when its time has come."""

    SEND = "send"
    WAIT = "wait"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class NurtureStep:
    """One step. `then` (send, wait) or `yes`/`no` (branch) name the next step or `end`.

    A branch asks `signal`, for clicks of the mail `mail` and the link key `link` ("" is any link).
    """

    id: str
    kind: StepKind
    after: Delay
    mail: str = ""
    signal: str = ""
    link: str = ""
    then: str = END
    yes: str = END
    no: str = END

    def follows(self) -> tuple[str, ...]:
        """Where it can lead."""
        return (self.yes, self.no) if self.kind is StepKind.BRANCH else (self.then,)


@dataclass(frozen=True, slots=True)
class NurturePlan:
    """Steps in file order; the first is entered by the form. `exits` end a run at any step."""

    steps: tuple[NurtureStep, ...]
    exits: frozenset[str]

    def step(self, step_id: str) -> NurtureStep | None:
        """A step by id; None for `end` and unknown ids."""
        return next((step for step in self.steps if step.id == step_id), None)


def parse_delay(text: str) -> Delay | None:
    """«0», «3 working days», «7 days», «2 hours»; None when it is none of these."""
    clean = " ".join(text.split())
    if clean == "0":
        return Delay(0, Unit.MINUTES)
    match = _DELAY.match(clean)
    if not match:
        return None
    unit = match[2].rstrip("s") + "s"
    return Delay(int(match[1]), Unit(unit.replace(" ", "_")))


def load_plan(table: Table, *, mails: Iterable[str]) -> NurturePlan:
    """The plan of a nurture.toml.

    Raises `TemplateRefused` for unknown mails, targets, signals, delays, and for circles.
    """
    exits = table.texts("exits", needed=True)
    for name in exits:
        if name not in EXITS:
            raise table.refuse("exits", f"The exit “{name}” is unknown.", f"use {', '.join(EXITS)}")
    rows = table.tables("step")
    if not rows:
        raise table.refuse("step", "There is no step.", "write [[step]]")
    ids = [row.text("id") for row in rows]
    steps: list[NurtureStep] = []
    for number, row in enumerate(rows):
        following = ids[number + 1] if number + 1 < len(ids) else END
        steps.append(_step(row, ids=ids, mails=set(mails), following=following))
    twice = next((i for i in ids if ids.count(i) > 1), None)
    if twice:
        raise table.refuse(twice, f"Two steps are called “{twice}”.", "give each its own id")
    plan = NurturePlan(tuple(steps), frozenset(exits))
    _refuse_circles(plan, table)
    return plan


def _step(row: Table, *, ids: list[str], mails: set[str], following: str) -> NurtureStep:
    delay = parse_delay(row.text("after", "0"))
    if delay is None:
        raise row.refuse(
            "after",
            f"The delay “{row.text('after')}” cannot be read.",
            'write "0", "3 working days", "7 days" or "2 hours"',
        )
    for key in ("then", "yes", "no"):
        target = row.text(key, END)
        if target != END and target not in ids:
            raise row.refuse(key, f"There is no step “{target}”.", f"use {', '.join(ids)} or end")
    step_id = row.text("id")
    if "send" in row.values:
        return NurtureStep(
            id=step_id,
            kind=StepKind.SEND,
            after=delay,
            mail=row.choice("send", mails),
            then=row.text("then", following),
        )
    if "branch" in row.values:
        signal, _, about = row.text("branch").partition(":")
        mail, _, link = about.partition(".")
        if signal not in SIGNALS:
            raise row.refuse("branch", f"“{signal}” is no signal.", f"use {', '.join(SIGNALS)}")
        if signal == "clicked" and mail not in mails:
            raise row.refuse(
                "branch", f"There is no nurture mail “{mail}”.", "write clicked:<mail>.<link>"
            )
        return NurtureStep(
            id=step_id,
            kind=StepKind.BRANCH,
            after=delay,
            mail=mail,
            signal=signal,
            link=link,
            yes=row.text("yes"),
            no=row.text("no"),
        )
    if "wait" in row.values or "after" in row.values:
        return NurtureStep(
            id=step_id, kind=StepKind.WAIT, after=delay, then=row.text("then", following)
        )
    raise row.refuse("id", f"The step “{step_id}” does nothing.", "add send, branch or after")


def _refuse_circles(plan: NurturePlan, table: Table) -> None:
    def visit(step_id: str, trail: tuple[str, ...]) -> None:
        if step_id in trail:
            raise table.refuse(
                "then", f"The steps run in a circle at “{step_id}”.", "let one of them end"
            )
        step = plan.step(step_id)
        for target in step.follows() if step else ():
            visit(target, (*trail, step_id))

    visit(plan.steps[0].id, ())
