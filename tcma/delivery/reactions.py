"""First reactions of a message, each written once; any of them proves that it arrived."""

from typing import Literal

from sqlalchemy import and_, func, update
from sqlalchemy.dialects.postgresql import insert

from tcma.db.work import Work
from tcma.delivery.models import Message, MessageReaction
from tcma.delivery.rules import MessageState
from tcma.jobs import Job

Name = Literal[
    "delivered", "bounced", "complained", "unsubscribed", "replied",
    "opened", "human_opened", "clicked", "human_clicked",
]  # fmt: skip


def note(work: Work, message_id: int, mailing_id: int, *names: Name) -> bool:
    """Write the first time of each reaction; say whether any was the first."""
    columns = [f"{name}_at" for name in names]
    if not columns:
        return False
    fresh = insert(MessageReaction).values(
        message_id=message_id, mailing_id=mailing_id, **dict.fromkeys(columns, work.now)
    )
    known = [getattr(MessageReaction, column).is_not(None) for column in columns]
    written = work.session.execute(
        fresh.on_conflict_do_update(
            index_elements=["message_id"],
            set_={
                column: func.coalesce(getattr(MessageReaction, column), fresh.excluded[column])
                for column in columns
            },
            where=~and_(*known),
        ).returning(MessageReaction.message_id)
    )
    return written.scalar_one_or_none() is not None


def prove_sent(work: Work, message_id: int) -> bool:
    """Move a message in doubt to sent: something came back for it."""
    moved = work.session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == MessageState.UNCERTAIN)
        .values(state=MessageState.SENT, sent_at=work.now, lease=None, lease_until=None)
        .returning(Message.mailing_id)
    ).scalar_one_or_none()
    if moved is None:
        return False
    work.wake(Job.LAUNCH_SETTLE, mailing_id=moved)
    return True
