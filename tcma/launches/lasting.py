"""How long a launch takes where its sender's domain may send only so much a day or an hour."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from tcma.delivery.queries import equations
from tcma.delivery.sender_queries import carriers, domain_carrying
from tcma.launches.models import Launch
from tcma.launches.rules import Area, Finding, Fix, Severity
from tcma.senders.pace import room_of, spread_of
from tcma.senders.queries import domain_by_id
from tcma.words import say


def findings(session: Session, launch: Launch, sendable: int, *, now: datetime) -> list[Finding]:
    """Return what the preflight says of a first mail that takes longer than the day it begins."""
    start = max(launch.due_at, now)
    domain_id = domain_carrying(session, launch.sender_id, vendor_id=launch.vendor_id)
    spread = spread_of(session, domain_id, sendable, start=start, now=now) if domain_id else None
    if domain_id is None or spread is None or spread.last <= start.date():
        return []
    name = domain_by_id(session, domain_id).name
    return [
        Finding(
            Area.SENDER, Severity.LOOK,
            say("{domain} may send only so much a day: {first:,} of {all:,} mails can leave on {start:%d %B}, the last on {last:%d %B %Y}, or later if other launches go from there.", domain=name, first=spread.first, all=sendable, start=start, last=spread.last),
            Fix.SENDER,
            say("Choose fewer people first. If receivers know the domain already, say so under Senders."),
        )
    ]  # fmt: skip


def last_day_of(session: Session, mailing_ids: Sequence[int], *, now: datetime) -> date | None:
    """Return the day the last waiting mails leave, at the earliest; None where no limit keeps them."""
    carried, sums = carriers(session, mailing_ids), equations(session, mailing_ids)
    last: list[date] = []
    for domain_id in {each.domain_id for each in carried.values() if each.is_paced}:
        here = [number for number, each in carried.items() if each.domain_id == domain_id]
        waiting = sum(sums[number].waiting for number in here)
        room = room_of(session, domain_id, now)
        if room is not None and room.left < waiting:
            spread = spread_of(session, domain_id, waiting, start=now, now=now)
            last += [spread.last] if spread else []
    return max(last, default=None)
