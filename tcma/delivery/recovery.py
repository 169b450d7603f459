"""What becomes of messages whose worker is gone: the journal tells, doubt stays doubt.

A worker may be frozen rather than dead. Only its journal's lock, freed by the kernel at death,
proves that it will not go on; what it was sending is touched under that proof, or never resent.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, exists, func, or_, select, update
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery import pacing
from tcma.delivery.claims import lease_range
from tcma.delivery.models import Mailing, Message, Worker
from tcma.delivery.rules import LEASE, LINE_BROKE, LOST_AFTER, MailingState, MessageState
from tcma.jobs import Job

M = MessageState
UNSEEN = timedelta(minutes=5)
"""A worker that sends says so more often than that."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a journal says, by message number: being made, dot about to leave, taken by the relay."""

    prepared: Collection[int]
    begun: Collection[int]
    answered: Collection[int]


def replay_journal(work: Work, name: str, told: Told) -> dict[MessageState, int]:
    """Settle what the dead writer of a journal held; nothing when it had settled itself.

    Call it while holding the journal's lock.
    """
    worker = work.session.scalar(
        select(Worker.id).where(Worker.journal == name, Worker.ended_at.is_(None))
    )
    return {} if worker is None else replay(work, worker, told)


def replay(work: Work, worker: int, told: Told) -> dict[MessageState, int]:
    """Settle everything a provably dead worker held; return how many went to which state.

    Answered → sent. Begun without answer → uncertain. Not begun → ready, with the attempt given
    back unless the message was being made when the worker died: it may be what killed it.
    """
    low, high = lease_range(worker)
    held = set(
        work.session.scalars(
            select(Message.id)
            .where(Message.lease.between(low, high), Message.state.in_((M.LEASED, M.SENDING)))
            .with_for_update()
        )
    )
    ready = case(
        (Message.id.in_(held.intersection(told.prepared)), Message.attempt),
        else_=func.greatest(Message.attempt - 1, 0),
    )
    end = case(
        (Message.state == M.LEASED, int(M.READY)),
        (Message.id.in_(held.intersection(told.answered)), int(M.SENT)),
        (Message.id.in_(held.intersection(told.begun)), int(M.UNCERTAIN)),
        else_=int(M.READY),
    )
    rows = work.session.execute(
        update(Message)
        .where(Message.lease.between(low, high), Message.state.in_((M.LEASED, M.SENDING)))
        .values(
            state=end,
            sent_at=case((end == int(M.SENT), work.now), else_=Message.sent_at),
            attempt=case((end == int(M.READY), ready), else_=Message.attempt),
            answer=case(
                (end == int(M.UNCERTAIN), str(LINE_BROKE)),
                else_=Message.answer,
            ),
            lease=None,
            lease_until=None,
        )
        .returning(Message.state, Message.mailing_id)
    ).all()
    pacing.have_left(work, [r.mailing_id for r in rows if r.state in (M.SENT, M.UNCERTAIN)])
    work.session.execute(update(Worker).where(Worker.id == worker).values(ended_at=work.now))
    if rows:
        work.wake(Job.MAILING_SEND)
    for mailing_id in {row.mailing_id for row in rows}:
        work.wake(Job.LAUNCH_SETTLE, mailing_id=mailing_id)
    counts: dict[MessageState, int] = {}
    for row in rows:
        counts[M(row.state)] = counts.get(M(row.state), 0) + 1
    return counts


def release_expired(work: Work) -> int:
    """Give back what was leased and never begun in time: always safe, an intent needs the lease."""
    rows = work.session.execute(
        update(Message)
        .where(Message.state == M.LEASED, Message.lease_until < work.now)
        .values(
            state=M.READY,
            lease=None,
            lease_until=None,
            attempt=func.greatest(Message.attempt - 1, 0),
        )
        .returning(Message.id)
    ).all()
    if rows:
        work.wake(Job.MAILING_SEND)
    return len(rows)


def stands_still(session: Session, *, vendor_id: UUID | None, now: datetime) -> int:
    """Count running mailings, of one vendor or all, whose mail is due for over a minute because it
    gets no further: no relay or no journal takes it, or no worker has been seen for a while.
    """
    seen = exists().where(Worker.ended_at.is_(None), Worker.seen_at > now - UNSEEN)
    late = exists().where(
        Message.mailing_id == Mailing.id, Message.state == M.READY, Message.due_at < now - LEASE
    )
    stuck = select(func.count(Mailing.id)).where(
        Mailing.state == MailingState.RUNNING, late, or_(Mailing.trouble_n > 0, ~seen)
    )
    if vendor_id is not None:
        stuck = stuck.where(Mailing.vendor_id == vendor_id)
    return session.scalar(stuck) or 0


def cancel_stragglers(work: Work) -> int:
    """Cancel what came back to a cancelled mailing: it was on the wire when the rest was cancelled."""
    cancelled = select(Mailing.id).where(Mailing.state == MailingState.CANCELLED)
    rows = work.session.execute(
        update(Message)
        .where(Message.state == M.READY, Message.mailing_id.in_(cancelled))
        .values(state=M.CANCELLED, lease=None, lease_until=None)
        .returning(Message.id)
    ).all()
    return len(rows)


def doubt_lost(work: Work) -> int:
    """Doubt what nobody has settled `LOST_AFTER` its lease; return how many.

    The journal is out of reach (host gone, file lost) or its writer is frozen: never ready, always
    uncertain. A writer that wakes asserts its lease anew before the next dot and finds it gone.
    """
    rows = work.session.execute(
        update(Message)
        .where(Message.state == M.SENDING, Message.lease_until < work.now - LOST_AFTER)
        .values(state=M.UNCERTAIN, lease_until=None, answer=str(LINE_BROKE))
        .returning(Message.mailing_id)
    ).all()
    pacing.have_left(work, [row.mailing_id for row in rows])
    for mailing_id in {row.mailing_id for row in rows}:
        work.wake(Job.LAUNCH_SETTLE, mailing_id=mailing_id)
    return len(rows)


def resend_once(work: Work) -> int:
    """Send again, once and with the same Message-ID, what is in doubt in streams that say so."""
    streams = select(Mailing.id).where(
        Mailing.resend_uncertain, Mailing.state == MailingState.RUNNING
    )
    rows = work.session.execute(
        update(Message)
        .where(
            Message.state == M.UNCERTAIN,
            Message.mailing_id.in_(streams),
            Message.resent_at.is_(None),
        )
        .values(
            state=M.READY,
            due_at=work.now,
            resent_at=work.now,
            attempt=0,
            lease=None,
            lease_until=None,
        )
        .returning(Message.id)
    ).all()
    if rows:
        work.wake(Job.MAILING_SEND)
    return len(rows)
