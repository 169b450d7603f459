"""Nurture runs: states, why one leaves; the next step is decided here."""

from enum import IntEnum, StrEnum


class RunState(IntEnum):
    """One person's passage through a sequence."""

    ACTIVE = 0
    DONE = 1
    EXITED = 2
    PAUSED = 3
    STUCK = 4


class Exit(StrEnum):
    """Why a run ended before its last step."""

    ACCEPTED = "accepted"
    OPPORTUNITY = "opportunity"
    REPLIED = "replied"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    CAMPAIGN_ENDED = "campaign_ended"
    STOPPED = "stopped"


class Outcome(StrEnum):
    """What one executed step did."""

    SENT = "sent"
    WAITED = "waited"
    BRANCHED = "branched"
    SKIPPED = "skipped"
    LEFT = "left"
