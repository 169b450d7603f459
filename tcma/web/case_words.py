"""How checks and history of plans and claims read, on both sides of the money."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tcma.mdf.reasons import CURABLE, REASON_WORDS, Reason
from tcma.mdf.records import Event
from tcma.mdf.rules import Check, failed
from tcma.web.filters import local_moment
from tcma.web.reading import reader

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FINGERPRINT = re.compile(r"\b([0-9a-f]{4})[0-9a-f]{56}([0-9a-f]{4})\b")
VERBS = {
    "drafted": "wrote it down",
    "revised": "changed the plan",
    "sent": "sent it",
    "returned": "returned it",
    "withdrawn": "took it back",
    "passed": "said yes",
    "held": "approved it, but the fund is empty",
    "appealed": "appealed",
    "expired": "ended it: it was not sent again in time",
    "finished": "closed an activity",
    "asked for a change": "asked for a change",
    "approved the change": "approved the change",
    "refused the change": "left it as it was",
    "took the change back": "took the change back",
    "launched": "launched it",
    "filed": "filed the claim",
    "refused": "refused it",
    "approved": "approved",
    "closed": "closed it",
    "made": "made the batch",
    "exported": "wrote the bank's file",
    "invoice added": "added an invoice",
    "invoice removed": "took an invoice out",
    "proof added": "added a proof",
    "own payment added": "showed a payment of their own",
    "own payment removed": "took a payment of their own out",
    "in payment": "put it into a payment",
    "payment failed": "noted that the payment came back",
    "paid": "marked it paid",
    "taken back": "took the approval back",
    "clawed back": "asked the money back",
    "cancelled": "took it apart",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The checks in one sentence."""

    heading: str
    text: str
    tone: str


def verdict_of(checks: Sequence[Check]) -> Verdict:
    """Say how many checks passed and what the first failure found."""
    wrong = failed(checks)
    total = NUMBERS[len(checks)] if len(checks) < len(NUMBERS) else str(len(checks))
    if not checks:
        return Verdict("No check was made.", "It has not been sent yet.", "rest")
    if not wrong:
        return Verdict(f"All {total} checks passed.", "Nothing stands in the way.", "good")
    right = len(checks) - len(wrong)
    passed = NUMBERS[right] if right < len(NUMBERS) else str(right)
    others = " ".join(check.words for check in wrong[1:])
    heading = f"{passed.capitalize()} of {total} checks passed. {wrong[0].words}"
    return Verdict(heading, others or wrong[0].remedy, "need")


def history(events: Sequence[Event], *, verbs: Mapping[str, str] = VERBS) -> list[dict[str, Any]]:
    """Return an object's history as lines of a timeline."""
    return [
        {
            "when": local_moment(event.at, reader=reader()),
            "text": line_of(event, verbs),
            "now": number == len(events),
        }
        for number, event in enumerate(events, 1)
    ]


def line_of(event: Event, verbs: Mapping[str, str]) -> str:
    """Return one event as a sentence."""
    did = f"{event.actor} {verbs.get(event.verb, event.verb)}"
    words = FINGERPRINT.sub(r"\1…\2", event.words.strip().rstrip("."))
    return f"{did}: {words}." if words else f"{did}."


def reasons(*, curable: bool) -> list[tuple[str, str]]:
    """Return the reasons to choose from: those a partner can repair, or all."""
    return [
        (reason.value, REASON_WORDS[reason][:1].upper() + REASON_WORDS[reason][1:])
        for reason in Reason
        if not curable or reason in CURABLE
    ]
