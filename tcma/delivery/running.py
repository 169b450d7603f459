"""What there is to send now: mailings with due messages, how many are due, and who else is at it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    bindparam,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from tcma.db.base import Instant
from tcma.db.by_text import run
from tcma.db.work import Work
from tcma.delivery import pacing, statements
from tcma.delivery.models import Destination, Mailing, Message
from tcma.delivery.rules import MailingState, MessageState
from tcma.delivery.sender_queries import carriers, is_held
from tcma.delivery.stopping import held_back

M = MessageState
_NOW = bindparam("b_now", type_=Instant())


@dataclass(frozen=True, slots=True)
class Active:
    """A mailing with messages that are due; `domain_id` when its domain's pace is limited, `lanes`
    are the destinations it waits for, each with how many mailings do. `way` is the domain whose own
    relays carry it; None: the installation's do. `resumed_at` is when a person let it go on.
    """

    id: int
    priority: int
    trouble: bool
    domain_id: UUID | None = None
    lanes: Mapping[int, int] = field(default_factory=dict)
    way: UUID | None = None
    resumed_at: datetime | None = None


def active_mailings(work: Work) -> list[Active]:
    """Return the running mailings that have due messages and may send now, urgent first.

    They do not back off, nor wait for their domain, whose pace leaves room; nobody holds
    them back.
    """
    rows = [row for row in run(work.session, _active, {"b_now": work.now}) if row[3] or row[4]]
    rivals = Counter(lane for row in rows for lane in row[4])
    active = [
        Active(
            row[0],
            row[1],
            row[2],
            lanes={lane: rivals[lane] for lane in sorted(row[4])},
            resumed_at=row[5],
        )
        for row in rows
    ]
    carried = carriers(work.session, [each.id for each in active]) if active else {}
    paced = {number: each.domain_id for number, each in carried.items() if each.is_paced}
    ways = {number: each.domain_id for number, each in carried.items() if each.has_relays}
    rooms = {each: pacing.room_of(work.session, each, work.now) for each in set(paced.values())}
    full = {each for each, room in rooms.items() if room is not None and not room.left}
    return [
        replace(each, domain_id=paced.get(each.id), way=ways.get(each.id))
        for each in active
        if paced.get(each.id) not in full
    ]


@cache
def _active() -> Any:
    lane = select(Destination.lane).where(_due_in(Destination.lane)).correlate(Mailing)
    return (
        select(
            Mailing.id, Mailing.priority, Mailing.trouble_n > 0, _due_in(literal_column("0")),
            func.array(lane.scalar_subquery()), Mailing.counted_from,
        )
        .where(
            Mailing.state == MailingState.RUNNING,
            or_(Mailing.back_off_until.is_(None), Mailing.back_off_until <= _NOW),
            ~is_held(Mailing),
            ~held_back(Mailing),
        )
        .order_by(Mailing.priority.desc(), Mailing.id)
    )  # fmt: skip


def _due_in(lane: Any) -> ColumnElement[bool]:
    """Whether a mailing has due messages in a lane; asked of the last, for where the first stood the index
    holds what has left.
    """
    due = select(literal(True)).where(
        Message.mailing_id == Mailing.id,
        Message.lane == lane,
        statements.state_in(M.READY),
        Message.due_at <= _NOW,
        statements.in_time(_NOW),
    )
    last = due.order_by(Message.due_at.desc(), Message.id.desc()).limit(1)
    return func.coalesce(last.correlate(Mailing, Destination).scalar_subquery(), false())


def due_up_to(work: Work, mailing_ids: Sequence[int], most: int) -> int:
    """Count due messages, at most `most`: how many lines are worth opening."""
    some = (
        select(literal(1))
        .where(
            Message.mailing_id.in_(mailing_ids),
            statements.state_in(M.READY),
            Message.due_at <= work.now,
            statements.in_time(work.now),
        )
        .limit(most)
        .subquery()
    )
    return work.session.scalar(select(func.count()).select_from(some)) or 0


def others_sending(work: Work, worker: int) -> int:
    """Count the other processes that have messages in hand."""
    [(count,)] = run(work.session, _others, {"b_worker": worker})
    return int(count)


@cache
def _others() -> Any:
    held = select(Message.lease).where(statements.state_in(M.LEASED, M.SENDING)).subquery()
    worker = held.c.lease.op(">>")(literal_column("32"))
    mine = bindparam("b_worker", type_=BigInteger())
    return select(func.count(worker.distinct())).where(worker != mine)
