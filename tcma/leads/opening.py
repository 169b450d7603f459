"""When a partner works, as it says itself: hours on its own clock, days it is closed, pauses with a reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.jobs import Job
from tcma.leads.hours import CLOSES, OPENS
from tcma.leads.models_people import PartnerHours, PartnerRest
from tcma.leads.rules import REST_WORDS, RestKind
from tcma.partners.models import Partner
from tcma.permissions import Permission
from tcma.words import say

WEEK = (1, 2, 3, 4, 5)
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Opening:
    """When a partner works; `stated` is False while it is only what is usual. `zone` is its clock."""

    days: tuple[int, ...]
    opens: time
    closes: time
    zone: str
    stated: bool
    changed_by: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Days without leads, or with a clock that stands still; `is_now` says whether today is one."""

    id: UUID
    kind: RestKind
    reason: str
    note: str
    starts_on: date
    ends_on: date | None
    stated_by: str
    is_now: bool

    @property
    def why(self) -> str:
        """The reason in words, to be said in the reader's language."""
        return REST_WORDS[self.reason]


def opening_of(session: Session, partner_id: UUID) -> Opening:
    """Return when a partner works."""
    zone = session.get_one(Partner, partner_id).zone
    row = session.get(PartnerHours, partner_id)
    if row is None:
        return Opening(WEEK, OPENS, CLOSES, zone, stated=False, changed_by="")
    return Opening(
        tuple(row.days), row.opens, row.closes, zone, stated=True, changed_by=row.changed_by
    )


def save_hours(work: Work, *, days: Collection[int], opens: time, closes: time) -> None:
    """State the partner's working hours; Invalid when it would never be open.

    What it is asked about already keeps its time.
    """
    work.require(Permission.PEOPLE_MANAGE)
    partner_id = found(work.principal.partner_id)
    if not days or not set(days) <= set(range(1, 8)):
        message = say("Choose at least one day.")
        raise Invalid(message, code="leads.hours", fields={"days": message})
    if closes <= opens:
        message = say("Close later than you open, on the same day.")
        raise Invalid(message, code="leads.hours", fields={"closes": message})
    values = {
        "days": sorted(set(days)),
        "opens": opens,
        "closes": closes,
        "changed_by": work.principal.name,
        "changed_at": work.now,
    }
    work.session.execute(
        insert(PartnerHours)
        .values(partner_id=partner_id, **values)
        .on_conflict_do_update(index_elements=["partner_id"], set_=values)
    )
    _audit(work, "stated its hours", partner_id, days=values["days"])


def rests_of(session: Session, partner_id: UUID, now: datetime) -> list[Rest]:
    """Return the rests of a partner that have not passed, soonest first."""
    today = _today(session, partner_id, now)
    rows = session.scalars(
        select(PartnerRest)
        .where(
            PartnerRest.partner_id == partner_id,
            or_(PartnerRest.ends_on.is_(None), PartnerRest.ends_on >= today),
        )
        .order_by(PartnerRest.starts_on, PartnerRest.id)
    )
    return [
        Rest(
            row.id,
            RestKind(row.kind),
            row.reason,
            row.note,
            row.starts_on,
            row.ends_on,
            row.stated_by,
            is_now=row.starts_on <= today,
        )
        for row in rows
    ]


def state_rest(  # noqa: PLR0913 - the fields of a rest
    work: Work,
    kind: RestKind,
    *,
    reason: str,
    starts_on: date,
    ends_on: date | None,
    note: str = "",
) -> None:
    """Close for some days, or take no new leads from a day on; Invalid with the field that is wrong.

    Who takes no new leads is not left with those it is asked about: they go on when the pause begins, and
    cost no turn. Who is closed keeps them.
    """
    work.require(Permission.PEOPLE_MANAGE)
    partner_id = found(work.principal.partner_id)
    fields: dict[str, str] = {}
    if reason not in REST_WORDS:
        fields["reason"] = say("Say why.")
    if reason == "other" and not note.strip():
        fields["note"] = say("Say what the reason is.")
    if ends_on is None and kind is RestKind.CLOSED:
        fields["ends_on"] = say("Choose the last day.")
    today = _today(work.session, partner_id, work.now)
    if ends_on and (ends_on < starts_on or ends_on < today):
        fields["ends_on"] = say("The last day is before the first, or has passed.")
    if fields:
        raise Invalid(next(iter(fields.values())), code="leads.rest", fields=fields)
    work.session.add(
        PartnerRest(
            partner_id=partner_id,
            kind=kind,
            reason=reason,
            note=" ".join(note.split())[:LONGEST_NOTE],
            starts_on=starts_on,
            ends_on=ends_on,
            stated_by=work.principal.name,
            stated_at=work.now,
        )
    )
    if kind is RestKind.PAUSED:
        work.wake(Job.LEAD_EXPIRE)
    _audit(work, f"states that it is {kind}", partner_id, reason=reason, note=note[:LONGEST_NOTE])


def end_rest(work: Work, rest_id: UUID) -> None:
    """Take a rest back: new leads come again at once."""
    work.require(Permission.PEOPLE_MANAGE)
    row = found(work.session.get(PartnerRest, rest_id))
    partner_id = found(work.principal.partner_id)
    found(row if row.partner_id == partner_id else None)
    work.session.execute(delete(PartnerRest).where(PartnerRest.id == rest_id))
    _audit(work, f"is not {row.kind} any more", partner_id)


def _audit(work: Work, verb: str, partner_id: UUID, **detail: Any) -> None:
    work.audit(verb, "partner", partner_id, partner_id=partner_id, **detail)


def _today(session: Session, partner_id: UUID, now: datetime) -> date:
    zone = session.get_one(Partner, partner_id).zone
    return now.astimezone(ZoneInfo(zone)).date()
