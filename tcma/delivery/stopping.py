"""Who must not be mailed and what must not be sent, as conditions on rows: the same words at freeze
and at intent.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)

from tcma.contacts.consent import ConsentAct
from tcma.contacts.list_queries import waits_in_sql
from tcma.contacts.models import ConsentEntry, Suppression
from tcma.contacts.rules import SuppressionReason
from tcma.delivery.models import Sender
from tcma.delivery.rules import LETTERS, MailingKind, Reason
from tcma.library.stops import is_stopped
from tcma.partners.standing import is_barred

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


_NO_CONSENT = (*LETTERS, MailingKind.TEST, MailingKind.SEED)
_LETTERS = [int(kind) for kind in LETTERS]


def stop_reason(address_hash: Any, mailing: Any, *, rested: Any) -> ScalarSelect[int]:
    """Return a scalar query: the `Reason` that stops this address for this mailing, or null.

    `mailing` gives `vendor_id`, `partner_id`, `topic`, `kind`, as columns or values. Mail to people
    who sign in (notices, announcements) minds only dead addresses, complaints and legal demands that
    hold for everybody, an announcement also those about all mail of its vendor;
    soft bounces count when they came after `rested`: now - `contacts.rules.SOFT_REST`.
    """
    s = Suppression
    rests = s.reason == STORED[SuppressionReason.SOFT_BOUNCES]
    resting = or_(~rests, s.at > rested)
    marketing = and_(
        mailing.kind.not_in(_LETTERS),
        or_(s.vendor_id.is_(None), _same(s.vendor_id, mailing.vendor_id)),
        or_(s.partner_id.is_(None), _same(s.partner_id, mailing.partner_id)),
        or_(s.topic.is_(None), _same(s.topic, mailing.topic)),
        resting,
    )
    operational = and_(
        mailing.kind.in_(_LETTERS),
        or_(
            s.vendor_id.is_(None),
            and_(
                mailing.kind == int(MailingKind.ANNOUNCEMENT),
                _same(s.vendor_id, mailing.vendor_id),
            ),
        ),
        s.partner_id.is_(None),
        s.topic.is_(None),
        s.reason.in_(_STOPS_OPERATIONAL),
    )
    said = case(_MEANS, value=s.reason, else_=int(Reason.STOPPED))
    return (
        select(said)
        .where(s.address_hash == address_hash, or_(marketing, operational))
        .order_by(rests, s.id)
        .limit(1)
        .scalar_subquery()
    )


def consent_reason(address_hash: Any, mailing: Any, *, now: Any) -> ScalarSelect[int]:
    """Return a scalar query: what the person's own last word in the ledger says.

    0 when they agreed, the `Reason` against when they took it back or it has ended, null when the
    ledger is silent: then the list's basis decides. The words of `contacts.consent.standing` in
    SQL. Notices, tests and seeds need no consent.
    """
    c = ConsentEntry
    said = case(
        (c.act == ConsentAct.WITHDRAWN, int(Reason.UNSUBSCRIBED)),
        (c.act == ConsentAct.EXPIRED, int(Reason.CONSENT_ENDED)),
        (c.expires_at <= now, int(Reason.CONSENT_ENDED)),
        else_=int(Reason.NONE),
    )
    return (
        select(said)
        .where(
            c.address_hash == address_hash,
            _same(c.partner_id, mailing.partner_id),
            or_(c.vendor_id.is_(None), _same(c.vendor_id, mailing.vendor_id)),
            mailing.kind.not_in([int(kind) for kind in _NO_CONSENT]),
            c.act != ConsentAct.ASKED,
            ~waits_in_sql(),
        )
        .order_by(c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def held_reason(
    address_hash: Any, mailing: Any, *, rested: Any, now: Any, basis: Any = int(Reason.NONE)
) -> ColumnElement[int]:
    """Return the `Reason` against mailing this address, 0 for none: the stop list first, then the
    person's own word, then what the list rests on (`basis`).
    """
    return func.coalesce(
        stop_reason(address_hash, mailing, rested=rested),
        consent_reason(address_hash, mailing, now=now),
        basis,
    )


def held_back(mailing: Any) -> ColumnElement[bool]:
    """The condition under which nothing of a mailing may begin to leave: its vendor has stopped the
    campaign for everybody, or suspended the partner, or too much came back to its sender. Tests still
    leave, and letters of the house to a partner that is suspended.
    """
    held = exists(
        select(literal(1)).where(Sender.id == mailing.sender_id, Sender.held_at.is_not(None))
    )
    barred = and_(
        mailing.kind != int(MailingKind.NOTICE), is_barred(mailing.vendor_id, mailing.partner_id)
    )
    return and_(
        mailing.kind != int(MailingKind.TEST), or_(is_stopped(mailing.campaign_id), held, barred)
    )


def _same(column: Any, value: Any) -> ColumnElement[bool]:
    return false() if value is None else column == value
