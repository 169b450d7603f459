"""The statements a worker claims, intends and acknowledges with: built once, run by their text,
prepared once by the server, whatever the size of a batch.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Integer,
    SmallInteger,
    String,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from tcma.contacts.models import Contact
from tcma.db.base import Instant
from tcma.delivery.frequency import enough_reason, is_ruled, one_after_the_other
from tcma.delivery.models import Mailing, Message, Worker
from tcma.delivery.rules import ALONE_FROM, MailingState, MessageState, Reason
from tcma.delivery.stopping import held_back, held_reason

M = MessageState
_NOW = bindparam("b_now", type_=Instant())
_UNTIL = bindparam("b_until", type_=Instant())
_RESTED = bindparam("b_rested", type_=Instant())
_LEASE = bindparam("b_lease", type_=BigInteger())
_WORKER = bindparam("b_worker", type_=Integer())
_MAILING = bindparam("b_mailing", type_=Integer())
_LANE = bindparam("b_lane", type_=SmallInteger())
_THESE = func.any(bindparam("b_ids", type_=ARRAY(BigInteger())))
"""One array, not one parameter per row: the same statement each time, so it is prepared once."""


def state_in(*states: MessageState) -> Any:
    """States as literals: a prepared plan may then use the indexes of a single state."""
    return Message.state.in_([literal_column(str(int(each))) for each in states])


def in_time(now: Any) -> Any:
    """The hours of a message have not closed."""
    return or_(Message.leave_by.is_(None), Message.leave_by > now)


HELD = (
    Message.id, Message.mailing_id, Message.contact_id, Message.address, Message.attempt,
    Message.later_n,
)  # fmt: skip
"""What is known of a message in somebody's hands."""


@cache
def claim() -> Any:
    return (
        update(Message)
        .where(Message.id == _of(_due()))
        .values(state=M.LEASED, lease=_LEASE, lease_until=_UNTIL, attempt=Message.attempt + 1)
        .returning(*HELD)
    )


@cache
def take() -> Any:
    """Claim and intent in one: most messages by far are nobody's suspect, and count in no rule."""
    chosen = _due(Message.attempt < ALONE_FROM - 1, ~is_ruled(Mailing))
    stop = _stop(Message, enough=int(Reason.NONE))
    judged = (
        select(Message.id, stop.label("stop"))
        .join(Mailing, Mailing.id == _MAILING)
        .where(Message.id == _of(chosen))
        .cte("judged")
        .prefix_with("MATERIALIZED")
    )
    return (
        update(Message)
        .where(Message.id == judged.c.id)
        .values(**_ends(judged), lease=_LEASE, attempt=Message.attempt + 1)
        .returning(*HELD, Message.state == literal_column(str(int(M.SKIPPED))))
    )


def _due(*more: Any) -> Any:
    """The first due messages of a mailing that nobody else has in hand, and nobody will until the end."""
    return (
        select(Message.id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(
            Message.mailing_id == _MAILING,
            Message.lane == _LANE,
            state_in(M.READY),
            Message.due_at <= _NOW,
            in_time(_NOW),
            *_may_send(),
            *more,
        )
        .order_by(Message.due_at, Message.id)
        .limit(bindparam("b_most", type_=Integer()))
        .with_for_update(of=Message, skip_locked=True)
        .cte("chosen")
        .prefix_with("MATERIALIZED")
    )


def _of(chosen: Any) -> Any:
    """Their numbers as one array: whatever the planner expects, it looks them up by their key."""
    return func.any(func.array(select(chosen.c.id).scalar_subquery()))


def _stop(message: Any, *, enough: Any) -> Any:
    """The `Reason` against sending a message now, 0 for none."""
    gone = (message.contact_id > 0) & ~exists(
        select(literal(1)).where(Contact.id == message.contact_id)
    )
    held = held_reason(message.address_hash, Mailing, rested=_RESTED, now=_NOW)
    return case(
        (gone, int(Reason.DELETED)),
        else_=func.coalesce(func.nullif(held, int(Reason.NONE)), enough),
    )


def _ends(judged: Any) -> dict[str, Any]:
    """What an intent writes: on its way, or skipped with the reason."""
    return {
        "state": case((judged.c.stop > 0, int(M.SKIPPED)), else_=int(M.SENDING)),
        "reason": judged.c.stop,
        "lease_until": _UNTIL,
    }


@cache
def hold_people() -> Any:
    return one_after_the_other(_THESE)


@cache
def intend() -> Any:
    stop = _stop(Message, enough=enough_reason(Message, Mailing, now=_NOW))
    mine = (
        select(Message.id, stop.label("stop"))
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(
            Message.id == _THESE,
            Message.lease == _LEASE,
            state_in(M.LEASED),
            or_(bindparam("b_held", type_=Boolean()), ~is_ruled(Mailing)),
            in_time(_NOW),
            *_may_send(),
        )
        .with_for_update(of=Message)
        .cte("mine")
        .prefix_with("MATERIALIZED")
    )
    return (
        update(Message)
        .where(Message.id == mine.c.id, Message.lease == _LEASE)
        .values(**_ends(mine))
        .returning(Message.id, Message.state)
    )


def _may_send() -> tuple[Any, ...]:
    """The mailing runs and does not back off, neither its campaign nor its sender is held back; the
    worker has not been declared dead.
    """
    return (
        Mailing.state == MailingState.RUNNING,
        ~held_back(Mailing),
        or_(Mailing.back_off_until.is_(None), Mailing.back_off_until <= _NOW),
        exists(select(literal(1)).where(Worker.id == _WORKER, Worker.ended_at.is_(None))),
    )


@cache
def acknowledge() -> Any:
    end = bindparam("b_state", type_=SmallInteger())
    later = bindparam("b_later", type_=SmallInteger())
    back = Message.attempt - bindparam("b_back", type_=SmallInteger())
    doubt = end == int(M.UNCERTAIN)
    return (
        update(Message)
        .where(
            Message.id == _THESE,
            Message.lease == _LEASE,
            or_(state_in(M.SENDING), (end == int(M.SENT)) & state_in(M.UNCERTAIN)),
        )
        .values(
            state=end,
            reason=bindparam("b_reason", type_=SmallInteger()),
            answer=bindparam("b_words", type_=String()),
            sent_at=func.coalesce(bindparam("b_sent", type_=Instant()), Message.sent_at),
            due_at=func.coalesce(bindparam("b_due", type_=Instant()), Message.due_at),
            attempt=case((later > 0, 0), else_=func.greatest(back, 0)),
            later_n=Message.later_n + later,
            lease=case((doubt, Message.lease), else_=None),
            lease_until=None,
        )
        .returning(Message.id)
    )
