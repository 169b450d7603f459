"""How much marketing mail one person gets: a vendor's rule over all its partners, asked at the freeze of
a launch and again at the intent.

Launches and journeys count, letters and tests do not. A journey asks when a mail of it is due, beside its
own caps (`tcma.nurture.caps`), and waits; its mail that answers somebody is held by nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
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
    counts,
    days_of,
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
        message, mailing, rule, whose=lambda it: it.vendor_id == mailing.vendor_id, now=now
    )
    said = (
        select(case((mails >= rule.mails, int(Reason.CAP)), else_=int(Reason.NONE)))
        .where(rule.vendor_id == mailing.vendor_id, mailing.kind == int(MailingKind.LAUNCH))
        .correlate(message, mailing)
        .scalar_subquery()
    )
    own = func.nullif(said, int(Reason.NONE))
    return func.coalesce(own, shared_limit.reached_reason(message, mailing, now=now))


@dataclass(slots=True)
class Room:
    """How many mails people may still get: `own` of a vendor by its rule, `shared` of all together."""

    own: dict[tuple[UUID, bytes], int] = field(default_factory=dict)
    shared: dict[bytes, int] = field(default_factory=dict)
    sharing: frozenset[UUID] = frozenset()

    def has(self, vendor_id: UUID, digest: bytes) -> bool:
        """Say whether one more mail of a vendor to somebody is within both."""
        shared = self.shared[digest] if vendor_id in self.sharing else 1
        return shared > 0 and self.own.get((vendor_id, digest), 1) > 0

    def take(self, vendor_id: UUID, digest: bytes) -> None:
        """Count one more mail of a vendor to somebody, whether or not there is room."""
        if vendor_id in self.sharing:
            self.shared[digest] -= 1
        if (vendor_id, digest) in self.own:
            self.own[vendor_id, digest] -= 1


def room(session: Session, pairs: Collection[tuple[UUID, bytes]], *, now: datetime) -> Room:
    """Return how many mails some people may still get, each with the vendor that is about to mail them."""
    shared = shared_limit.room(session, pairs, now=now)
    return Room(
        own=_own(session, pairs, now=now),
        shared={digest: mails for (_, digest), mails in shared.items()},
        sharing=frozenset(vendor_id for vendor_id, _ in shared),
    )


def _own(
    session: Session, pairs: Collection[tuple[UUID, bytes]], *, now: datetime
) -> dict[tuple[UUID, bytes], int]:
    rule = FrequencyRule
    asking = select(rule.vendor_id, rule.mails).where(rule.vendor_id.in_({v for v, _ in pairs}))
    most = {row.vendor_id: row.mails for row in session.execute(asking)}
    asked = [pair for pair in pairs if pair[0] in most]
    if not asked:
        return {}
    rows = session.execute(
        select(rule.vendor_id, Contact.address_hash, func.count())
        .join(Message, Message.contact_id == Contact.id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .join(rule, rule.vendor_id == Mailing.vendor_id)
        .where(
            Contact.address_hash.in_({digest for _, digest in asked}),
            Message.contact_id > 0,
            Mailing.kind.in_(COUNTED),
            counts(Message, Mailing, now - days_of(rule.days)),
        )
        .group_by(rule.vendor_id, Contact.address_hash)
    )
    had = {(vendor_id, bytes(digest)): mails for vendor_id, digest, mails in rows}
    return {pair: most[pair[0]] - had.get(pair, 0) for pair in asked}


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
