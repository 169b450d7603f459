"""How many people a start would let begin: counted beforehand, nothing is written."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from tcma.contacts.models import Contact
from tcma.journeys.document import Start
from tcma.journeys.starts import ahead, begins_on, calendar_days
from tcma.nurture.by_date import has_day, may_be_mailed
from tcma.nurture.models import NurtureRun
from tcma.nurture.starters import Starter, date_keys, starters
from tcma.nurture.told import told
from tcma.permissions import Principal

DAYS = 30
DAYS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Ahead:
    """Who may be mailed and has their day: `late`, since the days of grace, and in the next `DAYS` days.

    What the journey asks of who enters is not counted. `days` are the next of a calendar; `lacks_field`
    says that a partner has no date field of that name.
    """

    late: int = 0
    coming: int = 0
    days: tuple[date, ...] = ()
    lacks_field: bool = False


@dataclass(frozen=True, slots=True)
class AheadOfAll:
    """The same over all partners that agreed, of those that have set the campaign up; `anew` agreed to
    another start and begin by this one once they have agreed to it.
    """

    agreed: int
    anew: int
    partners: int
    lacking: int
    ahead: Ahead

    def told_to(self, principal: Principal) -> "AheadOfAll":
        """Return it as somebody may read it: a vendor no number of fewer than five people."""
        late, coming = told(principal, self.ahead.late), told(principal, self.ahead.coming)
        return replace(self, ahead=replace(self.ahead, late=late, coming=coming))


def ahead_at(
    session: Session, starter: Starter, start: Start, *, sequence_id: UUID | None, now: datetime
) -> Ahead:
    """Count at one partner; whoever has begun already is not counted."""
    today, until = ahead(now, DAYS)
    if not start.by_date:
        far = today + timedelta(days=366)
        days = tuple(calendar_days(start, today, far)[:DAYS_NAMED])
        everybody = Contact.partner_id == starter.partner_id
        coming = _count(session, everybody, starter, now) if days and days[0] <= until else 0
        return Ahead(coming=coming, days=days)
    keys = date_keys(session, starter.partner_id, start)
    if not keys:
        return Ahead(lacks_field=True)
    late = has_day(starter, start, keys, (today - timedelta(days=start.late), today))
    shift = begins_on(start, today) - today
    begun = exists().where(
        NurtureRun.sequence_id == sequence_id,
        NurtureRun.contact_id == Contact.id,
        NurtureRun.occurrence.between(today - timedelta(days=start.late) - shift, today - shift),
    )
    ahead_of_them = has_day(starter, start, keys, (today + timedelta(days=1), until))
    return Ahead(
        late=_count(session, late & ~begun, starter, now),
        coming=_count(session, ahead_of_them, starter, now),
    )


def ahead_of_all(
    session: Session, campaign_id: UUID, start: Start, *, sequence_id: UUID | None, now: datetime
) -> AheadOfAll:
    """Count over the partners of a campaign that agreed."""
    known = list(starters(session, campaign_id=campaign_id, every=True))
    agreed = [each for each in known if each.agreed_at is not None]
    found = [ahead_at(session, s, start, sequence_id=sequence_id, now=now) for s in agreed]
    together = Ahead(
        late=sum(each.late for each in found),
        coming=sum(each.coming for each in found),
        days=tuple(calendar_days(start, *ahead(now, 366))[:DAYS_NAMED])
        if not start.by_date
        else (),
    )
    return AheadOfAll(
        agreed=len(agreed),
        anew=sum(each.is_asked_anew(start) for each in agreed),
        partners=len(known),
        lacking=sum(each.lacks_field for each in found),
        ahead=together,
    )


def _count(
    session: Session, condition: ColumnElement[bool], starter: Starter, now: datetime
) -> int:
    people = may_be_mailed(condition, starter, now).subquery()
    return session.scalar(select(func.count()).select_from(people)) or 0
