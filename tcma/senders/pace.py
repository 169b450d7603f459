"""What may leave from a domain now: what relays took of it is counted by hour."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.senders.actions import may_edit
from tcma.senders.models import DomainUse, SenderDomain
from tcma.senders.rules import Room, Spread, room, spread
from tcma.words import say

MOST_PER_HOUR = 10_000_000


def room_of(session: Session, domain_id: UUID, now: datetime, *, in_hand: Any = 0) -> Room | None:
    """Return what may still leave from a domain; None without a limit.

    `in_hand` is how many are on their way out, as a number or a scalar query: it is read in one statement
    with what has left.
    """
    row = session.execute(
        select(SenderDomain.warm_from, SenderDomain.per_hour).where(SenderDomain.id == domain_id)
    ).one_or_none()
    if row is None or (row.warm_from is None and row.per_hour is None):
        return None
    hour = now.replace(minute=0, second=0, microsecond=0)
    used = func.sum(DomainUse.accepted)
    today, this_hour, held = session.execute(
        select(
            func.coalesce(used, 0),
            func.coalesce(used.filter(DomainUse.hour == hour), 0),
            in_hand if isinstance(in_hand, ColumnElement) else literal(in_hand),
        ).where(DomainUse.domain_id == domain_id, DomainUse.hour >= hour.replace(hour=0))
    ).one()
    return room(
        warm_from=row.warm_from, per_hour=row.per_hour,
        today=today + held, this_hour=this_hour + held, now=now,
    )  # fmt: skip


def spread_of(
    session: Session, domain_id: UUID, mails: int, *, start: datetime, now: datetime
) -> Spread | None:
    """Return how long so many mails take to leave from a domain, from `start` on; None without a limit."""
    row = session.execute(
        select(SenderDomain.warm_from, SenderDomain.per_hour).where(SenderDomain.id == domain_id)
    ).one()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = session.scalar(
        select(func.coalesce(func.sum(DomainUse.accepted), 0)).where(
            DomainUse.domain_id == domain_id, DomainUse.hour >= midnight
        )
    )
    return spread(
        mails,
        warm_from=row.warm_from,
        per_hour=row.per_hour,
        today=today or 0,
        start=start,
        now=now,
    )


def lock(work: Work, domain_id: UUID) -> None:
    """Let nobody else claim from a domain until this transaction ends."""
    work.session.execute(
        select(SenderDomain.id).where(SenderDomain.id == domain_id).with_for_update(key_share=True)
    )


def take(work: Work, domain_id: UUID, count: int) -> None:
    """Count mails that a relay took, or may have, in this hour."""
    hour = work.now.replace(minute=0, second=0, microsecond=0)
    statement = insert(DomainUse).values(domain_id=domain_id, hour=hour, accepted=count)
    work.session.execute(
        statement.on_conflict_do_update(
            index_elements=["domain_id", "hour"],
            set_={"accepted": DomainUse.accepted + statement.excluded.accepted},
        )
    )


def forget_old(work: Work) -> None:
    """Forget what left more than two days ago."""
    old = work.now - timedelta(days=2)
    work.session.execute(delete(DomainUse).where(DomainUse.hour < old))


def set_pace(work: Work, name: str, *, per_hour: int | None, is_warm: bool) -> None:
    """Limit a domain of one's own, and say whether receivers know it already."""
    may_edit(work)
    if per_hour is not None and not 0 < per_hour <= MOST_PER_HOUR:
        words = say("Write a number of mails, or leave it empty for no limit.")
        raise Invalid(words, code="sender.pace", fields={"per_hour": words})
    query = visible(select(SenderDomain), work.principal, SenderDomain)
    domain = found(work.session.scalar(query.where(SenderDomain.name == name).with_for_update()))
    domain.per_hour = per_hour
    if is_warm:
        domain.warm_from = None
    work.audit("paced", "sender_domain", domain.id, per_hour=per_hour, is_warm=is_warm)
