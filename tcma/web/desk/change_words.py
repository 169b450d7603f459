"""How the history of a partner's standing and of the vendor's own facts reads."""

from collections.abc import Sequence
from typing import Any

from tcma.partners.history import CHANGED, Change
from tcma.partners.rules import PartnerKind
from tcma.web.filters import local_moment
from tcma.web.forms.desk import KIND_WORDS
from tcma.web.reading import reader

FACT_WORDS = {
    "tier": "tier",
    "kind": "kind",
    "state": "standing",
    "weight": "weight in the round of leads",
    "certifications": "certifications",
    "territories": "territories",
    "name": "name",
    "legal_name": "legal name",
    "address": "postal address",
    "zone": "time zone",
    "sender": "sender address",
    "asks_first": "a yes to a partner’s first launch",
    "asks_edited": "a yes to changed texts",
    "asks_above": "the number of people that needs a yes",
    "approver": "who says yes",
    "frequency": "mails for one person / days",
    "shared": "the platform’s limit of mails",
}
VERBS = {
    "founded": "set it up",
    "enrolled": "enrolled it",
    "changed seeds": "changed the seed addresses",
    "saved brand": "changed logo or colour",
}
NOTHING = "none"
YES_OR_NO = {
    "True": "asked",
    "False": "not asked",
    "vendor": "your channel managers",
    "partner": "the partner’s owner",
}


def change_lines(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return changes as lines of a timeline, newest first."""
    return [
        {
            "when": local_moment(change.at, reader=reader()),
            "text": f"{change.actor}{words_of(change)}.",
            "now": no == 0,
        }
        for no, change in enumerate(changes)
    ]


def words_of(change: Change) -> str:
    """Return what was changed from what to what."""
    if change.verb != CHANGED:
        return f" {VERBS.get(change.verb, change.verb)}"
    facts = (
        f"{FACT_WORDS.get(name, name)} from {said(name, before)} to {said(name, after)}"
        for name, before, after in change.facts
    )
    return f" changed {', '.join(facts)}"


def said(name: str, value: str) -> str:
    """Return a value as this desk reads it."""
    if name == "kind" and value in set(PartnerKind):
        return KIND_WORDS[PartnerKind(value)]
    if name.startswith("asks_") or name == "approver":
        return YES_OR_NO.get(value, value) or NOTHING
    if name in ("tier", "state"):
        return value.capitalize() or NOTHING
    return value.replace("_", " ") if name == "zone" else value or NOTHING
