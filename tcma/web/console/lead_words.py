"""What a lead's page says of its way: history verbs, and the routing trace in sentences."""

from collections.abc import Sequence

from tcma.leads.views import Turn

VERBS = {
    "captured": "The form was filled in",
    "offered": "Offered",
    "accepted": "Accepted",
    "declined": "Declined",
    "timed out": "Not answered in time",
    "left unassigned": "Nobody to take it",
    "entered the sequence": "Entered the nurture sequence",
    "left the sequence": "Left the nurture sequence",
    "made an opportunity of": "Became an opportunity",
    "won": "Won",
    "lost": "Lost",
}


def trace_lines(turns: Sequence[Turn]) -> list[tuple[str, str]]:
    """Return (partner, why) for every candidate of the last decision, the chosen one first."""
    if not turns:
        return []
    candidates = turns[-1].trace.get("candidates", [])
    lines = [(c["partner"], c["why"]) for c in candidates]
    return sorted(lines, key=lambda line: line[0] != turns[-1].partner)
