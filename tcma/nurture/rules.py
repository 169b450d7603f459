"""Nurture runs: their states, why somebody leaves early, how many steps at once, how often in vain."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from tcma.words import say


class RunState(IntEnum):
    """One person's passage through a journey."""

    ACTIVE = 0
    DONE = 1
    EXITED = 2
    PAUSED = 3
    STUCK = 4
    EXHAUSTED = 5


OPEN = (RunState.ACTIVE, RunState.PAUSED, RunState.STUCK)


class Exit(StrEnum):
    """Why a run ended before its last step; a step of the journey may say another reason."""

    ACCEPTED = "accepted"
    OPPORTUNITY = "opportunity"
    REPLIED = "replied"
    MEETING = "meeting"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    CAMPAIGN_ENDED = "campaign_ended"
    ERASED = "erased"
    MERGED = "merged"
    HELD_OUT = "held_out"
    STEP_GONE = "step_gone"
    STOPPED = "stopped"


EXIT_WORDS = {
    Exit.ACCEPTED: say("the lead was accepted"),
    Exit.OPPORTUNITY: say("it became an opportunity"),
    Exit.REPLIED: say("the person replied"),
    Exit.MEETING: say("there was a meeting"),
    Exit.UNSUBSCRIBED: say("the person unsubscribed"),
    Exit.BOUNCED: say("the address is dead"),
    Exit.COMPLAINED: say("a mail was marked as spam"),
    Exit.CAMPAIGN_ENDED: say("the campaign ended"),
    Exit.ERASED: say("the person’s data were erased"),
    Exit.MERGED: say("the same person is in it already, by another address"),
    Exit.HELD_OUT: say("held out, to be compared with"),
    Exit.STEP_GONE: say("a new version of the journey has no such step"),
    Exit.STOPPED: say("somebody stopped it"),
}

BATCH = 200
"""Steps of one transaction: all or nothing of them is written."""
ATTEMPTS = 5
RETRY_AFTER = timedelta(minutes=5)
CAPS_KEPT = timedelta(days=40)
"""How long the slots of frequency caps are remembered: longer than any period."""


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What of a lead ends a journey."""

    accepted: bool = False
    opportunity: bool = False
    replied: bool = False
    met: bool = False


def leaves(exits: Collection[str], lead: LeadFacts, stopped: str | None) -> Exit | None:
    """Return why somebody must leave now: the lead moved on, or the address is stopped.

    `stopped` is the suppression's reason. Who unsubscribed or complained leaves whatever `exits` say.
    """
    if stopped == "complaint":
        return Exit.COMPLAINED
    if stopped in {"hard_bounce", "soft_bounces"}:
        if "bounce" in exits:
            return Exit.BOUNCED
    elif stopped is not None:
        return Exit.UNSUBSCRIBED
    for name, holds, why in (
        ("opportunity", lead.opportunity, Exit.OPPORTUNITY),
        ("accepted", lead.accepted, Exit.ACCEPTED),
        ("reply", lead.replied, Exit.REPLIED),
        ("meeting", lead.met, Exit.MEETING),
    ):
        if holds and name in exits:
            return why
    return None
