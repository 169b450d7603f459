"""How much marketing mail one person gets: a vendor's rule over all its partners, asked at the freeze of
a launch and again at the intent.

Launches and journeys count, letters and tests do not. A journey asks when a mail of it is due, beside its
own caps (`tcma.nurture.caps`), and waits; its mail that answers somebody is held by nothing.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import shared_limit
from tcma.delivery.counting import (
    COUNTED,
    MOST_DAYS,
    MOST_MAILS,
    Often,
    days_of,
    has_left,
    mails_had,
    plain,
    who_had,
)
from tcma.delivery.models import FrequencyRule, Mailing, Message
from tcma.delivery.rules import MailingKind, Reason
from tcma.errors import Invalid
from tcma.partners import history
from tcma.permissions import Permission
from tcma.words import say


def rule_of(session: Session, vendor_id: UUID | None) -> Often | None:
    """Return a vendor's rule; None when it has none."""
    row = session.get(FrequencyRule, vendor_id) if vendor_id else None
    return Often(row.mails, row.days) if row is not None else None


def set_rule(work: Work, often: Often | None) -> None:
    """State a vendor's rule, or take it away; it holds from the next intent on."""
    work.require(Permission.LAUNCH_APPROVE)
    vendor_id = found(work.principal.vendor_id)
    before = rule_of(work.session, vendor_id)
    if often and not (1 <= often.mails <= MOST_MAILS and 1 <= often.days <= MOST_DAYS):
        raise Invalid(say("Write both numbers: mails and days."), code="frequency.numbers")
    told = {"frequency": f"{often.mails} / {often.days}" if often else ""}
    was = {"frequency": f"{before.mails} / {before.days}" if before else ""}
    history.record(work, "launch_policy", vendor_id, was, told, vendor_id=vendor_id)
    if often is None:
        work.session.execute(delete(FrequencyRule).where(FrequencyRule.vendor_id == vendor_id))
        return
    facts = {"mails": often.mails, "days": often.days, "changed_at": work.now}
    work.session.execute(
        upsert(FrequencyRule)
        .values(vendor_id=vendor_id, **facts)
        .on_conflict_do_update(index_elements=["vendor_id"], set_=facts)
    )
    work.session.expire_all()  # what was read of the rule is older


def who_had_enough(vendor_id: UUID, often: Often, *, now: datetime) -> Select[Any]:
    """Select the hashes of all addresses that a vendor's partners may not mail now.

    It depends on no row beside it, so a list is judged by one look each in a table that is made once.
    """
    return who_had(often, now=now).where(Mailing.vendor_id == vendor_id)


def enough_reason(message: Any, mailing: Any, *, now: Any) -> ColumnElement[int]:
    """Return the `Reason` against one message of a launch that is about to leave, 0 for none, by a
    few looks in indexes; none but the first where its vendor has no rule.
    """
    rule = FrequencyRule
    mails = mails_had(
        message, mailing, rule, counts=lambda it: it.vendor_id == mailing.vendor_id, now=now
    )
    said = (
        select(case((mails >= rule.mails, int(Reason.CAP)), else_=int(Reason.NONE)))
        .where(rule.vendor_id == mailing.vendor_id, mailing.kind == int(MailingKind.LAUNCH))
        .correlate(message, mailing)
        .scalar_subquery()
    )
    own = func.nullif(said, int(Reason.NONE))
    return func.coalesce(own, shared_limit.reached_reason(message, mailing, now=now))


def over(session: Session, hashes: Collection[bytes], *, now: datetime) -> set[tuple[UUID, bytes]]:
    """Return who of some people had enough mail of which vendor, as (vendor, hash of the address)."""
    rule = FrequencyRule
    rows = session.execute(
        select(rule.vendor_id, Contact.address_hash)
        .join(Message, Message.contact_id == Contact.id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .join(rule, rule.vendor_id == Mailing.vendor_id)
        .where(
            Contact.address_hash.in_(hashes),
            Message.contact_id > 0,
            Mailing.kind.in_(COUNTED),
            has_left(Message, now - days_of(rule.days)),
        )
        .group_by(rule.vendor_id, Contact.address_hash)
        .having(func.count() >= rule.mails)
    )
    return {(row.vendor_id, bytes(row.address_hash)) for row in rows}


def is_ruled(mailing: Any) -> ColumnElement[bool]:
    """Whether a mailing is a launch of a vendor that has a rule, or takes part in the host's limit."""
    rule = select(FrequencyRule.vendor_id).where(FrequencyRule.vendor_id == mailing.vendor_id)
    holds = or_(exists(rule.correlate(mailing)), shared_limit.is_limited(mailing))
    return and_(mailing.kind == plain(MailingKind.LAUNCH), holds)


def one_after_the_other(ids: Any) -> Select[Any]:
    """Select a lock for each person of some messages whose vendor has a rule: of two partners that mail
    the same person at once, the second counts the mail of the first.
    """
    key = func.hashtextextended(func.encode(Message.address_hash, "hex"), 0)
    keys = (
        select(key.label("key"))
        .distinct()
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(Message.id == ids, is_ruled(Mailing))
        .order_by("key")
        .subquery("keys")
    )
    return select(func.pg_advisory_xact_lock(keys.c.key))
