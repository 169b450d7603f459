"""Message and mailing states, what a relay's answer does to a message, and when to pause."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final

from tcma.ports import Result, SendResult
from tcma.words import say

LINE_BROKE: Final = say("The line broke before the answer came.")
"""What stands for the answer of a relay where nobody knows whether it took the mail."""


class MailingKind(IntEnum):
    """Who caused a stream of mail."""

    LAUNCH = 0
    NURTURE = 1
    NOTICE = 2
    TEST = 3
    SEED = 4
    ANNOUNCEMENT = 5


LETTERS = (MailingKind.NOTICE, MailingKind.ANNOUNCEMENT)
"""Kinds to people who sign in: each message has a text of its own, and customers' stops are not theirs."""


class MailingState(StrEnum):
    """A stream of mail; only `running` may touch the network."""

    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class MessageState(IntEnum):
    """One intended mail. 3, 4, 5, 7 are ends; 6 may still become 3 or 4."""

    READY = 0
    LEASED = 1
    SENDING = 2
    SENT = 3
    FAILED = 4
    SKIPPED = 5
    UNCERTAIN = 6
    CANCELLED = 7


class Reason(IntEnum):
    """Why a message ended without being sent; 0 is none."""

    NONE = 0
    UNSUBSCRIBED = 1
    COMPLAINT = 2
    HARD_BOUNCE = 3
    SOFT_BOUNCES = 4
    NO_CONSENT = 5
    CAP = 6
    HELD_OUT = 7
    DELETED = 8
    DUPLICATE = 9
    EXPIRED = 10
    REJECTED = 11
    RENDER = 12
    POISON = 13
    ANSWERED = 14
    STOPPED = 15
    CONSENT_ENDED = 16
    SHARED_CAP = 17


CURABLE = (Reason.SOFT_BOUNCES, Reason.REJECTED, Reason.RENDER, Reason.POISON)
"""Why a message may have failed so that another try makes sense; the database holds the same."""

REASON_WORDS: dict[Reason, str] = {
    Reason.NONE: "",
    Reason.UNSUBSCRIBED: say("unsubscribed"),
    Reason.COMPLAINT: say("marked a mail as spam"),
    Reason.HARD_BOUNCE: say("the address is dead"),
    Reason.SOFT_BOUNCES: say("the mailbox keeps refusing"),
    Reason.NO_CONSENT: say("no consent on record"),
    Reason.CAP: say("had enough mail lately"),
    Reason.HELD_OUT: say("held out to measure"),
    Reason.DELETED: say("no longer in the list"),
    Reason.DUPLICATE: say("the same person twice"),
    Reason.EXPIRED: say("the campaign ended"),
    Reason.REJECTED: say("their mail server refused"),
    Reason.RENDER: say("the mail could not be made"),
    Reason.POISON: say("sending it failed five times"),
    Reason.ANSWERED: say("answered an earlier mail"),
    Reason.STOPPED: say("on your stop list"),
    Reason.CONSENT_ENDED: say("their consent has ended"),
    Reason.SHARED_CAP: say("reached the platform’s limit of mails"),
}

PREDICATES: dict[Reason, tuple[str, str]] = {
    Reason.NONE: ("", ""),
    Reason.UNSUBSCRIBED: (say("has unsubscribed"), say("have unsubscribed")),
    Reason.COMPLAINT: (say("marked a mail as spam"), say("marked a mail as spam")),
    Reason.HARD_BOUNCE: (say("has a dead address"), say("have dead addresses")),
    Reason.SOFT_BOUNCES: (
        say("has a mailbox that keeps refusing"),
        say("have mailboxes that keep refusing"),
    ),
    Reason.NO_CONSENT: (say("has no consent on record"), say("have no consent on record")),
    Reason.CAP: (say("had enough mail lately"), say("had enough mail lately")),
    Reason.HELD_OUT: (say("is held out to measure"), say("are held out to measure")),
    Reason.DELETED: (say("is no longer in the list"), say("are no longer in the list")),
    Reason.DUPLICATE: (say("is in it twice"), say("are in it twice")),
    Reason.EXPIRED: (
        say("came after the end of the campaign"),
        say("came after the end of the campaign"),
    ),
    Reason.REJECTED: (
        say("was refused by the mail server of the address"),
        say("were refused by the mail servers of their addresses"),
    ),
    Reason.RENDER: (
        say("got nothing because the mail could not be made"),
        say("got nothing because the mail could not be made"),
    ),
    Reason.POISON: (
        say("got nothing because sending failed five times"),
        say("got nothing because sending failed five times"),
    ),
    Reason.ANSWERED: (say("answered an earlier mail"), say("answered an earlier mail")),
    Reason.STOPPED: (say("is on your stop list"), say("are on your stop list")),
    Reason.CONSENT_ENDED: (
        say("gave a consent that has ended"),
        say("gave a consent that has ended"),
    ),
    Reason.SHARED_CAP: (
        say("reached the platform’s limit of mails"),
        say("reached the platform’s limit of mails"),
    ),
}
"""What stands after a number of people: for one, for several."""


def said_of(reason: Reason, count: int) -> str:
    """Return what so many people have in common: `has a dead address`, `have dead addresses`."""
    one, several = PREDICATES[reason]
    return one if count == 1 else several


LEASE = timedelta(seconds=60)
BATCH = 100
"""Messages for each line that a hand sends of a mailing before it looks who else waits."""
INTENT = 40
"""Messages for each line that are committed to at once: as many are in doubt when a host is lost with its journal."""
ATTEMPTS = 5
"""How many hands may take a message without an answer: one that kills its worker is poison after."""
ALONE_FROM = 3
"""From this attempt on a message is made and sent alone: it may be what kills its worker."""
LOST_AFTER = timedelta(minutes=14)
RETRY_AFTER = (60, 300, 900, 3_600, *(14_400,) * 5)
"""Seconds to wait after each 4xx answer: 1, 5, 15, 60 minutes, then 4 hours again and again; after 24 hours
in all there is no further try.
"""
RELAY_BACK_OFF = (10, 20, 30, 60, 120, 300)
PAUSE_WINDOW = 200
PAUSE_SHARE_BPS = 1_000


@dataclass(frozen=True, slots=True)
class Settling:
    """What a relay's answer does to a message's row."""

    state: MessageState
    reason: Reason = Reason.NONE
    due_at: datetime | None = None
    suppress: bool = False
    attempt_back: bool = False
    put_off: bool = False


def settle(answer: SendResult, *, later: int, now: datetime) -> Settling:
    """Return the next state of a message that was being sent (ENGINE a.2, 11; RFC 5321 4.2.1).

    `later` is how often its receiver has asked for patience before. 4xx waits as `RETRY_AFTER` says;
    550, 551 and 553 name a dead address and suppress it, other 5xx fail this message only.
    """
    match answer.result:
        case Result.SENT:
            return Settling(MessageState.SENT)
        case Result.UNCERTAIN:
            return Settling(MessageState.UNCERTAIN)
        case Result.UNSENT:
            return Settling(MessageState.READY, due_at=now, attempt_back=True)
        case Result.LATER if later < len(RETRY_AFTER):
            due = now + timedelta(seconds=RETRY_AFTER[later])
            return Settling(MessageState.READY, due_at=due, put_off=True)
        case Result.LATER:
            return Settling(MessageState.FAILED, Reason.SOFT_BOUNCES)
        case Result.REFUSED:
            dead = is_dead_address(answer.code, answer.text, at_recipient=answer.at_recipient)
            return Settling(
                MessageState.FAILED,
                Reason.HARD_BOUNCE if dead else Reason.REJECTED,
                suppress=dead,
            )


def is_dead_address(code: int, text: str, *, at_recipient: bool = True) -> bool:
    """Say whether an SMTP refusal names a mailbox that does not exist.

    The enhanced status decides when there is one (RFC 3463: 5.1.x address, 5.7.x policy);
    without one the bare 550, 551, 553 count as dead when they answered RCPT (`at_recipient`).
    """
    for word in text.split():
        parts = word.strip(";:,").split(".")
        if len(parts) == 3 and all(p.isdigit() for p in parts):
            return (
                parts[0] == "5" and parts[1] == "1" and parts[2] in {"0", "1", "2", "3", "6", "10"}
            )
    return at_recipient and code in {550, 551, 553}


def back_off(streak: int) -> timedelta:
    """Return how long the relay is left alone after its `streak`-th trouble in a row (from 1)."""
    return timedelta(seconds=RELAY_BACK_OFF[min(max(streak, 1), len(RELAY_BACK_OFF)) - 1])


def should_pause(refused: int, seen: int) -> bool:
    """Say whether so many refusals in the last `seen` answers mean the list is not honest."""
    return seen >= PAUSE_WINDOW and refused * 10_000 > seen * PAUSE_SHARE_BPS


def refusals_words(refused: int, seen: int) -> str:
    """Return why a mailing pauses of which so many of the last mails came back."""
    return say(
        "We paused after {refused} of {seen} mails came back. That is too many for an honest list. "
        "Look at the {refused}, then go on or cancel the rest",
        refused=refused,
        seen=seen,
    )


BUDGET_WINDOW = timedelta(days=7)
"""How far back a sender's mail is counted; a launch is counted from its start."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What left and what came back since the count began; `bounced` are dead addresses."""

    sent: int = 0
    bounced: int = 0
    complained: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of what left may come back: `most_bps` of it (1 % is 100), never fewer than `least`."""

    most_bps: int
    least: int

    def is_spent(self, came_back: int, sent: int) -> bool:
        """Say whether more came back than may; a few are never a pattern."""
        return came_back >= self.least and came_back * 10_000 > sent * self.most_bps


COMPLAINTS = Budget(most_bps=30, least=3)
"""Mailbox providers stop taking a sender's mail from 0.3 % complaints on."""
BOUNCES = Budget(most_bps=500, least=10)


def budget_breach(tally: Tally) -> str:
    """Return why so much came back that sending must pause; empty while it may go on.

    The words follow «We paused»; complaints weigh first.
    """
    if COMPLAINTS.is_spent(tally.complained, tally.sent):
        return say(
            "{complained:,} of {sent:,} people marked it as spam ({share}; receivers stop "
            "listening from {share2} on)",
            complained=tally.complained,
            sent=tally.sent,
            share=_share(tally.complained, tally.sent),
            share2=_share(COMPLAINTS.most_bps, 10_000),
        )
    if BOUNCES.is_spent(tally.bounced, tally.sent):
        return say(
            "{bounced:,} of {sent:,} addresses are dead ({share}; more than {share2} looks "
            "like a bought or old list)",
            bounced=tally.bounced,
            sent=tally.sent,
            share=_share(tally.bounced, tally.sent),
            share2=_share(BOUNCES.most_bps, 10_000),
        )
    return ""


def _share(part: int, whole: int) -> str:
    tenths = (part * 1_000 + whole // 2) // max(whole, 1)
    return f"{tenths // 10}.{tenths % 10} %"


def lane_room(free_at: datetime | None, per_second: int, now: datetime) -> int:
    """Return how many mails a destination may get now: what is left of one second's worth."""
    ahead = max((free_at - now).total_seconds(), 0.0) if free_at else 0.0
    return max(0, int(per_second * (1 - ahead) + 1e-6))


def lane_taken(free_at: datetime | None, per_second: int, count: int, now: datetime) -> datetime:
    """Return when so many mails more will have had their time."""
    start = max(free_at, now) if free_at else now
    return start + timedelta(seconds=count / per_second)


def fair_share(room: int, rivals: int) -> int:
    """Return how much of a destination's room one of so many mailings may take at once."""
    return -(-room // max(rivals, 1))
