"""Lead and offer states, and reasons."""

from datetime import timedelta
from enum import StrEnum

from tcma.words import say


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


class HeldState(StrEnum):
    """A submission that was held back."""

    HELD = "held"
    RELEASED = "released"
    DROPPED = "dropped"


class Stage(StrEnum):
    """How far an open opportunity is, first stage first."""

    QUALIFIED = "qualified"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"


class Role(StrEnum):
    """What a partner does for an opportunity: it brought it, helps to win it, delivers it."""

    SOURCING = "sourcing"
    INFLUENCING = "influencing"
    FULFILLING = "fulfilling"


class OfferState(StrEnum):
    """One offer of a lead to a partner."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RECALLED = "recalled"
    GONE = "gone"


class Touch(StrEnum):
    """What a seller records about a lead."""

    CALL = "call"
    REPLY = "reply"
    MEETING = "meeting"
    NOTE = "note"


DECLINE_REASONS = {
    "no_capacity": say("We have no time for it now"),
    "not_ours": say("Not our kind of work"),
    "outside": say("Outside our area"),
    "known": say("We know them; it will not lead anywhere"),
    "spam": say("This is spam"),
}

LOSS_REASONS = {
    "no_need": say("No need after all"),
    "competitor": say("Bought elsewhere"),
    "no_money": say("No budget"),
    "no_answer": say("Never answered"),
    "closed_outside": say("Closed in another system"),
}

NO_LEAD = {
    "spam": "It is spam",
    "duplicate": "The same request came before",
    "joined": "It goes on in another lead of the same person",
}
"""What a vendor finds a lead to be instead."""
MOST_EPOCHS = 3
LINK_LASTS = timedelta(days=14)


def is_masked(state: LeadState, *, holds: bool) -> bool:
    """Say whether name, address and phone are hidden: until the holder has accepted."""
    return not (holds and state in HELD)
