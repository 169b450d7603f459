"""Other launches of the same partner that would reach the same people on the same day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.delivery.models import Message
from tcma.delivery.rules import MessageState
from tcma.journeys.timing import instant
from tcma.launches.audience import of_launch
from tcma.launches.models import Launch, LaunchMail
from tcma.launches.rules import Area, Finding, Fix, LaunchState, Severity
from tcma.partners.models import Partner
from tcma.words import say, say_n

BESIDE = (
    LaunchState.SCHEDULED, LaunchState.EXPANDING, LaunchState.SENDING, LaunchState.PAUSED,
    LaunchState.FINISHED,
)  # fmt: skip
MOST = 5
"""So many other launches of a day are compared; one is enough to choose another day."""
LEFT_OUT = (MessageState.SKIPPED, MessageState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Clash:
    """Another launch of that day, and how many of the people it reaches, too."""

    name: str
    people: int


def clashes_of(session: Session, launch: Launch, judged: Any, *, now: datetime) -> list[Clash]:
    """Return what else goes to the people of a planned launch on its day, by the partner's clock.

    `judged` has their contact numbers and `stop`, and is gone through once for all that is frozen; what is
    not yet is asked of its lists.
    """
    first, last = _day_of(session, launch, now=now)
    others = session.execute(
        select(Launch, LaunchMail.mailing_id)
        .join(LaunchMail, LaunchMail.launch_id == Launch.id)
        .where(
            Launch.partner_id == launch.partner_id,
            Launch.id != launch.id,
            Launch.state.in_(BESIDE),
            LaunchMail.due_at >= first,
            LaunchMail.due_at < last,
        )
        .order_by(LaunchMail.due_at, LaunchMail.mailing_id)
        .limit(MOST)
    ).all()
    frozen = _of_frozen(session, [number for _, number in others if number is not None], judged)
    found: dict[str, int] = {}
    for other, number in others:
        people = (
            _of_lists(session, other, judged, now=now) if number is None else frozen.get(number, 0)
        )
        found[other.name] = max(found.get(other.name, 0), people)
    return [Clash(name, people) for name, people in found.items() if people]


def findings(clashes: Sequence[Clash]) -> list[Finding]:
    """Return what the preflight says of them."""
    return [
        Finding(
            Area.CALENDAR, Severity.LOOK,
            say_n("{n} of these people gets “{name}” from you on the same day.", "{n} of these people get “{name}” from you on the same day.", each.people, name=each.name),
            Fix.DATE, say("Choose another day, or leave it so."),
        )
        for each in clashes
    ]  # fmt: skip


def _day_of(session: Session, launch: Launch, *, now: datetime) -> tuple[datetime, datetime]:
    zone = session.scalars(select(Partner.zone).where(Partner.id == launch.partner_id)).one()
    day = max(launch.due_at, now).astimezone(ZoneInfo(zone)).replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=None
    )  # fmt: skip
    return instant(day, zone), instant(day + timedelta(days=1), zone)


def _of_frozen(session: Session, mailing_ids: Sequence[int], judged: Any) -> dict[int, int]:
    """Count by mailing who of its people could be mailed anew."""
    if not mailing_ids:
        return {}
    mailed = select(judged.c.id).where(judged.c.stop == 0)
    shared = (
        select(Message.mailing_id, func.count().label("people"))
        .where(
            Message.mailing_id.in_(mailing_ids),
            Message.state.not_in(LEFT_OUT),
            Message.contact_id.in_(mailed),
        )
        .group_by(Message.mailing_id)
    )
    return {row.mailing_id: row.people for row in session.execute(shared)}


def _of_lists(session: Session, other: Launch, judged: Any, *, now: datetime) -> int:
    named = of_launch(session, other, now=now).subquery("theirs")
    shared = select(func.count()).where(judged.c.stop == 0, judged.c.id.in_(select(named.c[0])))
    return session.scalar(shared) or 0
