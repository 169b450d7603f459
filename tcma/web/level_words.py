"""A partner's level in words: its name, and what the next one still needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcma.guidance.programme import Counts, Level, Standing
from tcma.guidance.programmes import PairStanding
from tcma.words import listed, say, say_n

LEVEL_WORDS = {
    Level.NEW: say("New"),
    Level.STARTED: say("Started"),
    Level.ACTIVE: say("Active"),
    Level.PROVEN: say("Proven"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelLine:
    """A level with one vendor, what the next one needs, and what counts so far."""

    vendor: str
    level: str
    next: str
    has: str


def level_lines(standings: Sequence[PairStanding]) -> list[LevelLine]:
    """Return levels as both sides read them."""
    return [
        LevelLine(
            vendor=each.vendor,
            level=LEVEL_WORDS[each.standing.level],
            next=next_words(each.standing),
            has=has_words(each.standing.has),
        )
        for each in standings
    ]


def next_words(standing: Standing) -> str:
    """Return what the next level needs, or that there is none above."""
    if standing.next is None:
        return say("There is no level above. It holds while the last twelve months keep it.")
    if standing.next is Level.STARTED:
        return say("Your first launch makes it “Started”.")
    return say(
        "“{level}” needs {what} within twelve months.",
        level=LEVEL_WORDS[standing.next],
        what=listed(_missing(standing.missing)),
    )


def _missing(counts: Counts) -> list[str]:
    found = [
        (counts.launches, say_n("{n} more launch", "{n} more launches", counts.launches)),
        (counts.leads, say_n("{n} more lead taken", "{n} more leads taken", counts.leads)),
        (counts.won, say_n("{n} more won deal", "{n} more won deals", counts.won)),
    ]
    return [words for number, words in found if number]


def has_words(has: Counts) -> str:
    """Return what counts so far."""
    return say(
        "In the last twelve months: {launches}, {leads}, {won}.",
        launches=say_n("{n} launch", "{n} launches", has.launches),
        leads=say_n("{n} lead taken", "{n} leads taken", has.leads),
        won=say_n("{n} deal won", "{n} deals won", has.won),
    )
