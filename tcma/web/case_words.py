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
from tcma.words import Words, joined, opening, say

NUMBERS = (
    say("none"), say("one"), say("two"), say("three"), say("four"), say("five"), say("six"),
    say("seven"), say("eight"), say("nine"), say("ten"),
)  # fmt: skip
FINGERPRINT = re.compile(r"\b([0-9a-f]{4})[0-9a-f]{56}([0-9a-f]{4})\b")
VERBS = {
    "drafted": say("{actor} wrote it down"),
    "revised": say("{actor} changed the plan"),
    "sent": say("{actor} sent it"),
    "returned": say("{actor} returned it"),
    "withdrawn": say("{actor} took it back"),
    "passed": say("{actor} said yes"),
    "passed the change": say("{actor} said yes to the change"),
    "asked for more time": say("{actor} asked for more time"),
    "granted more time": say("{actor} gave more time"),
    "granted no more time": say("{actor} gave no more time"),
    "discarded": say("{actor} discarded the draft"),
    "taken up again": say("{actor} took it up again"),
    "held": say("{actor} approved it, but the fund is empty"),
    "appealed": say("{actor} appealed"),
    "expired": say("{actor} ended it: it was not sent again in time"),
    "lapsed": say("{actor} ended it: its days passed before money came"),
    "finished": say("{actor} closed an activity"),
    "asked for a change": say("{actor} asked for a change"),
    "approved the change": say("{actor} approved the change"),
    "refused the change": say("{actor} left it as it was"),
    "took the change back": say("{actor} took the change back"),
    "launched": say("{actor} launched it"),
    "gave an order number": say("{actor} gave it an order number"),
    "took the order number back": say("{actor} took the order number back"),
    "filed": say("{actor} filed the claim"),
    "refused": say("{actor} refused it"),
    "approved": say("{actor} approved"),
    "closed": say("{actor} closed it"),
    "made": say("{actor} made the batch"),
    "exported": say("{actor} wrote the bank's file"),
    "invoice added": say("{actor} added an invoice"),
    "invoice removed": say("{actor} took an invoice out"),
    "proof added": say("{actor} added a proof"),
    "paper handed in": say("{actor} handed in a paper"),
    "told how it went": say("{actor} told how it went"),
    "paper thrown away": say("{actor} threw a paper away"),
    "disputed": say("{actor} disputed the decision"),
    "took the dispute back": say("{actor} took the dispute back"),
    "turned the dispute down": say("{actor} turned the dispute down"),
    "upheld the dispute": say("{actor} granted the dispute"),
    "own payment added": say("{actor} showed a payment of their own"),
    "own payment removed": say("{actor} took a payment of their own out"),
    "in payment": say("{actor} put it into a payment"),
    "payment failed": say("{actor} noted that the payment came back"),
    "paid": say("{actor} marked it paid"),
    "given": say("{actor} gave it and booked it"),
    "taken back": say("{actor} took the approval back"),
    "clawed back": say("{actor} asked the money back"),
    "repaid": say("{actor} booked what was paid back"),
    "owed again": say("{actor} noted that the repayment did not arrive"),
    "cancelled": say("{actor} took it apart"),
    "added a line": say("{actor} added a line"),
    "took out a line": say("{actor} took out a line"),
    "began a line": say("{actor} began a line"),
    "agreed": say("{actor} agreed"),
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
        return Verdict(say("No check was made."), say("It has not been sent yet."), "rest")
    if not wrong:
        return Verdict(
            say("All {total} checks passed.", total=total),
            say("Nothing stands in the way."),
            "good",
        )
    right = len(checks) - len(wrong)
    passed = NUMBERS[right] if right < len(NUMBERS) else str(right)
    others = joined(*(check.words for check in wrong[1:]))
    heading = say(
        "{passed} of {total} checks passed. {words}",
        passed=opening(passed),
        total=total,
        words=wrong[0].words,
    )
    return Verdict(heading, others or wrong[0].remedy, "need")


def history(events: Sequence[Event], *, verbs: Mapping[str, Words] = VERBS) -> list[dict[str, Any]]:
    """Return an object's history as lines of a timeline."""
    return [
        {
            "when": local_moment(event.at, reader=reader()),
            "text": line_of(event, verbs),
            "now": number == len(events),
        }
        for number, event in enumerate(events, 1)
    ]


def line_of(event: Event, verbs: Mapping[str, Words]) -> str:
    """Return one event as a sentence."""
    known = verbs.get(event.verb)
    did = known.filled(actor=event.actor) if known else f"{event.actor} {event.verb}"
    if isinstance(event.words, Words) and event.words.endswith("."):
        return say("{did}: {words}", did=did, words=event.words)
    words: str = event.words
    if not isinstance(words, Words):
        words = FINGERPRINT.sub(r"\1…\2", words.strip().rstrip("."))
    return say("{did}: {words}.", did=did, words=words) if words else say("{did}.", did=did)


def reasons(*, curable: bool) -> list[tuple[str, str]]:
    """Return the reasons to choose from: those a partner can repair, or all."""
    return [
        (reason.value, opening(REASON_WORDS[reason]))
        for reason in Reason
        if not curable or reason in CURABLE
    ]
