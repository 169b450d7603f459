"""What a lead's page says of its way: history verbs, and the routing trace in sentences."""

from collections.abc import Sequence

from tcma.leads.views import Turn
from tcma.nurture.queries import RunRow
from tcma.nurture.rules import EXIT_WORDS, Exit

VERBS = {
    "captured": "The form was filled in",
    "offered": "Offered",
    "accepted": "Accepted",
    "declined": "Declined",
    "timed out": "Not answered in time",
    "left unassigned": "Nobody to take it",
    "entered the sequence": "Entered the journey",
    "left the sequence": "Left the journey",
    "paused the journey": "Journey paused",
    "resumed the journey": "Journey resumed",
    "made an opportunity of": "Became an opportunity",
    "won": "Won",
    "lost": "Lost",
    "given on": "Given to a colleague",
}


def run_words(run: RunRow) -> str:
    """Return why somebody left or is stuck, as a sentence; empty when there is nothing to say."""
    why = run.left_because
    if not why:
        return ""
    words = EXIT_WORDS[Exit(why)] if why in set(Exit) else why
    return f"{words[:1].upper()}{words[1:]}."


def trace_lines(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return (partner, why) for every candidate of the last decision, the chosen one first."""
    if not turns:
        return []
    candidates = turns[-1].trace.get("candidates", [])
    lines = [(c["partner"], c["why"]) for c in candidates]
    return sorted(lines, key=lambda line: line[0] != turns[-1].partner)
