"""First reactions of a message, each written once; any of them proves that it arrived."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, func, or_, update
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
    return bool(names) and note_each(
        work, [First(message_id, mailing_id, dict.fromkeys(names, work.now))]
    ) == {message_id}


@dataclass(frozen=True, slots=True)
class First:
    """Reactions to one message, each with its time."""

    message_id: int
    mailing_id: int
    at: Mapping[Name, datetime]


def note_each(work: Work, firsts: Collection[First]) -> set[int]:
    """Write the first time of each reaction, one entry a message; return for which any was new."""
    if not firsts:
        return set()
    columns = sorted({f"{name}_at" for each in firsts for name in each.at})
    fresh = insert(MessageReaction).values(
        [
            {"message_id": each.message_id, "mailing_id": each.mailing_id}
            | dict.fromkeys(columns)
            | {f"{name}_at": at for name, at in each.at.items()}
            for each in sorted(firsts, key=lambda each: each.message_id)
        ]
    )
    known = [
        or_(getattr(MessageReaction, column).is_not(None), fresh.excluded[column].is_(None))
        for column in columns
    ]
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
    return set(written.scalars())


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
