"""Destinations: large mailbox providers that get so many mails a second, shared by all workers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery import statements
from tcma.delivery.models import Destination, DestinationDomain, Message
from tcma.delivery.rules import MessageState, lane_room, lane_taken
from tcma.errors import Invalid

MOST_PER_SECOND = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A destination as people see it; `waiting` is filled where somebody asks for a mailing."""

    lane: int
    name: str
    per_second: int | None
    domains: tuple[str, ...] = ()
    waiting: int = 0


def domain_of(address: Any) -> Any:
    """The mail domain of an address, as SQL."""
    return func.split_part(address, "@", 2)


def lanes(session: Session) -> list[Lane]:
    """Return every destination with its domains."""
    domains: dict[int, list[str]] = {}
    rows = session.scalars(select(DestinationDomain).order_by(DestinationDomain.domain))
    for row in rows:
        domains.setdefault(row.lane, []).append(row.domain)
    return [
        Lane(
            lane=row.lane, name=row.name, per_second=row.per_second,
            domains=tuple(domains.get(row.lane, ())),
        )
        for row in session.scalars(select(Destination).order_by(Destination.lane))
    ]  # fmt: skip


def set_pace(work: Work, name: str, per_second: int | None) -> Lane:
    """Say how many mails a second a destination gets; None for as many as there are.

    Raises NotFound for a name there is none of, Invalid for a number that is no pace.
    """
    if per_second is not None and not 0 < per_second <= MOST_PER_SECOND:
        said = f"Write a number from 1 to {MOST_PER_SECOND:,}, or none for no limit."
        raise Invalid(said, code="destination.pace")
    row = found(
        work.session.scalar(select(Destination).where(func.lower(Destination.name) == name.lower()))
    )
    row.per_second = per_second
    work.audit("paced", "destination", str(row.lane), per_second=per_second)
    return Lane(lane=row.lane, name=row.name, per_second=row.per_second)


def waiting_in_lanes(session: Session, mailing_id: int, now: datetime) -> list[Lane]:
    """Return the limited lanes in which due messages of a mailing wait, with their number."""
    waiting = func.count()
    rows = session.execute(
        select(Destination.lane, Destination.name, Destination.per_second, waiting.label("waiting"))
        .join(Message, Message.lane == Destination.lane)
        .where(
            Message.mailing_id == mailing_id,
            statements.state_in(MessageState.READY),
            Message.due_at <= now,
            Destination.per_second.is_not(None),
        )
        .group_by(Destination.lane, Destination.name, Destination.per_second)
        .order_by(waiting.desc())
    )
    return [Lane(**row) for row in rows.mappings()]


def hold(work: Work, wanted: Sequence[int]) -> dict[int, int | None]:
    """Return the room of each lane (None: no limit), and let nobody else take of it until the end
    of this transaction.
    """
    if not wanted:
        return {}
    rows = work.session.execute(
        select(Destination.lane, Destination.per_second, Destination.free_at)
        .where(Destination.lane.in_(wanted))
        .order_by(Destination.lane)
        .with_for_update()
    )
    return {
        row.lane: lane_room(row.free_at, row.per_second, work.now) if row.per_second else None
        for row in rows
    }


def take(work: Work, taken: Mapping[int, int]) -> None:
    """Count mails that are claimed for a lane; what is given back later only costs its second."""
    for lane, count in sorted(taken.items()):
        row = work.session.get_one(Destination, lane)
        if row.per_second and count:
            row.free_at = lane_taken(row.free_at, row.per_second, count, work.now)
