"""How much marketing mail one person gets from all vendors of an installation together: the host's limit.

Off until the host sets it, for every vendor or for those that take part. An address is known by its keyed
hash alone, and a vendor reads that a person reached the limit of the platform: never whose mails they
were. It is asked where the rule of a vendor is (`frequency`): at the freeze of a launch, at the intent, and
as a mail of a journey is due; mails of vendors that take no part neither count nor wait.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, aliased

from tcma.contacts.models import Contact
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.counting import (
    COUNTED,
    MOST_DAYS,
    MOST_MAILS,
    Often,
    counts,
    mails_had,
    who_had,
)
from tcma.delivery.models import Mailing, Message, SharedLimit, SharedLimitVendor
from tcma.delivery.rules import MailingKind, Reason
from tcma.errors import Forbidden, Invalid
from tcma.partners import history
from tcma.permissions import Permission
from tcma.words import say


def limit_of(session: Session) -> SharedLimit | None:
    """Return the host's limit; None when it has none."""
    return session.scalar(select(SharedLimit))


def set_limit(work: Work, often: Often | None, *, everybody: bool = False) -> None:
    """Set the limit for every vendor or those that take part, or take it away. Only the house may."""
    if not work.principal.is_system:
        raise Forbidden(say("Only whoever runs the installation sets this."))
    if often and not (1 <= often.mails <= MOST_MAILS and 1 <= often.days <= MOST_DAYS):
        raise Invalid(say("Write both numbers: mails and days."), code="frequency.numbers")
    work.session.execute(delete(SharedLimit))
    if often is not None:
        facts = {"mails": often.mails, "days": often.days, "everybody": everybody}
        work.session.add(SharedLimit(id=1, changed_at=work.now, **facts))
        work.session.flush()  # whoever asks next reads it
    told = f"{often.mails} / {often.days}" if often else ""
    work.audit("set the limit of all vendors", "installation", "1", limit=told, everybody=everybody)


def takes_part(session: Session, vendor_id: UUID) -> bool:
    """Say whether a vendor has chosen to take part."""
    return session.get(SharedLimitVendor, vendor_id) is not None


def taking_part(session: Session) -> int:
    """Count the vendors that have chosen to take part."""
    return session.scalar(select(func.count()).select_from(SharedLimitVendor)) or 0


def take_part(work: Work, *, takes: bool) -> None:
    """Let the vendor take part in the limit of the platform, or no more; it holds from the next intent on."""
    work.require(Permission.LAUNCH_APPROVE)
    vendor_id = found(work.principal.vendor_id)
    if takes == takes_part(work.session, vendor_id):
        return
    words = {True: "yes", False: ""}
    was, told = {"shared": words[not takes]}, {"shared": words[takes]}
    history.record(work, "launch_policy", vendor_id, was, told, vendor_id=vendor_id)
    if takes:
        row = upsert(SharedLimitVendor).values(vendor_id=vendor_id, at=work.now)
        work.session.execute(row.on_conflict_do_nothing())
    else:
        mine = SharedLimitVendor.vendor_id == vendor_id
        work.session.execute(delete(SharedLimitVendor).where(mine))
    work.session.expire_all()  # what was read of it is older


def limit_for(session: Session, vendor_id: UUID | None) -> Often | None:
    """Return the limit that holds for a vendor's mails; None where it has none, or takes no part."""
    row = limit_of(session) if vendor_id else None
    if row is None or not (row.everybody or takes_part(session, found(vendor_id))):
        return None
    return Often(row.mails, row.days)


def who_reached(often: Often, *, now: datetime) -> Select[Any]:
    """Select the hashes of all addresses that reached the limit, whichever vendors mailed them."""
    return who_had(often, now=now).join(SharedLimit, _counts(SharedLimit, Mailing))


def reached_reason(message: Any, mailing: Any, *, now: Any) -> ColumnElement[int]:
    """Return the `Reason` against one message of a launch that is about to leave, 0 for none."""
    limit = SharedLimit
    mails = mails_had(message, mailing, limit, whose=lambda it: _counts(limit, it), now=now)
    said = (
        select(case((mails >= limit.mails, int(Reason.SHARED_CAP)), else_=int(Reason.NONE)))
        .where(_counts(limit, mailing), mailing.kind == int(MailingKind.LAUNCH))
        .correlate(message, mailing)
        .scalar_subquery()
    )
    return case((_is_set(), func.coalesce(said, int(Reason.NONE))), else_=int(Reason.NONE))


def is_limited(mailing: Any) -> ColumnElement[bool]:
    """Whether the limit holds for a mailing's vendor."""
    limit = select(literal(1)).select_from(SharedLimit).where(_counts(SharedLimit, mailing))
    return and_(_is_set(), exists(limit.correlate(mailing)))


def room(
    session: Session, pairs: Collection[tuple[UUID, bytes]], *, now: datetime
) -> dict[tuple[UUID, bytes], int]:
    """Return how many mails the limit leaves to some people, each with the vendor that is about to mail
    them; nothing of vendors for which it does not hold.
    """
    limit = limit_of(session)
    if limit is None or not pairs:
        return {}
    if not limit.everybody:
        taking = set(session.scalars(select(SharedLimitVendor.vendor_id)))
        pairs = [pair for pair in pairs if pair[0] in taking]
    rows = session.execute(
        select(Contact.address_hash, func.count())
        .join(Message, Message.contact_id == Contact.id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .join(SharedLimit, _counts(SharedLimit, Mailing))
        .where(
            Contact.address_hash.in_({digest for _, digest in pairs}),
            Message.contact_id > 0,
            Mailing.kind.in_(COUNTED),
            counts(Message, Mailing, now - timedelta(days=limit.days)),
        )
        .group_by(Contact.address_hash)
    )
    had = {bytes(digest): mails for digest, mails in rows}
    return {pair: limit.mails - had.get(pair[1], 0) for pair in pairs}


def _is_set() -> ColumnElement[bool]:
    """Whether there is a limit at all: asked once a statement, not once a row."""
    known = aliased(SharedLimit)
    return exists(select(literal(1)).select_from(known))


def _counts(limit: Any, mailing: Any) -> ColumnElement[bool]:
    """Whether a mailing's vendor takes part."""
    taking = select(SharedLimitVendor.vendor_id)
    return or_(limit.everybody, mailing.vendor_id.in_(taking))
