"""What mail to partners may be about, and what a person has to have said before it is sent.

Mail that somebody's work needs is no choice: invitations, leads, launches, plans and claims, money, first
steps, terms, changes of campaigns they use. Everything else a vendor wants to tell is a purpose below, and
the default of each is no (FEATURES H2; DOMAIN 2.6, «vendor-to-partner mail»).
"""

from collections.abc import Mapping
from enum import StrEnum

from tcma.words import Words, say


class Purpose(StrEnum):
    """What a vendor writes to people of its partners about."""

    CAMPAIGNS = "campaigns"
    PROGRAMME = "programme"
    EVENTS = "events"
    OFFERS = "offers"


PURPOSE_WORDS: Mapping[Purpose, Words] = {
    Purpose.CAMPAIGNS: say("New campaigns"),
    Purpose.PROGRAMME: say("News of the programme"),
    Purpose.EVENTS: say("Trainings and events"),
    Purpose.OFFERS: say("Products and offers"),
}
CONSENT_WORDS: Mapping[Purpose, Words] = {
    Purpose.CAMPAIGNS: say("{vendor} may mail me when there is a new campaign I could launch."),
    Purpose.PROGRAMME: say("{vendor} may mail me news of its partner programme."),
    Purpose.EVENTS: say("{vendor} may mail me about trainings and events."),
    Purpose.OFFERS: say("{vendor} may mail me about its products and offers."),
}
"""What somebody agrees to, kept word for word with the choice."""

LONGEST_TITLE, LONGEST_WORDS, MOST_DAYS = 120, 5_000, 90


def paragraphs(words: str) -> list[str]:
    """Return the paragraphs of a text: what stands between empty lines, each on one line."""
    parts = words.replace("\r\n", "\n").split("\n\n")
    return [line for part in parts if (line := " ".join(part.split()))]
