"""What a lead's page says of its way: history verbs, and the routing trace in sentences."""

from collections.abc import Sequence

from tcma.leads.views import Turn
from tcma.nurture.queries import RunRow
from tcma.nurture.rules import EXIT_WORDS, Exit
from tcma.words import opening, say

VERBS = {
    "captured": say("The form was filled in"),
    "offered": say("Offered"),
    "accepted": say("Accepted"),
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
    "given on": say("Given to a colleague"),
    "recalled": say("Taken back by the vendor"),
    "taken back": say("Taken back by the vendor"),
    "routed again": say("Goes by the rules again"),
    "ripened": say("Reached the points that a rule asks for"),
    "warned": say("Reminded that nothing was noted"),
    "closed as spam": say("Closed as spam"),
    "closed as duplicate": say("Closed as a duplicate"),
}


def run_words(run: RunRow) -> str:
    """Return why somebody left or is stuck, as a sentence; empty when there is nothing to say."""
    why = run.left_because
    if not why:
        return ""
    words = EXIT_WORDS[Exit(why)] if why in set(Exit) else why
    return say("{why}.", why=opening(words))


def trace_lines(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return (partner, why) for every candidate of the last decision, the chosen one first."""
    if not turns:
        return []
    candidates = turns[-1].trace.get("candidates", [])
    lines = [(c["partner"], c["why"]) for c in candidates]
    return sorted(lines, key=lambda line: line[0] != turns[-1].partner)
