"""The clocks of a launch's people: which zones they live in, and when their mail leaves there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, update
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.db.work import Work
from tcma.delivery.freezing import ByPlace
from tcma.delivery.models import Message
from tcma.delivery.rules import MessageState
from tcma.journeys.places import is_known, zone_at
from tcma.launches.audience import of_launch
from tcma.launches.hours import Hours, Schedule, Wave, closes_at, leaves_at
from tcma.launches.models import Launch
from tcma.partners.models import Partner

M = MessageState
ZONE_FIELDS = ("x_time_zone", "x_timezone", "x_zone")
"""Fields of a partner's own in which a contact's zone may stand, by its name in the tz database."""
_APART = "|"


@dataclass(frozen=True, slots=True)
class Place:
    """What a contact's row says of where they are."""

    told: str = ""
    country: str = ""
    postcode: str = ""

    @classmethod
    def of_key(cls, key: str) -> "Place":
        """Return the place that `place_key` wrote."""
        told, country, postcode = key.split(_APART)
        return cls(told, country, postcode)

    def zone(self, fallback: str) -> str:
        """Return the zone."""
        return zone_at(
            told=self.told, country=self.country, postcode=self.postcode, fallback=fallback
        )

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return is_known(told=self.told, country=self.country)


def place_key() -> ColumnElement[str]:
    """Return what a contact's row says of where they are, as one text per place."""
    told = func.coalesce(*(Contact.fields[name].astext for name in ZONE_FIELDS), "")
    postcode = func.left(func.coalesce(Contact.fields["postcode"].astext, ""), 3)
    parts = [func.replace(part, _APART, "") for part in (told, Contact.country, postcode)]
    return func.concat_ws(_APART, *parts)


def schedule_of(session: Session, launch: Launch, at: datetime) -> Schedule:
    """Return how a launch's mail of this moment is spread."""
    zone = session.scalars(select(Partner.zone).where(Partner.id == launch.partner_id)).one()
    return Schedule(at, zone, launch.local_time, Hours(launch.hours))


def moments(
    session: Session, launch: Launch, audience: Any, *, at: datetime, now: datetime
) -> ByPlace | None:
    """Return when the mail of `at` leaves for whom; None when it is one moment for all."""
    schedule = schedule_of(session, launch, at)
    if schedule.is_plain:
        return None
    named = audience.subquery("placed")
    key = place_key()
    places = session.scalars(
        select(key).where(Contact.id.in_(select(named.c[0]))).group_by(key)
    ).all()
    zones = {each: Place.of_key(each).zone(schedule.zone) for each in places}
    due = {each: leaves_at(schedule, zone, now=now) for each, zone in zones.items()}
    ends = {each: closes_at(schedule.hours, zones[each], at) for each, at in due.items()}
    return ByPlace(key, due, {each: end for each, end in ends.items() if end is not None})


def move_to(work: Work, spread: ByPlace, which: ColumnElement[bool]) -> None:
    """Give messages that wait the moments of where their people are."""
    due = spread.moments()
    work.session.execute(
        update(Message)
        .where(
            which,
            Message.state == M.READY,
            Message.contact_id == Contact.id,
            due.c.place == spread.key,
        )
        .values(due_at=due.c.due_at, leave_by=due.c.leave_by)
    )


def begins_at(
    session: Session, launch: Launch, at: datetime, *, people: Any = None, now: datetime
) -> datetime:
    """Return when a mail of `at` is to be frozen: as soon as the first of its people is due.

    `people` are those of the launch's lists and segments when not given.
    """
    if not launch.local_time:
        return at
    people = of_launch(session, launch, now=now) if people is None else people
    spread = moments(session, launch, people, at=at, now=now)
    return min(spread.due.values(), default=at) if spread else at


def waves_of(session: Session, schedule: Schedule, judged: Any, *, now: datetime) -> list[Wave]:
    """Return the waves of people who can be mailed, the first to leave first; `judged` has their
    contact numbers and `stop`.
    """
    if schedule.is_plain:
        return []
    key = place_key()
    rows = session.execute(
        select(key, func.count())
        .join(judged, judged.c.id == Contact.id)
        .where(judged.c.stop == 0)
        .group_by(key)
    ).all()
    counted: dict[str, list[int]] = {}
    for place_words, count in rows:
        place = Place.of_key(place_words)
        sums = counted.setdefault(place.zone(schedule.zone), [0, 0])
        sums[0] += count
        sums[1] += 0 if place.is_known else count
    waves = [
        Wave(zone=zone, leaves_at=leaves_at(schedule, zone, now=now), people=n, guessed=guessed)
        for zone, (n, guessed) in counted.items()
    ]
    return sorted(waves, key=lambda wave: (wave.leaves_at, wave.zone))


def frozen_waves(session: Session, schedule: Schedule, mailing_ids: Sequence[int]) -> list[Wave]:
    """Return the waves of a mail that is frozen; whoever was left out is in none."""
    if schedule.is_plain or not mailing_ids:
        return []
    key = func.coalesce(case((Contact.id.is_not(None), place_key())), literal(_APART * 2))
    open_ = Message.state.in_((M.READY, M.LEASED, M.SENDING))
    rows = session.execute(
        select(
            key.label("place"), func.min(Message.due_at).label("due_at"), func.count().label("n"),
            func.count().filter(open_).label("waiting"),
            func.count().filter(Message.state == M.SENT).label("sent"),
        )
        .select_from(Message)
        .outerjoin(Contact, Contact.id == Message.contact_id)
        .where(Message.mailing_id.in_(mailing_ids), Message.state != M.SKIPPED)
        .group_by(key)
    ).all()  # fmt: skip
    by_zone: dict[str, Wave] = {}
    for row in rows:
        zone = Place.of_key(row.place).zone(schedule.zone)
        wave = by_zone.get(zone)
        by_zone[zone] = Wave(
            zone=zone,
            leaves_at=min(row.due_at, wave.leaves_at) if wave else row.due_at,
            people=row.n + (wave.people if wave else 0),
            waiting=row.waiting + (wave.waiting if wave else 0),
            sent=row.sent + (wave.sent if wave else 0),
        )
    return sorted(by_zone.values(), key=lambda wave: (wave.leaves_at, wave.zone))
