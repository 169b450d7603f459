"""What may leave from a domain now: counted by hour, taken under the domain's lock."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.senders.actions import may_edit
from tcma.senders.models import DomainUse, SenderDomain
from tcma.senders.rules import Room, room
from tcma.words import say

MOST_PER_HOUR = 10_000_000


def room_of(session: Session, domain_id: UUID, now: datetime) -> Room | None:
    """Return what may still leave from a domain; None without a limit."""
    row = session.execute(
        select(SenderDomain.warm_from, SenderDomain.per_hour).where(SenderDomain.id == domain_id)
    ).one_or_none()
    if row is None or (row.warm_from is None and row.per_hour is None):
        return None
    hour = now.replace(minute=0, second=0, microsecond=0)
    used = func.sum(DomainUse.claimed)
    counted = session.execute(
        select(used, used.filter(DomainUse.hour == hour)).where(
            DomainUse.domain_id == domain_id, DomainUse.hour >= hour.replace(hour=0)
        )
    ).one()
    return room(
        warm_from=row.warm_from, per_hour=row.per_hour,
        today=counted[0] or 0, this_hour=counted[1] or 0, now=now,
    )  # fmt: skip


def hold(work: Work, domain_id: UUID) -> Room | None:
    """Return what may still leave, and let nobody else take of it until this transaction ends."""
    work.session.execute(
        select(SenderDomain.id).where(SenderDomain.id == domain_id).with_for_update(key_share=True)
    )
    return room_of(work.session, domain_id, work.now)


def take(work: Work, domain_id: UUID, count: int) -> None:
    """Count mails that are claimed for sending."""
    hour = work.now.replace(minute=0, second=0, microsecond=0)
    statement = insert(DomainUse).values(domain_id=domain_id, hour=hour, claimed=count)
    work.session.execute(
        statement.on_conflict_do_update(
            index_elements=["domain_id", "hour"],
            set_={"claimed": DomainUse.claimed + statement.excluded.claimed},
        )
    )


def give_back(work: Work, domain_id: UUID, count: int) -> None:
    """Take back what was claimed and did not leave."""
    take(work, domain_id, -count)


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
