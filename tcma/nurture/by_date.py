"""People begin a journey by a date of theirs, or by a day of a calendar, as many at once as a page.

Who may be mailed is asked as of a launch to a segment: the stop list, the person's own word, what their
lists rest on. A day begins once for each person: the database holds (journey, contact, day). A date that
is put right by less than `MOVED` days is the same day.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, exists, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, insert
from sqlalchemy.orm import Session

from tcma.contacts.models import OWN_FIELDS, Contact
from tcma.contacts.undoing import hold_undoing
from tcma.db.work import Work
from tcma.delivery.freezing import judged
from tcma.delivery.rules import MailingKind
from tcma.jobs import Job
from tcma.journeys.document import Start, ZonePolicy
from tcma.journeys.people import Person, misses
from tcma.journeys.starts import asked_days, begins_on, calendar_days, is_time, occurrences, window
from tcma.launches.audience import of_segment
from tcma.nurture.entering import begins
from tcma.nurture.facts import whole
from tcma.nurture.models import CalendarRound, NurtureRun
from tcma.nurture.rules import OPEN
from tcma.nurture.starters import Starter, date_keys
from tcma.nurture.versions import JourneyVersion

BEGIN = text("""
INSERT INTO nurture_run (sequence_id, version_id, vendor_id, partner_id, contact_id, rotation, occurrence, state,
  node, step_no, since, due_at, waiting_for, left_because, ended_at, created_at)
SELECT :sequence, :version, :vendor, :partner, w.contact_id, w.rotation, w.occurrence, w.state, w.node, w.step_no,
  :now, w.due_at, w.waiting_for, w.left_because, w.ended_at, :now
FROM json_to_recordset(cast(:runs AS json)) AS w (contact_id bigint, rotation smallint, occurrence date,
  state smallint, node text, step_no int, due_at timestamptz, waiting_for text, left_because text, ended_at timestamptz)
ON CONFLICT DO NOTHING
RETURNING id
""")
PAGE = 1_000
MOVED = 30
"""Days by which a date may be put right, and whoever has begun for it does not begin anew."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What came of a page: how many began, and the contact after which the next page goes on; None at the end."""

    people: int
    after: int | None


@dataclass(frozen=True, slots=True)
class _Run:
    rotation: int
    state: int
    occurrence: date | None


def begin_by_dates(work: Work, starter: Starter, version: JourneyVersion, after: int = 0) -> Begun:
    """Let a page of a partner's people begin whose day has come, from the contact after `after`."""
    start = version.journey.start
    if start is None or not start.by_date or not starter.agrees(start):
        return Begun(0, None)
    keys = date_keys(work.session, starter.partner_id, start)
    if not keys or not hold_undoing(work, starter.partner_id):
        return Begun(0, None)
    first, last = window(start, work.now)
    done = exists().where(
        NurtureRun.sequence_id == version.sequence_id,
        NurtureRun.contact_id == Contact.id,
        NurtureRun.occurrence.between(*_reach(start, first, last)),
    )
    ids = work.session.scalars(
        select(Contact.id)
        .where(has_day(starter, start, keys, (first, last)), Contact.address != "", ~done)
        .where(Contact.id > after)
        .order_by(Contact.id)
        .limit(PAGE)
    ).all()
    people = []
    for row, person in _mailable(work, starter, version, ids):
        days = _days_of(start, [row.fields.get(key, "") for key in keys], first, last)
        day = next(
            (d for d in days if is_time(start, begins_on(start, d), person.zone, work.now)), None
        )
        if day is not None:
            people.append((row.contact_id, person, day))
    begun = _begin(work, starter, version, people)
    return Begun(begun, ids[-1] if len(ids) == PAGE else None)


def begin_by_calendar(work: Work, starter: Starter, version: JourneyVersion) -> Begun:
    """Let a page of a partner's people begin the first round that has not gone through all of them.

    Who is there when the day comes begins; whoever comes later does not. One that broke off goes on
    in the days of grace.
    """
    start = version.journey.start
    if start is None or start.by_date or not starter.agrees(start):
        return Begun(0, None)
    zone = (
        starter.vendor_zone if version.journey.zone is ZonePolicy.VENDOR else starter.partner_zone
    )
    days = [
        d
        for d in calendar_days(start, *window(start, work.now))
        if is_time(start, d, zone, work.now)
    ]
    if not days or not hold_undoing(work, starter.partner_id):
        return Begun(0, None)
    key = {"sequence_id": version.sequence_id, "partner_id": starter.partner_id}
    rounds = [{**key, "day": day, "begun_at": work.now} for day in days]
    work.session.execute(insert(CalendarRound).values(rounds).on_conflict_do_nothing())
    row = work.session.scalars(
        select(CalendarRound)
        .filter_by(**key)
        .where(CalendarRound.ended_at.is_(None), CalendarRound.day.in_(days))
        .order_by(CalendarRound.day)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return Begun(0, None)
    ids = work.session.scalars(
        select(Contact.id)
        .where(
            Contact.partner_id == starter.partner_id,
            Contact.address != "",
            Contact.id > row.done_to,
            Contact.created_at <= row.begun_at,
        )
        .order_by(Contact.id)
        .limit(PAGE)
    ).all()
    people = [(p.contact_id, who, row.day) for p, who in _mailable(work, starter, version, ids)]
    begun = _begin(work, starter, version, people)
    row.done_to = ids[-1] if ids else row.done_to
    if len(ids) < PAGE:
        row.ended_at = work.now
    return Begun(begun, row.done_to)


def has_day(
    starter: Starter, start: Start, keys: Sequence[str], days: tuple[date, date]
) -> ColumnElement[bool]:
    """Return the condition that a contact of the partner begins on one of the days, both inside."""
    marks = [
        f"{starter.partner_id} {key} {day}" for key in keys for day in asked_days(start, *days)
    ]
    has = func.contact_days(Contact.partner_id, Contact.fields, type_=ARRAY(TEXT()))
    return and_(
        text(OWN_FIELDS),
        has.overlap(literal(marks, ARRAY(TEXT()))),
        Contact.partner_id == starter.partner_id,
    )


def may_be_mailed(
    condition: ColumnElement[bool], starter: Starter, now: datetime
) -> Select[*tuple[Any, ...]]:
    """Select the partner's people of a condition whom nothing stands against; each once."""
    audience = of_segment(
        condition, partner_id=starter.partner_id, vendor_id=starter.vendor_id, now=now
    )
    scope = SimpleNamespace(
        vendor_id=starter.vendor_id, partner_id=starter.partner_id, topic=None,
        kind=literal(int(MailingKind.NURTURE)), often=None, shared=None,
    )  # fmt: skip
    people = judged(audience, scope, now=now).offset(0).subquery("people")
    return select(people.c.id).where(people.c.stop == 0)


def _days_of(start: Start, values: Sequence[str], first: date, last: date) -> list[date]:
    """Return the days that begin in the window, of the first of somebody's fields that is a date."""
    for value in values:
        try:
            return occurrences(start, date.fromisoformat(value), first, last)
        except ValueError:
            continue
    return []


def _reach(start: Start, first: date, last: date) -> tuple[date, date]:
    shift = begins_on(start, first) - first
    return first - shift, last - shift


def _mailable(
    work: Work, starter: Starter, version: JourneyVersion, ids: Sequence[int]
) -> list[tuple[Any, Person]]:
    """Return who of these may be mailed and meets what the journey asks of who enters, with their facts."""
    if not ids:
        return []
    rows = work.session.execute(
        select(
            Contact.id.label("contact_id"), literal(None).label("lead_id"), Contact.partner_id,
            Contact.country, Contact.fields["postcode"].astext.label("postcode"), Contact.address,
            literal(0).label("score"), literal(None).label("answers"), Contact.fields,
            literal(starter.partner_zone).label("partner_zone"), literal(starter.slug).label("slug"),
            literal(starter.vendor_zone).label("vendor_zone"), literal(starter.tier).label("tier"),
            literal(starter.language).label("language"), literal("").label("speaks"),
        )
        .where(Contact.id.in_(may_be_mailed(_among(Contact.id, ids), starter, work.now)))
        .order_by(Contact.id)
    ).all()  # fmt: skip
    people = whole(work.session, [(row, version.journey) for row in rows])
    pairs = zip(rows, people, strict=True)
    return [(row, person) for row, person in pairs if not misses(version.journey.entry, person)]


def _begin(
    work: Work,
    starter: Starter,
    version: JourneyVersion,
    people: Sequence[tuple[int, Person, date]],
) -> int:
    """Write a run for each who is not inside and has not begun for the day; return how many."""
    known = _runs(work.session, version, [contact_id for contact_id, _, _ in people])
    moved = MOVED if version.journey.start and version.journey.start.by_date else 1
    rows = []
    for contact_id, person, day in people:
        runs = known.get(contact_id, ())
        if any(r.state in OPEN or _is_same(r.occurrence, day, moved) for r in runs):
            continue
        entry = begins(version.journey, person, work.now, answers=False, by_itself=True)
        told = {key: value for key, value in entry.items() if key != "since"}
        last = max((r.rotation for r in runs), default=0)
        rows.append({"contact_id": contact_id, "occurrence": day, "rotation": 1 + last, **told})
    if not rows:
        return 0
    of_all = {
        "sequence": version.sequence_id, "version": version.id, "vendor": starter.vendor_id,
        "partner": starter.partner_id,
    }  # fmt: skip
    written = work.session.scalars(
        BEGIN, {"runs": json.dumps(rows, default=str), "now": work.now, **of_all}
    )
    begun = len(written.all())
    if begun:
        work.audit("began by a date", "sequence", version.sequence_id, vendor_id=starter.vendor_id,
                   partner_id=starter.partner_id)  # fmt: skip
        work.wake(Job.NURTURE_ADVANCE)
    return begun


def _among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    among: ColumnElement[bool] = column == func.any(literal(list(ids), ARRAY(BigInteger())))
    return among


def _is_same(known: date | None, day: date, moved: int) -> bool:
    return known is not None and abs((known - day).days) < moved


def _runs(
    session: Session, version: JourneyVersion, contacts: Sequence[int]
) -> dict[int, list[_Run]]:
    found: dict[int, list[_Run]] = {}
    rows = session.execute(
        select(
            NurtureRun.contact_id, NurtureRun.rotation, NurtureRun.state, NurtureRun.occurrence
        ).where(
            NurtureRun.sequence_id == version.sequence_id, _among(NurtureRun.contact_id, contacts)
        )
    )
    for row in rows:
        found.setdefault(row.contact_id, []).append(_Run(row.rotation, row.state, row.occurrence))
    return found
