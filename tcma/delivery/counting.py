"""Which mails count for how often one person is mailed, and what a rule of that kind says."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, literal_column, or_
from sqlalchemy.dialects.postgresql import INTERVAL

from tcma.delivery.rules import MailingKind, MessageState

MOST_DAYS = 90
MOST_MAILS = 100
COUNTED = (int(MailingKind.LAUNCH), int(MailingKind.NURTURE))
M = MessageState


@dataclass(frozen=True, slots=True)
class Often:
    """At most so many `mails` in so many `days` for one person."""

    mails: int
    days: int


def days_of(number: Any) -> ColumnElement[timedelta]:
    """Return so many days as SQL."""
    return cast(func.make_interval(0, 0, 0, number), INTERVAL())


def has_left(message: Any, since: Any) -> ColumnElement[bool]:
    """Whether a message has left since then, or may have."""
    doubted = message.state.in_([plain(M.SENDING), plain(M.UNCERTAIN)])
    in_doubt = and_(doubted, message.due_at > since)
    return or_(in_doubt, and_(message.state == plain(M.SENT), message.sent_at > since))


def counts(message: Any, mailing: Any, since: Any) -> ColumnElement[bool]:
    """Whether a message counts against one that is about to leave: it has left since then, or is a
    journey's that waits. That is asked when it is due, and not again as it leaves.
    """
    waits = and_(
        mailing.kind == plain(MailingKind.NURTURE),
        message.state.in_([plain(M.READY), plain(M.LEASED)]),
    )
    return or_(has_left(message, since), waits)


def plain(number: int) -> ColumnElement[int]:
    """Return a number as it stands in the statement."""
    return literal_column(str(int(number)))
