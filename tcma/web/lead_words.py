"""Words of a lead that both its page and its mailed link say: what was asked, what was done."""

from collections.abc import Mapping
from typing import Final

from tcma.words import say

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
