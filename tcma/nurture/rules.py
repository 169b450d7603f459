"""Nurture runs: who may enter, their states, why somebody leaves early, how many steps at once, how often in vain."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from tcma.contacts.consent import Standing
from tcma.leads.rules import LeadState
from tcma.words import say


class RunState(IntEnum):
    """One person's passage through a journey."""

    ACTIVE = 0
    DONE = 1
    EXITED = 2
    PAUSED = 3
    STUCK = 4
    EXHAUSTED = 5


FRESH = (LeadState.NEW, LeadState.OFFERED, LeadState.UNASSIGNED)
"""Leads that nobody has taken up: only these enter."""


ENTERS_WITHIN = timedelta(days=7)
"""How long after a lead that no page brought came, or was confirmed, its first mail still answers it."""


class Barred(StrEnum):
    """Why a lead does not enter its campaign's journey."""

    NO_SENDER = "no_sender"
    NO_COPY = "no_copy"
    WAITS = "waits"
    NO_CONSENT = "no_consent"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


BARRED_WORDS = {
    Barred.NO_SENDER: say("It came to the vendor, not to a partner, so nobody may write to them."),
    Barred.NO_COPY: say("The partner who brought it has not set this campaign up yet."),
    Barred.WAITS: say("They have not confirmed by mail yet."),
    Barred.NO_CONSENT: say("Nothing on record says that they may be mailed."),
    Barred.WITHDRAWN: say("They took their consent back."),
    Barred.ENDED: say("Their consent has ended."),
}


def barred(
    *, has_sender: bool, has_copy: bool, by_form: bool, waits: bool, consent: Standing
) -> Barred | None:
    """Return why a lead may not enter, None when it may.

    `by_form` says that the consent stands with the submission of a partner's page, where the ledger
    may be silent; `waits` that the law asks for a confirmation which has not come.
    """
    reasons = (
        (not has_sender, Barred.NO_SENDER),
        (not has_copy, Barred.NO_COPY),
        (waits, Barred.WAITS),
        (consent is Standing.SILENT and not by_form, Barred.NO_CONSENT),
        (consent is Standing.WITHDRAWN, Barred.WITHDRAWN),
        (consent is Standing.ENDED, Barred.ENDED),
    )
    return next((why for holds, why in reasons if holds), None)


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
    RENEWED = "renewed"
    CLOSED = "closed"
    ANEW = "anew"
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
    Exit.RENEWED: say("they bought or renewed"),
    Exit.CLOSED: say("the lead was closed"),
    Exit.ANEW: say("they asked again"),
    Exit.CAMPAIGN_ENDED: say("the campaign ended"),
    Exit.ERASED: say("the person’s data were erased"),
    Exit.MERGED: say("the same person is in it already, by another address"),
    Exit.HELD_OUT: say("held out, to be compared with"),
    Exit.STEP_GONE: say("a new version of the journey has no such step"),
    Exit.STOPPED: say("the campaign was stopped, or the partner left the programme"),
}

BATCH = 200
"""Steps of one transaction: all or nothing of them is written."""
ATTEMPTS = 5
RETRY_AFTER = timedelta(minutes=5)
LATE_AFTER = timedelta(hours=1)
"""A step that is later than this was missed: it goes by the rate below."""
LATE_PER_SECOND = 100
CAPS_KEPT = timedelta(days=40)
"""How long the slots of frequency caps are remembered: longer than any period."""


def late_allowance(milliseconds: int) -> int:
    """Return how many missed steps may be done so long after the last ones; a batch at most.

    A negative time is a clock that was set back: then the rate begins anew.
    """
    if milliseconds < 0:
        return BATCH
    return min(BATCH, milliseconds * LATE_PER_SECOND // 1_000)


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """What of a lead ends a journey."""

    accepted: bool = False
    opportunity: bool = False
    replied: bool = False
    met: bool = False
    won: bool = False
    lost: bool = False
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Outlived:
    """What of a campaign or a partnership ends a journey; `partner_left` does whatever it says."""

    ended: bool = False
    stopped: bool = False
    partner_left: bool = False


def leaves(
    exits: Collection[str],
    lead: LeadFacts,
    stopped: str | None,
    outlived: Outlived = Outlived(),
) -> Exit | None:
    """Return why somebody must leave now: the lead moved on, the address is stopped, all is over.

    `stopped` is the suppression's reason. Who unsubscribed or complained, whose lead was closed as
    lost or as none, and who asked anew since it was given back, leaves whatever `exits` say.
    """
    if stopped == "complaint":
        return Exit.COMPLAINED
    if stopped in {"hard_bounce", "soft_bounces"}:
        if "bounce" in exits:
            return Exit.BOUNCED
    elif stopped is not None:
        return Exit.UNSUBSCRIBED
    whatever = (
        (outlived.partner_left, Exit.STOPPED),
        (lead.lost, Exit.CLOSED),
        (lead.anew, Exit.ANEW),
    )
    for holds, why in whatever:
        if holds:
            return why
    for name, holds, why in (
        ("renewed", lead.won, Exit.RENEWED),
        ("opportunity", lead.opportunity, Exit.OPPORTUNITY),
        ("accepted", lead.accepted, Exit.ACCEPTED),
        ("reply", lead.replied, Exit.REPLIED),
        ("meeting", lead.met, Exit.MEETING),
        ("expired", outlived.ended, Exit.CAMPAIGN_ENDED),
        ("stopped", outlived.stopped, Exit.STOPPED),
    ):
        if holds and name in exits:
            return why
    return None
