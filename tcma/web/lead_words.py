"""Words of a lead that both its page and its mailed link say: what was asked, what was done."""

from collections.abc import Mapping
from typing import Final

TOUCHES: Final[Mapping[str, str]] = {
    "call": "Called",
    "reply": "They replied",
    "meeting": "We met",
    "note": "Note",
}
ANSWERS: Final[Mapping[str, str]] = {"choice": "They chose", "message": "They wrote"}
STAGES: Final[Mapping[str, str]] = {
    "qualified": "Qualified",
    "proposal": "Proposal",
    "negotiation": "Negotiation",
}
