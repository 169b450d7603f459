"""How events are stored, and what one message shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.tracking.models import Event
from tcma.tracking.rules import Kind


class EventKind(IntEnum):
    """What happened; the numbers are stored."""

    OPEN = 1
    CLICK = 2
    UNSEEN = 3


VERDICTS: dict[Kind, int] = {
    Kind.HUMAN: 1,
    Kind.PREFETCH: 2,
    Kind.SCANNER: 3,
    Kind.UNCERTAIN: 4,
}
"""The stored number of each verdict."""

_KINDS = {number: kind for kind, number in VERDICTS.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """One open or click as it came, with its verdict and the reasons."""

    kind: EventKind
    at: datetime
    slot: int
    verdict: Kind
    reasons: tuple[str, ...]
    user_agent: str


def events_of(session: Session, message_id: int) -> list[Seen]:
    """Return the opens and clicks of one message in order; the caller has checked whose it is."""
    rows = session.execute(
        select(Event.kind, Event.at, Event.slot, Event.verdict, Event.reasons, Event.user_agent)
        .where(Event.message_id == message_id)
        .order_by(Event.at, Event.id)
    )
    return [
        Seen(EventKind(kind), at, slot, _KINDS[verdict], tuple(reasons), agent)
        for kind, at, slot, verdict, reasons, agent in rows
    ]
