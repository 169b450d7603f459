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
    RECYCLED = "recycled"


OPEN_LEAD = (LeadState.NEW, LeadState.OFFERED, LeadState.ACCEPTED, LeadState.UNASSIGNED)
HELD = (
    LeadState.ACCEPTED, LeadState.OPPORTUNITY, LeadState.WON, LeadState.LOST, LeadState.RECYCLED,
)  # fmt: skip
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


class RestKind(StrEnum):
    """Why a partner gets no leads, or more time for them: it takes none, or is closed for days."""

    CLOSED = "closed"
    PAUSED = "paused"


REST_WORDS = {
    "capacity": say("No capacity"),
    "holiday": say("Holiday"),
    "other": say("Another reason"),
}
"""Why a partner rests."""


class OfferState(StrEnum):
    """One offer of a lead to a partner."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    RECALLED = "recalled"
    RETURNED = "returned"
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

LAPSED = "lapsed"
"""Why a registered deal ended that nobody moved; nobody chooses it."""
DEAL_LOSSES = LOSS_REASONS | {LAPSED: say("Its registration lapsed")}

RECYCLE_REASONS = {
    "too_early": say("They are interested, but not yet"),
    "no_budget_yet": say("The budget comes later"),
    "wrong_person": say("We reached somebody who does not decide"),
    "no_contact": say("We could not reach them for now"),
}
"""Why a partner gives a lead back to nurture."""

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
