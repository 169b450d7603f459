"""A partner's level in words: its name, and what the next one still needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from tcma.guidance.levels import Held
from tcma.guidance.programme import LEVELS, Counts, How, Level, Standing
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
    """A level with one vendor, what the next one needs, and what counts so far.

    `now` is what it and those below give, `adds` what the one above does; `earned` names the level that
    the last months would give where it is lower, `below` are those it could be put at.
    """

    vendor: str
    level: str
    next: str
    has: str
    now: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    above: str = ""
    earned: str = ""
    below: tuple[tuple[str, str], ...] = ()
    lowered: str = ""


def level_lines(standings: Sequence[PairStanding]) -> list[LevelLine]:
    """Return levels as both sides read them."""
    return [
        LevelLine(
            vendor=each.vendor,
            level=LEVEL_WORDS[each.standing.level],
            next=next_words(each.standing),
            has=has_words(each.standing.has),
            now=tuple(
                line for level in _up_to(each.standing.level) for line in each.gives.get(level, ())
            ),
            adds=each.gives.get(each.standing.next, ()) if each.standing.next else (),
            above=LEVEL_WORDS[each.standing.next] if each.standing.next else "",
            earned=""
            if each.standing.earned is each.standing.level
            else LEVEL_WORDS[each.standing.earned],
            lowered=_lowered(each.held),
            below=tuple(
                (level.value, LEVEL_WORDS[level]) for level in _up_to(each.standing.level)[:-1]
            ),
        )
        for each in standings
    ]


def _lowered(now: Held | None) -> str:
    """Say that somebody lowered the level, and why; empty where it was reached since."""
    if now is None or now.how is not How.PERSON:
        return ""
    return say("{person} lowered your level: {why}", person=now.by, why=now.why)


def _up_to(level: Level) -> tuple[Level, ...]:
    return LEVELS[: LEVELS.index(level) + 1]


def next_words(standing: Standing) -> str:
    """Return what the next level needs, or that there is none above."""
    if standing.next is None:
        return say("There is no level above.")
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
