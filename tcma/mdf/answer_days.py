"""Until when the vendor answers: five working days of the region that the fund's rules name.

The day it is is the vendor's own; whether it is worked says the programme in force that day, with its
public holidays, its weekend and its own closed days. A day once promised stays what was promised:
the clock counts towards it, whatever the rules say later.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tcma.mdf.deadlines import ANSWER_DAYS, Clock, local_day
from tcma.mdf.judging.versions import in_force, rules_of
from tcma.mdf.models.funding import FundBudget, FundRequest
from tcma.mdf.programme.days import WorkCalendar
from tcma.mdf.queries import budget_of, vendor_of


def answer_day(session: Session, budget: FundBudget, asked_at: datetime) -> date:
    """Return the last day to answer what was asked of a fund at an instant."""
    today = local_day(asked_at, vendor_of(session, budget.vendor_id).zone)
    return _calendar(session, budget.programme_id, today).shift(today, ANSWER_DAYS)


def answer_day_of(session: Session, request: FundRequest, asked_at: datetime) -> date:
    """Return the last day to answer what was asked of a plan, or of a claim of it, at an instant."""
    return answer_day(session, budget_of(session, request), asked_at)


class Clocks:
    """The clocks of many rows at one instant; the rules of each programme are read once."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._known: dict[tuple[UUID, date], WorkCalendar] = {}

    def until(self, answer_by: date | None, programme_id: UUID, zone: str) -> Clock:
        """Return the day of waiting for an answer that is due on a day, in the vendor's zone.

        Where no day was promised the clock has not begun.
        """
        if answer_by is None:
            return Clock(0, ANSWER_DAYS)
        today = local_day(self._now, zone)
        key = programme_id, today
        if key not in self._known:
            self._known[key] = _calendar(self._session, programme_id, today)
        return clock(answer_by, today, self._known[key])


def clock(answer_by: date, today: date, calendar: WorkCalendar) -> Clock:
    """Return which of the vendor's working days `today` is: the last one is `answer_by`."""
    if today <= answer_by:
        gone = ANSWER_DAYS - calendar.between(today, answer_by)
        return Clock(max(gone, 0), ANSWER_DAYS)
    return Clock(ANSWER_DAYS + calendar.between(answer_by, today), ANSWER_DAYS)


def _calendar(session: Session, programme_id: UUID, day: date) -> WorkCalendar:
    return rules_of(in_force(session, programme_id, day)).calendar
