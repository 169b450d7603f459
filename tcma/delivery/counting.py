"""Which mails count for how often one person is mailed, and what a rule of that kind says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.orm import aliased

from tcma.contacts.models import Contact
from tcma.delivery.models import Mailing, Message
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


def who_had(often: Often, *, now: datetime) -> Select[Any]:
    """Select the hashes of the addresses that had so many mails; the caller says whose mails count."""
    since = now - timedelta(days=often.days)
    return (
        select(Message.address_hash)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(
            Mailing.kind.in_(COUNTED),
            or_(Mailing.finished_at.is_(None), Mailing.finished_at > since),
            has_left(Message, since),
        )
        .group_by(Message.address_hash)
        .having(func.count() >= often.mails)
    )


def mails_had(
    message: Any,
    mailing: Any,
    rule: Any,
    *,
    whose: Callable[[Any], ColumnElement[bool]],
    now: Any,
) -> ScalarSelect[int]:
    """Return how many other mails the person of a message had in the days of a rule, by a few looks in
    indexes; `whose` says of a mailing whether its mails count.
    """
    other, stream = aliased(Message), aliased(Mailing)
    return (
        select(func.count())
        .select_from(Contact)
        .join(other, other.contact_id == Contact.id)
        .join(stream, stream.id == other.mailing_id)
        .where(
            Contact.address_hash == message.address_hash,
            other.contact_id > 0,
            other.id != message.id,
            whose(stream),
            stream.kind.in_([plain(kind) for kind in COUNTED]),
            counts(other, stream, now - days_of(rule.days)),
        )
        .correlate(rule, message, mailing)
        .scalar_subquery()
    )


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
