"""Words of a lead that several pages say: what was asked and done, what its points came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tcma.words import joined, read_back, say, say_n

TOUCHES: Final[Mapping[str, str]] = {
    "call": say("Called"),
    "reply": say("They replied"),
    "meeting": say("We met"),
    "note": say("Note"),
}
ANSWERS: Final[Mapping[str, str]] = {"choice": say("They chose"), "message": say("They wrote")}
STAGES: Final[Mapping[str, str]] = {
    "qualified": say("Qualified"),
    "proposal": say("Proposal"),
    "negotiation": say("Negotiation"),
}
ROLES: Final[Mapping[str, str]] = {
    "sourcing": say("brought it"),
    "influencing": say("helps to win it"),
    "fulfilling": say("delivers it"),
}
ROLE_VERBS: Final[Mapping[str, str]] = {
    "sourcing": "Brought it (sourcing)",
    "influencing": "Helps to win it (influencing)",
    "fulfilling": "Delivers it (fulfilling)",
}
"""Roles as the desk chooses them."""


@dataclass(frozen=True, slots=True)
class PointsLine:
    """What gave or took points: its name, how many with their sign, and what faded or is limited."""

    name: str
    points: str
    why: str = ""


def points_lines(kept: Mapping[str, Any]) -> list[PointsLine]:
    """Return what a lead's points came from, rule by rule, then what limits took; empty for a lead
    that was closed before reasons were kept.
    """
    lines = [
        PointsLine(read_back(part["name"]), _signed(part["points"]), _deeds(part))
        for part in kept.get("parts", ())
    ]
    if "over_fit" in kept:
        why = say("What somebody is and says counts up to {n}.", n=kept["most_fit"])
        lines.append(PointsLine(say("Limit"), _signed(-kept["over_fit"]), why))
    if "over" in kept:
        why = say("The scale ends at {n}.", n=kept["most"])
        lines.append(PointsLine(say("Limit"), _signed(-kept["over"]), why))
    return lines


def _deeds(part: Mapping[str, Any]) -> str:
    if not part.get("does"):
        return ""
    days = part.get("days", 0)
    when = say_n("last {n} day ago", "last {n} days ago", days) if days else say("last today")
    parts = [say_n("{n} time, {when}", "{n} times, {when}", part["times"], when=when)]
    if part.get("half_life"):
        parts.append(
            say_n("half as many every {n} day", "half as many every {n} days", part["half_life"])
        )
    if part.get("most"):
        parts.append(say("{n} at most", n=part["most"]))
    return joined(*parts, by="; ")


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else f"−{-number}" if number else "0"
