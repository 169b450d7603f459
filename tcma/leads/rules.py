"""Lead and offer states, who counts as the same lead, and by when an answer is due."""

from enum import StrEnum


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


class OfferState(StrEnum):
    """One offer of a lead to a partner."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RECALLED = "recalled"
