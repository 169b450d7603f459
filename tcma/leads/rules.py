"""Lead and offer states, scores of answers, and by when an answer is due."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class LeadState(StrEnum):
    """A captured request on its way to an opportunity."""

    NEW = "new"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    UNASSIGNED = "unassigned"
    OPPORTUNITY = "opportunity"
    WON = "won"
    LOST = "lost"


OPEN_LEAD = (LeadState.NEW, LeadState.OFFERED, LeadState.ACCEPTED, LeadState.UNASSIGNED)
HELD = (LeadState.ACCEPTED, LeadState.OPPORTUNITY, LeadState.WON, LeadState.LOST)
"""States in which the holder sees name, address and phone."""


class OfferState(StrEnum):
    """One offer of a lead to a partner."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RECALLED = "recalled"


class Touch(StrEnum):
    """What a seller records about a lead."""

    CALL = "call"
    REPLY = "reply"
    MEETING = "meeting"
    NOTE = "note"


DECLINE_REASONS = {
    "no_capacity": "We have no time for it now",
    "not_ours": "Not our kind of work",
    "outside": "Outside our area",
    "known": "We know them; it will not lead anywhere",
    "spam": "This is spam",
}

LOSS_REASONS = {
    "no_need": "No need after all",
    "competitor": "Bought elsewhere",
    "no_money": "No budget",
    "no_answer": "Never answered",
}

ANSWER_HOURS = 4
MOST_EPOCHS = 3
WORK_STARTS, WORK_ENDS = time(9), time(17)
SATURDAY = 5
LINK_LASTS = timedelta(days=14)
FORM_POINTS = 40
PHONE_POINTS = 10
COMPANY_POINTS = 12


def answer_by(now: datetime, zone: str, *, hours: int = ANSWER_HOURS) -> datetime:
    """Return the instant `hours` working hours after `now`: Monday to Friday, 09 to 17 in `zone`.

    Time outside working hours does not count, so a lead of Friday 16:00 is due Monday 12:00.
    """
    left = timedelta(hours=hours)
    at = now.astimezone(ZoneInfo(zone))
    while True:
        starts = at.replace(hour=WORK_STARTS.hour, minute=0, second=0, microsecond=0)
        ends = at.replace(hour=WORK_ENDS.hour, minute=0, second=0, microsecond=0)
        at = max(at, starts)
        if at.weekday() < SATURDAY and at < ends:
            room = ends - at
            if left <= room:
                return (at + left).astimezone(now.tzinfo)
            left -= room
        at = starts + timedelta(days=1)


def is_masked(state: LeadState, *, holds: bool) -> bool:
    """Say whether name, address and phone are hidden: until the holder has accepted."""
    return not (holds and state in HELD)
