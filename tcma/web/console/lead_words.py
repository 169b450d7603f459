"""What a lead's page says of its way: history verbs, and the routing trace in sentences."""

from collections.abc import Mapping
from typing import Final

from tcma.leads.routing.rules import ACCEPTS, Accepts
from tcma.leads.routing.words import ACCEPTS_WORDS
from tcma.leads.views import LeadView
from tcma.nurture.queries import RunRow
from tcma.nurture.rules import EXIT_WORDS, Exit
from tcma.words import opening, say

VERBS = {
    "captured": say("The form was filled in"),
    "offered": say("Offered"),
    "accepted": say("Accepted"),
    "accepted by itself": say("Accepted by itself"),
    "declined": say("Declined"),
    "timed out": say("Not answered in time"),
    "left unassigned": say("Nobody to take it"),
    "entered the sequence": say("Entered the journey"),
    "left the sequence": say("Left the journey"),
    "paused the journey": say("Journey paused"),
    "resumed the journey": say("Journey resumed"),
    "made an opportunity of": say("Became an opportunity"),
    "won": say("Won"),
    "lost": say("Lost"),
    "given back to nurture": say("Given back to nurture"),
    "ready again": say("They answered, and it is routed again"),
    "given on": say("Given to a colleague"),
    "recalled": say("Taken back by the vendor"),
    "taken back": say("Taken back by the vendor"),
    "routed again": say("Goes by the rules again"),
    "ripened": say("Meets now what a rule asks for"),
    "warned": say("Reminded that nothing was noted"),
    "closed as spam": say("Closed as spam"),
    "closed as duplicate": say("Closed as a duplicate"),
    "closed as joined": say("Goes on in another lead of the same person"),
    "joined by": say("Joined by another lead of the same person"),
}


def run_words(run: RunRow) -> str:
    """Return why somebody left or is stuck, as a sentence; empty when there is nothing to say."""
    why = run.left_because
    if not why:
        return ""
    words = EXIT_WORDS[Exit(why)] if why in set(Exit) else why
    return say("{why}.", why=opening(words))


DECIDED: Final[Mapping[str, str]] = {
    "source": say("Whose page brought it"),
    "account": say("Who works with the company already"),
    "named": say("Whose account the company is"),
    "round": say("In turn, among those the rule fits"),
    "first": say("Several at once, and the first has it"),
    "hand": say("A person at the vendor chose"),
}
"""How a lead came to a partner, by the kind of decision that its trace names."""


def own_lines(lead: LeadView) -> list[tuple[str, str]]:
    """Return (what, how) of why a partner got a lead: what the rules met in it, and how many others
    were asked. Nobody else's name, place or reason stands in it.
    """
    if not lead.turns:
        return []
    turn = lead.turns[-1]
    lines: list[tuple[str, str]] = [
        (say("How"), DECIDED.get(str(turn.trace.get("rule", "")), say("By rule")))
    ]
    if area := turn.trace.get("area"):
        lines.append((say("Territory"), str(area[1])))
    if lead.asked_before:
        lines.append((say("Asked before you"), str(lead.asked_before)))
    if lead.asked_beside:
        lines.append((say("Asked at the same time"), str(lead.asked_beside)))
    if why := turn.trace.get(ACCEPTS):
        lines.append((say("Accepted by itself"), opening(ACCEPTS_WORDS[Accepts(why)])))
    return lines
