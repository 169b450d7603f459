"""Who must not be mailed and what must not be sent, as conditions on rows: the same words at freeze
and at intent.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from tcma.contacts.consent import ConsentAct
from tcma.contacts.list_queries import waits_in_sql
from tcma.contacts.models import ConsentEntry, Suppression
from tcma.contacts.rules import SuppressionReason
from tcma.delivery.models import Sender
from tcma.delivery.rules import MailingKind, Reason
from tcma.library.stops import is_stopped

STORED: dict[SuppressionReason, str] = {each: each.name.lower() for each in SuppressionReason}
"""How a suppression's reason stands in its row."""

_MEANS = {
    STORED[SuppressionReason.UNSUBSCRIBED]: Reason.UNSUBSCRIBED,
    STORED[SuppressionReason.COMPLAINT]: Reason.COMPLAINT,
    STORED[SuppressionReason.HARD_BOUNCE]: Reason.HARD_BOUNCE,
    STORED[SuppressionReason.SOFT_BOUNCES]: Reason.SOFT_BOUNCES,
    STORED[SuppressionReason.ERASURE]: Reason.DELETED,
}
_STOPS_OPERATIONAL = [
    STORED[each]
    for each in (
        SuppressionReason.HARD_BOUNCE,
        SuppressionReason.COMPLAINT,
        SuppressionReason.LEGAL,
    )
]


def stop_reason(address_hash: Any, mailing: Any, *, rested: Any) -> ScalarSelect[int]:
    """Return a scalar query: the `Reason` that stops this address for this mailing, or null.

    `mailing` gives `vendor_id`, `partner_id`, `topic`, `kind`, as columns or values. Operational
    mail (a notice) minds only installation-wide dead addresses, complaints and legal demands;
    soft bounces count when they came after `rested`: now - `contacts.rules.SOFT_REST`.
    """
    return (
        select(_STOP_SAYS)
        .where(Suppression.address_hash == address_hash, _stops(mailing, rested))
        .order_by(Suppression.id)
        .limit(1)
        .scalar_subquery()
    )


def consent_reason(address_hash: Any, mailing: Any, *, now: Any) -> ScalarSelect[int]:
    """Return a scalar query: what the person's own last word in the ledger says.

    0 when they agreed, the `Reason` against when they took it back or it has ended, null when the
    ledger is silent: then the list's basis decides. The words of `contacts.consent.standing` in
    SQL. Notices and tests need no consent.
    """
    return (
        select(_consent_says(now))
        .where(ConsentEntry.address_hash == address_hash, _counts(mailing))
        .order_by(ConsentEntry.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def held_reason(address_hash: Any, mailing: Any, *, rested: Any, now: Any) -> ColumnElement[int]:
    """Return the `Reason` against mailing this address, 0 for none: the stop list first, then the
    person's own word.
    """
    return func.coalesce(
        stop_reason(address_hash, mailing, rested=rested),
        consent_reason(address_hash, mailing, now=now),
        int(Reason.NONE),
    )


def stopped_of(people: Any, mailing: Any, *, rested: Any) -> Select[int, int]:
    """Select those of `people` (`contact_id`, `address_hash`) whom the stop list names, each once as
    `contact_id` and `said`: what `stop_reason` says of one, asked of a whole audience at once.
    """
    return (
        select(people.c.contact_id, _STOP_SAYS.label("said"))
        .join(Suppression, Suppression.address_hash == people.c.address_hash)
        .where(_stops(mailing, rested))
        .order_by(people.c.contact_id, Suppression.id)
        .ext(distinct_on(people.c.contact_id))
    )


def heard_of(people: Any, mailing: Any, *, now: Any) -> Select[int, int]:
    """Select those of `people` who have a last word in the ledger: `consent_reason` of an audience."""
    return (
        select(people.c.contact_id, _consent_says(now).label("said"))
        .join(ConsentEntry, ConsentEntry.address_hash == people.c.address_hash)
        .where(_counts(mailing))
        .order_by(people.c.contact_id, ConsentEntry.id.desc())
        .ext(distinct_on(people.c.contact_id))
    )


_STOP_SAYS = case(_MEANS, value=Suppression.reason, else_=int(Reason.STOPPED))


def _stops(mailing: Any, rested: Any) -> ColumnElement[bool]:
    """The condition under which a line of the stop list is meant for this mailing."""
    s = Suppression
    resting = or_(s.reason != STORED[SuppressionReason.SOFT_BOUNCES], s.at > rested)
    marketing = and_(
        mailing.kind != MailingKind.NOTICE,
        or_(s.vendor_id.is_(None), _same(s.vendor_id, mailing.vendor_id)),
        or_(s.partner_id.is_(None), _same(s.partner_id, mailing.partner_id)),
        or_(s.topic.is_(None), _same(s.topic, mailing.topic)),
        resting,
    )
    operational = and_(
        mailing.kind == MailingKind.NOTICE,
        s.vendor_id.is_(None),
        s.partner_id.is_(None),
        s.topic.is_(None),
        s.reason.in_(_STOPS_OPERATIONAL),
    )
    return or_(marketing, operational)


def _consent_says(now: Any) -> ColumnElement[int]:
    c = ConsentEntry
    return case(
        (c.act == ConsentAct.WITHDRAWN, int(Reason.UNSUBSCRIBED)),
        (c.act == ConsentAct.EXPIRED, int(Reason.CONSENT_ENDED)),
        (c.expires_at <= now, int(Reason.CONSENT_ENDED)),
        else_=int(Reason.NONE),
    )


def _counts(mailing: Any) -> ColumnElement[bool]:
    """The condition under which a line of the consent ledger is about this mailing."""
    c = ConsentEntry
    return and_(
        _same(c.partner_id, mailing.partner_id),
        or_(c.vendor_id.is_(None), _same(c.vendor_id, mailing.vendor_id)),
        mailing.kind.not_in([int(MailingKind.NOTICE), int(MailingKind.TEST)]),
        c.act != ConsentAct.ASKED,
        ~waits_in_sql(),
    )


def held_back(mailing: Any) -> ColumnElement[bool]:
    """The condition under which nothing of a mailing may begin to leave: its vendor has stopped the
    campaign for everybody, or too much came back to its sender. Tests still leave.
    """
    held = exists(
        select(literal(1)).where(Sender.id == mailing.sender_id, Sender.held_at.is_not(None))
    )
    return and_(mailing.kind != int(MailingKind.TEST), or_(is_stopped(mailing.campaign_id), held))


def _same(column: Any, value: Any) -> ColumnElement[bool]:
    return false() if value is None else column == value
