"""Waiving a first step, asking for it again, and reminding a partner of what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.accounts.queries import members_of
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.notices import Reader, day, tell_each
from tcma.errors import Invalid
from tcma.guidance import own_tasks
from tcma.guidance.models import StepNudge, StepWaiver
from tcma.guidance.own_tasks import AskedTask
from tcma.guidance.queries import FirstSteps, Pair, steps_of_pair
from tcma.guidance.rules import REST_DAYS, Step, StepState, StepView, is_hour_for_mail, nudges_due
from tcma.guidance.words import WORDS
from tcma.partners.models import Enrolment
from tcma.permissions import SYSTEM, Permission
from tcma.words import joined, say, say_n

LONGEST_WHY = 200


def waive(work: Work, partner_id: UUID, step: Step, why: str) -> None:
    """Ask a partner for a step no more, with the reason; Invalid without one."""
    pair = _own_pair(work, partner_id)
    said = " ".join(why.split())
    if not 0 < len(said) <= LONGEST_WHY:
        message = f"Write why, in at most {LONGEST_WHY} characters. The partner reads it."
        raise Invalid(message, code="guidance.why", fields={"why": message})
    work.session.execute(
        upsert(StepWaiver)
        .values(
            vendor_id=pair[0],
            partner_id=partner_id,
            step=step,
            why=said,
            waived_by=work.principal.name,
            at=work.now,
        )
        .on_conflict_do_nothing()
    )
    _audit(work, pair, f"does not ask for its {WORDS[step].noun}: {said}")


def ask_again(work: Work, partner_id: UUID, step: Step) -> None:
    """Ask for a waived step again."""
    pair = _own_pair(work, partner_id)
    gone = work.session.scalar(
        delete(StepWaiver)
        .where(
            StepWaiver.vendor_id == pair[0],
            StepWaiver.partner_id == partner_id,
            StepWaiver.step == step,
        )
        .returning(StepWaiver.step)
    )
    if gone:
        _audit(work, pair, f"asks for its {WORDS[step].noun} again")


def _own_pair(work: Work, partner_id: UUID) -> Pair:
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    found(work.session.get(Enrolment, (vendor_id, partner_id)))
    return vendor_id, partner_id


def _audit(work: Work, pair: Pair, words: str) -> None:
    work.audit(words, "partner", pair[1], vendor_id=pair[0], partner_id=pair[1])


def nudge(work: Work, pair: Pair) -> tuple[Step, ...]:
    """Mail a partner's people about the steps and the vendor's own tasks that are due; return the steps.

    The pair is locked: two clocks that ring at once send one mail.
    """
    held = select(Enrolment.partner_id).where(
        Enrolment.vendor_id == pair[0], Enrolment.partner_id == pair[1]
    )
    if not work.session.scalar(held.with_for_update(key_share=True, skip_locked=True)):
        return ()
    steps = steps_of_pair(work.session, pair, now=work.now)
    people = members_of(work.session, partner_id=pair[1], able_to=Permission.BRAND_EDIT)
    if steps is None or not people or not is_hour_for_mail(work.now, steps.zone):
        return ()
    local = work.now.astimezone(ZoneInfo(steps.zone))
    today = local.date()
    due = nudges_due(steps.progress, told=steps.told, last_on=steps.nudged_on, today=today)
    asked = own_tasks.tasks_of(work.session, SYSTEM, *pair, now=work.now)
    own = _own_due(steps, asked, today)
    if not due and not own:
        return ()
    rows = [
        {"vendor_id": pair[0], "partner_id": pair[1], "step": step, "no": no, "at": work.now}
        for step, no in (due | own).items()
    ]
    work.session.execute(insert(StepNudge), rows)
    lines = [
        Line(each.due_on, WORDS[each.step].ask, WORDS[each.step].why, WORDS[each.step].path,
             line_of(each))
        for each in steps.progress.steps if each.step in due
    ] + [
        Line(task.due_on, task.title, task.words, "/console", own_line(task, today))
        for task in asked if f"{own_tasks.MARK}{task.id}" in own
    ]  # fmt: skip
    first = min(lines, key=lambda each: each.due_on)
    values = {
        "partner": steps.partner,
        "ask": first.ask,
        "why": first.why,
        "lines": joined(*(each.words for each in lines)),
        "done": str(steps.progress.done),
        "all": str(len(steps.progress.steps)),
    }
    url = f"{work.site.public_url}{first.path}"
    letters = [(Reader.of(person), url, values) for person in people]
    tell_each(work, "first_steps", letters, vendor_id=pair[0])
    return tuple(due)


@dataclass(frozen=True, slots=True)
class Line:
    """What a reminder says of one step or task."""

    due_on: date
    ask: str
    why: str
    path: str
    words: str


def _own_due(steps: FirstSteps, asked: Sequence[AskedTask], today: date) -> dict[str, int]:
    """Return the vendor's own tasks that are due a word, unless there was a mail just now."""
    last = steps.nudged_on
    if steps.progress.has_ended or (last is not None and (today - last).days < REST_DAYS):
        return {}
    return own_tasks.reminders_due(asked, steps.told_own, today)


def own_line(task: AskedTask, today: date) -> str:
    """Return one of the vendor's own tasks and its day as the letter lists it."""
    late = (today - task.due_on).days
    if task.state is not StepState.LATE:
        return say("{ask}: by {due_on}.", ask=task.title, due_on=day(task.due_on))
    return _late(task.title, task.due_on, late)


def line_of(each: StepView) -> str:
    """Return one step and its day as the letter lists it."""
    ask = WORDS[each.step].ask
    if each.state is StepState.LATE:
        return _late(ask, each.due_on, each.days_late)
    return say("{ask}: by {due_on}.", ask=ask, due_on=day(each.due_on))


def _late(ask: str, due_on: date, days: int) -> str:
    return say_n(
        "{ask}: was due on {due_on}, {n} day ago.", "{ask}: was due on {due_on}, {n} days ago.",
        days, ask=ask, due_on=day(due_on),
    )  # fmt: skip
