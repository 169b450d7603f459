"""First reactions of a message, each written once; any of them proves that it arrived."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import text, update

from tcma.db.work import Work
from tcma.delivery.models import Message
from tcma.delivery.rules import MessageState
from tcma.jobs import Job

Name = Literal[
    "delivered", "bounced", "complained", "unsubscribed", "replied",
    "opened", "human_opened", "clicked", "human_clicked",
]  # fmt: skip


_TIMES = [f"{name}_at" for name in get_args(Name)]
NOTE = text(
    f"""
    INSERT INTO message_reaction AS r (message_id, mailing_id, {", ".join(_TIMES)})
    SELECT message_id, mailing_id, {", ".join(_TIMES)} FROM jsonb_to_recordset(CAST(:rows AS jsonb))
      AS f(message_id bigint, mailing_id int, {", ".join(f"{each} timestamptz" for each in _TIMES)})
    ON CONFLICT (message_id) DO UPDATE SET
      {", ".join(f"{each} = coalesce(r.{each}, excluded.{each})" for each in _TIMES)}
    WHERE {" OR ".join(f"r.{each} IS NULL AND excluded.{each} IS NOT NULL" for each in _TIMES)}
    RETURNING r.message_id
    """  # noqa: S608 - names of ours
)
"""One statement of one shape, however many: built once, prepared once."""


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
    rows = [
        {"message_id": each.message_id, "mailing_id": each.mailing_id}
        | {f"{name}_at": at.isoformat() for name, at in each.at.items()}
        for each in sorted(firsts, key=lambda each: each.message_id)
    ]
    written = work.session.execute(NOTE, {"rows": json.dumps(rows)})
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
