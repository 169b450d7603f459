"""What the facts of an activity are called where a page or a rule names them."""

from tcma.words import Inside, Words, read_back, say

FACT_WORDS = {
    "place": say("Place"),
    "audience": say("Audience"),
    "format": say("How it is held"),
    "starts_on": say("First day"),
    "ends_on": say("Last day"),
    "results": say("Results"),
}
"""What a programme may ask by name; other names are read as they stand."""


def fact_words(name: str) -> Words:
    """Return what a fact is called on a page."""
    return FACT_WORDS.get(name) or read_back(name.replace("_", " ").capitalize())


def fact_inside(name: str) -> Words:
    """Return what a fact is called inside a sentence; in English as the programme writes it."""
    return Inside.made(name, "", {"text": fact_words(name)})
