"""What a vendor asks of new partners besides the first steps: its own tasks, ticked by who did them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid, LimitReached
from tcma.guidance.models import OwnTask, OwnTaskTick
from tcma.guidance.programmes import ON_BOARD
from tcma.guidance.rules import LASTS_DAYS, NUDGE_DAYS, StepState
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Principal

MOST = 20
LONGEST_TITLE, LONGEST_WORDS = 80, 400
LAST_DAY = 365
MARK = "own:"
"""How a reminder of such a task names it, beside those of first steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task as a person writes it; `by_vendor` when the vendor's own people do it."""

    title: str
    words: str
    link: str
    due_days: int
    by_vendor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTask:
    """A task as one partner has it."""

    id: UUID
    vendor_id: UUID
    title: str
    words: str
    link: str
    by_vendor: bool
    state: StepState
    due_on: date
    done_by: str
    done_at: datetime | None


def add_task(work: Work, new: NewTask) -> None:
    """Ask new partners for a task, those that are on their way too; Invalid with fields."""
    work.require(Permission.PARTNERS_MANAGE)
    vendor_id = found(work.principal.vendor_id)
    wrong = _wrong(new)
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="task.fields", fields=wrong)
    if len(asked_by(work.session, vendor_id)) >= MOST:
        raise LimitReached(f"There are {MOST} tasks already. End one first.", code="task.many")
    task = OwnTask(
        vendor_id=vendor_id,
        title=" ".join(new.title.split()),
        words=" ".join(new.words.split()),
        link=new.link.strip(),
        due_days=new.due_days,
        by_vendor=new.by_vendor,
        made_by=work.principal.name,
        made_at=work.now,
    )
    work.session.add(task)
    work.audit("asks partners for", "own_task", task.title, vendor_id=vendor_id)


def _wrong(new: NewTask) -> dict[str, str]:
    wrong = {}
    if not 0 < len(new.title.strip()) <= LONGEST_TITLE:
        wrong["title"] = f"Say what is to be done, in at most {LONGEST_TITLE} characters."
    if len(new.words.strip()) > LONGEST_WORDS:
        wrong["words"] = f"That has more than {LONGEST_WORDS} characters."
    if new.link.strip() and not new.link.strip().startswith("https://"):
        wrong["link"] = "Write an address that begins with https://."
    if not 0 <= new.due_days <= LAST_DAY:
        wrong["due_days"] = f"Write days from 0 to {LAST_DAY}."
    return wrong


def end_task(work: Work, task_id: UUID) -> None:
    """Ask nobody for a task any more; who did it keeps that."""
    work.require(Permission.PARTNERS_MANAGE)
    query = visible(select(OwnTask).where(OwnTask.id == task_id), work.principal, OwnTask)
    task = found(work.session.scalar(query))
    if task.ended_at is None:
        task.ended_at = work.now
        work.audit("asks no more for", "own_task", task.title, vendor_id=task.vendor_id)


def tick(work: Work, task_id: UUID, partner_id: UUID, *, done: bool) -> None:
    """Say that a task is done, or that it is not after all; once however often it is pressed.

    A partner's people tick what they are asked, the vendor's all; NotFound for anything else.
    """
    task = found(work.session.get(OwnTask, task_id))
    found(work.session.get(Enrolment, (task.vendor_id, partner_id)))
    if work.principal.partner_id:
        work.require(Permission.BRAND_EDIT)
        mine = work.principal.partner_id == partner_id and not task.by_vendor
    else:
        work.require(Permission.PARTNERS_MANAGE)
        mine = work.principal.vendor_id == task.vendor_id
    found(task if mine and task.ended_at is None else None)
    if done:
        row = insert(OwnTaskTick).values(
            task_id=task_id, vendor_id=task.vendor_id, partner_id=partner_id,
            done_by=work.principal.name, at=work.now,
        )  # fmt: skip
        work.session.execute(row.on_conflict_do_nothing())
    else:
        work.session.execute(
            delete(OwnTaskTick).where(
                OwnTaskTick.task_id == task_id, OwnTaskTick.partner_id == partner_id
            )
        )
    verb = f"did “{task.title}”" if done else f"has not done “{task.title}” after all"
    work.audit(verb, "partner", partner_id, vendor_id=task.vendor_id, partner_id=partner_id)


def asked_by(session: Session, vendor_id: UUID) -> Sequence[OwnTask]:
    """Return the tasks a vendor asks for, those due first on top."""
    query = select(OwnTask).where(OwnTask.vendor_id == vendor_id, OwnTask.ended_at.is_(None))
    return session.scalars(query.order_by(OwnTask.due_days, OwnTask.id)).all()


def tasks_of(
    session: Session, principal: Principal, vendor_id: UUID, partner_id: UUID, *, now: datetime
) -> list[AskedTask]:
    """Return what a partner is asked: to its own people without what the vendor's do; none once it left.

    A task that came after its first days is not asked of it, one that came during them not for the past.
    """
    pair = select(Enrolment.joined_at, Enrolment.state, Partner.zone).join(
        Partner, Partner.id == Enrolment.partner_id
    )
    mine = visible(pair, principal, Enrolment).where(
        Enrolment.vendor_id == vendor_id, Enrolment.partner_id == partner_id
    )
    row = session.execute(mine).first()
    if row is None or row.state not in ON_BOARD:
        return []
    query = select(OwnTaskTick).where(
        OwnTaskTick.vendor_id == vendor_id, OwnTaskTick.partner_id == partner_id
    )
    ticks = {each.task_id: each for each in session.scalars(query)}
    zone = ZoneInfo(row.zone)
    joined, today = row.joined_at.astimezone(zone).date(), now.astimezone(zone).date()
    ends = joined + timedelta(days=LASTS_DAYS)
    asked = []
    for task in asked_by(session, vendor_id):
        made, done = task.made_at.astimezone(zone).date(), ticks.get(task.id)
        if not (principal.partner_id and task.by_vendor) and (made <= ends or done):
            due_on = max(made, joined + timedelta(days=task.due_days))
            asked.append(_asked(task, done, due_on, today))
    return asked


def _asked(task: OwnTask, done: OwnTaskTick | None, due_on: date, today: date) -> AskedTask:
    waiting = StepState.LATE if today > due_on else StepState.OPEN
    return AskedTask(
        id=task.id,
        vendor_id=task.vendor_id,
        title=task.title,
        words=task.words,
        link=task.link,
        by_vendor=task.by_vendor,
        state=StepState.DONE if done else waiting,
        due_on=due_on,
        done_by=done.done_by if done else "",
        done_at=done.at if done else None,
    )


def reminders_due(
    tasks: Sequence[AskedTask], told: Mapping[str, int], today: date
) -> dict[str, int]:
    """Return the open tasks of a partner's own that a mail reminds of today, by mark, with its number."""
    reached = {
        f"{MARK}{task.id}": sum(today >= task.due_on + timedelta(days=days) for days in NUDGE_DAYS)
        for task in tasks
        if task.state is not StepState.DONE and not task.by_vendor
    }
    return {mark: number for mark, number in reached.items() if number > told.get(mark, 0)}
