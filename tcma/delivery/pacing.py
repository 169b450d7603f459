"""What a domain with a limit may send now: what relays took, and what is in somebody's hands.

In hand is read from the messages themselves, so that a hand that dies, or comes back empty, takes nothing
of the day. Both are read in one statement: a message is in one of them in every moment.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery.models import Message
from tcma.delivery.rules import MessageState
from tcma.delivery.sender_queries import carried_mailings, carriers
from tcma.delivery.statements import state_in
from tcma.senders import pace
from tcma.senders.rules import Room


def room_of(session: Session, domain_id: UUID, now: datetime) -> Room | None:
    """Return what may still be claimed from a domain; None without a limit."""
    held = (
        select(func.count())
        .select_from(Message)
        .where(
            state_in(MessageState.LEASED, MessageState.SENDING),
            Message.mailing_id.in_(carried_mailings(domain_id)),
        )
    )
    return pace.room_of(session, domain_id, now, in_hand=held.scalar_subquery())


def hold(work: Work, domain_id: UUID) -> Room | None:
    """Return what may still be claimed, and let nobody else claim until this transaction ends."""
    pace.lock(work, domain_id)
    return room_of(work.session, domain_id, work.now)


def have_left(work: Work, mailing_ids: Sequence[int]) -> None:
    """Count messages that left, or may have, from domains with a limit; `mailing_ids` names the mailing
    of each.
    """
    if not mailing_ids:
        return
    of_mailing = Counter(mailing_ids)
    carried = carriers(work.session, list(of_mailing))
    counts = Counter[UUID]()
    for mailing_id, each in carried.items():
        if each.is_paced:
            counts[each.domain_id] += of_mailing[mailing_id]
    for domain_id in sorted(counts):
        pace.take(work, domain_id, counts[domain_id])
