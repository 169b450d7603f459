"""Why a mail was refused and what that means: enhanced status first, words second, policy never hard."""

import re
from enum import StrEnum

from tcma.delivery.feedback_phrases import (
    AFTER_DATA_ONLY,
    AFTER_DATA_UNLESS_ASKED,
    DIRECTORY,
    DISABLED,
    DISABLED_PLAINLY,
    EDGE_REFUSAL,
    FULL,
    HOST,
    LARGE,
    MAILER,
    MOVED,
    NETWORK,
    NO_MAIL,
    NO_SUCH,
    NOISE,
    NOT_ASKED_YET,
    NULL_MX,
    POLICY,
    STRONG,
    SYSTEM,
    UNROUTED,
    WAIT,
    WEAK,
)
from tcma.delivery.feedback_report import Fact


class Action(StrEnum):
    """What feedback does to the address it is about."""

    HARD = "hard-suppress"
    SOFT = "soft-retry"
    COMPLAINT = "complaint-suppress"
    UNSUBSCRIBE = "unsubscribe"
    AUTO_REPLY = "auto-reply-ignore"
    REPLY = "reply"
    DELIVERED = "delivered-ignore"
    IGNORE = "ignore-report"


class Cause(StrEnum):
    """Why mail did not arrive; only the first four say that the address is dead."""

    USER_UNKNOWN = "user unknown"
    HOST_UNKNOWN = "domain unknown"
    NO_MAIL = "domain takes no mail"
    MOVED = "moved"
    MAILBOX_FULL = "mailbox full"
    TOO_LARGE = "message too large"
    DISABLED = "account disabled"
    FILTERED = "refused after the recipient was accepted"
    POLICY = "refused by policy"
    NETWORK = "network or queue"
    SYSTEM = "error of the receiving system"
    UNKNOWN = "no reason given"


DEAD = frozenset({Cause.USER_UNKNOWN, Cause.HOST_UNKNOWN, Cause.NO_MAIL, Cause.MOVED})


def cause_of(fact: Fact) -> Cause:
    """The cause that status, refused command and words point to, the most telling first."""
    first = _cause(fact, NOISE.sub(" ", fact.words))
    around = NOISE.sub(" ", fact.around).strip()
    if not around:
        return first
    if first is Cause.UNKNOWN:
        return _cause(fact, f"{fact.words}\n{around}")
    return Cause.MAILBOX_FULL if first in DEAD and FULL.search(around) else first


def action_of(fact: Fact, cause: Cause) -> Action:
    """Hard only for a dead address in a report that is neither a delay nor a success."""
    if fact.action in {"delivered", "relayed", "expanded", "deliverable"}:
        return Action.DELIVERED
    if cause not in DEAD or fact.action == "delayed":
        return Action.SOFT
    return Action.HARD


def _cause(fact: Fact, words: str) -> Cause:
    by_status = _STATUS_FIRST.get(fact.status[2:])
    if by_status is None and fact.status[2:4] == "7." and not _nobody_after_all(fact, words):
        by_status = Cause.POLICY
    nobody = Cause.USER_UNKNOWN if _believed(fact, words) else Cause.FILTERED
    steps = (
        (Cause.MAILBOX_FULL, by_status is Cause.MAILBOX_FULL or FULL.search(words)),
        (Cause.TOO_LARGE, by_status is Cause.TOO_LARGE or LARGE.search(words)),
        (Cause.USER_UNKNOWN, _refused_at_edge(fact, words)),
        (Cause.NO_MAIL, NULL_MX.search(words)),
        (Cause.HOST_UNKNOWN, UNROUTED.search(words)),
        (by_status or Cause.UNKNOWN, by_status is not None),
        (Cause.NETWORK, NOT_ASKED_YET.search(words)),
        (Cause.SYSTEM, MAILER.search(words)),
        (Cause.MOVED, MOVED.search(words)),
        (Cause.FILTERED, _only_after_data(fact, words)),
        (Cause.DISABLED, _is_disabled(fact, words)),
        (Cause.POLICY, POLICY.search(words)),
        (Cause.NO_MAIL, _takes_none(fact, words)),
        (Cause.HOST_UNKNOWN, _is_no_host(fact, words)),
        (nobody, _names_nobody(words)),
        (Cause.NETWORK, NETWORK.search(words)),
        (Cause.SYSTEM, SYSTEM.search(words)),
        (_STATUS_LAST.get(fact.status[2:], Cause.UNKNOWN), fact.status.startswith("5")),
    )
    return next((cause for cause, applies in steps if applies), Cause.UNKNOWN)


def _refused_at_edge(fact: Fact, words: str) -> bool:
    """Exchange Online knows its recipients at the edge and says only «access denied», with 5.4.1."""
    asked = fact.command == "RCPT" or (fact.status == "5.4.1" and fact.command != "DATA")
    return asked and bool(EDGE_REFUSAL.search(words))


def _is_disabled(fact: Fact, words: str) -> bool:
    """An account that is there but shut, which may open again; «unknown or disabled» is unknown."""
    plainly = DISABLED_PLAINLY.search(words) and not fact.status.startswith("5.1.")
    return bool(plainly or (DISABLED.search(words) and not _names_nobody(words)))


def _only_after_data(fact: Fact, words: str) -> bool:
    """Carriers answer so to content, too; docomo's words are about the address when RCPT was refused."""
    asked = fact.command == "RCPT" or fact.status.startswith("5.1.")
    return bool(
        AFTER_DATA_ONLY.search(words) or (not asked and AFTER_DATA_UNLESS_ASKED.search(words))
    )


def _names_nobody(words: str) -> bool:
    return bool(STRONG.search(words) or WEAK.search(words))


def _nobody_after_all(fact: Fact, words: str) -> bool:
    """5.7.1 to RCPT with nothing but «no such mailbox» beside it: some servers use no other code."""
    return bool(
        fact.command == "RCPT" and fact.status == "5.7.1"
        and (STRONG.search(words) or NO_SUCH.search(words)) and not POLICY.search(words)
    )  # fmt: skip


def _is_no_host(fact: Fact, words: str) -> bool:
    if fact.command == "DATA" or fact.status.startswith("4.") or WAIT.search(words):
        return False
    return bool(HOST.search(words))


def _takes_none(fact: Fact, words: str) -> bool:
    """A domain without mail, unless the status says that it may take some tomorrow."""
    waits = fact.command == "DATA" or fact.status.startswith("4.")
    return not waits and bool(NO_MAIL.search(words))


def _believed(fact: Fact, words: str) -> bool:
    """Whether «unknown user» was said about the recipient, not after its mail had been read.

    Filters answer so once they have seen the content; only a refusal of RCPT, a 5.1 status or
    the recipient's own name in the answer makes the address dead.
    """
    subject, detail = fact.status[2:].partition(".")[::2]
    if fact.command == "RCPT" or subject == "1" or fact.around.startswith("bad-mailbox"):
        return True
    if (subject, detail) == ("2", "1"):
        return False
    if DIRECTORY.search(words):
        return True
    if STRONG.search(words):
        return bool(fact.reply or fact.command) or not fact.status.endswith(".0.0")
    return fact.command != "DATA" and (subject == "5" or _about(fact.recipient, words))


def _about(recipient: str, words: str) -> bool:
    """The refusal itself names the recipient: «550 <a@b>: user unknown»."""
    near = re.escape(recipient)
    return bool(
        re.search(rf"\b55\d[^\n]{{0,30}}{near}|unknown user:? <?{near}", words, re.IGNORECASE)
    )


_STATUS_FIRST = {
    "2.2": Cause.MAILBOX_FULL, "2.3": Cause.TOO_LARGE, "3.4": Cause.TOO_LARGE, "1.6": Cause.MOVED, "7.17": Cause.MOVED,
    "7.18": Cause.MOVED,
    "1.8": Cause.POLICY, "1.7": Cause.POLICY,
}  # fmt: skip
_STATUS_LAST = {
    "1.1": Cause.USER_UNKNOWN, "1.2": Cause.HOST_UNKNOWN, "1.3": Cause.USER_UNKNOWN,
    "1.10": Cause.NO_MAIL, "1.351": Cause.USER_UNKNOWN,
    "2.1": Cause.DISABLED, "4.4": Cause.NETWORK, "4.6": Cause.NETWORK,
}  # fmt: skip
