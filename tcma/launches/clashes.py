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

    `judged` has their contact numbers and `stop`. What is not frozen yet is asked of its lists.
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
    found: dict[str, int] = {}
    for other, mailing_id in others:
        people = _shared(session, other, mailing_id, judged, now=now)
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


def _shared(
    session: Session, other: Launch, mailing_id: int | None, judged: Any, *, now: datetime
) -> int:
    if mailing_id is None:
        named = of_launch(session, other, now=now).subquery("theirs")
        theirs = select(named.c[0])
    else:
        theirs = select(Message.contact_id).where(
            Message.mailing_id == mailing_id, Message.state.not_in(LEFT_OUT)
        )
    shared = select(func.count()).where(judged.c.stop == 0, judged.c.id.in_(theirs))
    return session.scalar(shared) or 0
