"""Sending again what is in doubt, or was refused for a reason that can pass.

A finished mailing is opened for it and counted anew when it ends; the database refuses a message
that would begin again under a sum that stands.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session

from tcma.db.counting import changed
from tcma.db.work import Work
from tcma.delivery.models import Mailing, Message
from tcma.delivery.rules import CURABLE, MailingState, MessageState, Reason
from tcma.jobs import Job


class Again(StrEnum):
    """Who gets a second try: those who may have it already, or those whose refusal can be cured."""

    DOUBT = "uncertain"
    FAILED = "failed"


def again_count(session: Session, mailing_ids: Sequence[int], what: Again) -> int:
    """Return how many messages of some mailings a second try would send."""
    count = select(func.count()).where(Message.mailing_id.in_(mailing_ids), _chosen(what))
    return session.scalar(count) or 0


def send_again(
    work: Work, mailing_ids: Sequence[int], what: Again, *, paused_reason: str = ""
) -> int:
    """Make ready again what `what` names, with the same Message-ID; return how many.

    What was in doubt is sent again once, and never after that, whoever asks: the database holds it.
    Mailings that have finished run again, or wait with `paused_reason`; cancelled ones stay so.
    """
    some = exists().where(Message.mailing_id == Mailing.id, _chosen(what))
    concerned = list(
        work.session.scalars(
            select(Mailing.id)
            .where(
                Mailing.id.in_(mailing_ids),
                Mailing.state.in_(
                    (MailingState.RUNNING, MailingState.PAUSED, MailingState.FINISHED)
                ),
                some,
            )
            .order_by(Mailing.id)
            .with_for_update()
        )
    )
    work.session.execute(
        update(Mailing)
        .where(Mailing.id.in_(concerned), Mailing.state == MailingState.FINISHED)
        .values(
            state=MailingState.PAUSED if paused_reason else MailingState.RUNNING,
            paused_reason=paused_reason or None,
            back_off_until=None,
            trouble_n=0,
            finished_at=None,
        )
    )
    again = update(Message).where(Message.mailing_id.in_(concerned), _chosen(what))
    count = changed(
        work.session,
        again.values(
            state=MessageState.READY, reason=int(Reason.NONE), attempt=0, later_n=0,
            due_at=work.now, lease=None, lease_until=None,
            resent_at=work.now if what is Again.DOUBT else None,
        ),
    )  # fmt: skip
    work.wake(Job.MAILING_SEND)
    return count


def _chosen(what: Again) -> ColumnElement[bool]:
    once = Message.resent_at.is_(None)
    if what is Again.DOUBT:
        return and_(Message.state == MessageState.UNCERTAIN, once)
    return and_(
        Message.state == MessageState.FAILED,
        Message.reason.in_([int(each) for each in CURABLE]),
        once,
    )
