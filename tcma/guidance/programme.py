"""A vendor's programme for its partners: first steps by tier, and levels that facts reach by themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tcma.guidance.rules import DUE_DAYS, Step
from tcma.partners.rules import Tier

YEAR_DAYS = 365
"""How far back launches, leads and deals count for a level."""
LONGEST_DAYS, MOST = 120, 999


class Level(StrEnum):
    """How far a partner has come, lowest first. It rises by what is there; only a person lowers it."""

    NEW = "new"
    STARTED = "started"
    ACTIVE = "active"
    PROVEN = "proven"


class How(StrEnum):
    """How a partner came to a level: it was there before levels were held, by rule, or by a person."""

    START = "start"
    RULE = "rule"
    PERSON = "person"


LEVELS = tuple(Level)
MOST_GIFTS, LONGEST_GIFT = 8, 200
EARNED = (Level.ACTIVE, Level.PROVEN)
"""Levels whose needs a vendor states; started is the first launch, whoever the vendor is."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a level needs, or a partner has, within a year: launches, leads taken, deals won."""

    launches: int = 0
    leads: int = 0
    won: int = 0

    def missing(self, has: "Counts") -> "Counts":
        """Return what is still to come."""
        return Counts(
            max(0, self.launches - has.launches),
            max(0, self.leads - has.leads),
            max(0, self.won - has.won),
        )


NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class Programme:
    """`days` are days after joining by tier and first step; a step without any is not asked for. `gives` are
    the vendor's own words for what a level gives, a line each.
    """

    days: Mapping[Tier, Mapping[Step, int]]
    needs: Mapping[Level, Counts]
    gives: Mapping[Level, tuple[str, ...]] = field(default_factory=dict)

    def gives_at(self, level: Level) -> tuple[str, ...]:
        """What a level gives beyond those below it."""
        return self.gives.get(level, ())


DEFAULT = Programme(
    days={tier: dict(DUE_DAYS) for tier in Tier},
    needs={Level.ACTIVE: Counts(2, 3, 0), Level.PROVEN: Counts(4, 10, 1)},
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A partner's level, what it has, and what the next one still asks; None at the top.

    `earned` is what the last twelve months would give: below `level` where that is only held.
    """

    level: Level
    has: Counts
    next: Level | None
    missing: Counts
    earned: Level


def standing_of(
    has: Counts, *, ever_launched: bool, programme: Programme, held: Level = Level.NEW
) -> Standing:
    """Return the highest level that is reached with everything below it, or the one that is held above it."""
    level = Level.STARTED if ever_launched else Level.NEW
    if ever_launched:
        for earned in EARNED:
            if programme.needs[earned].missing(has) != NOTHING:
                break
            level = earned
    earned, level = level, max(level, held, key=LEVELS.index)
    above = LEVELS[LEVELS.index(level) + 1 :]
    if not above:
        return Standing(level, has, None, NOTHING, earned)
    wanted = programme.needs[above[0]] if above[0] in EARNED else Counts(launches=1)
    return Standing(level, has, above[0], wanted.missing(has), earned)


def as_counts(counts: Counts) -> dict[str, int]:
    """Return counts as they are kept."""
    return {"launches": counts.launches, "leads": counts.leads, "won": counts.won}


def as_document(programme: Programme) -> dict[str, Any]:
    """Return a programme as it is kept."""
    return {
        "days": {
            tier.value: {s.value: n for s, n in of.items()} for tier, of in programme.days.items()
        },
        "needs": {level.value: as_counts(c) for level, c in programme.needs.items()},
        "gives": {level.value: list(lines) for level, lines in programme.gives.items() if lines},
    }


def from_document(document: Mapping[str, Any]) -> Programme:
    """Return a programme from how it is kept; what it does not say is as by default."""
    days = document.get("days", {})
    needs = document.get("needs", {})
    return Programme(
        days={
            tier: {Step(s): n for s, n in days[tier.value].items()}
            if tier.value in days
            else DEFAULT.days[tier]
            for tier in Tier
        },
        needs={
            level: Counts(**needs[level.value]) if level.value in needs else DEFAULT.needs[level]
            for level in EARNED
        },
        gives={Level(level): tuple(lines) for level, lines in document.get("gives", {}).items()},
    )


def faults(programme: Programme) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, as field and sentence."""
    for tier, of in programme.days.items():
        for step, days in of.items():
            if not 1 <= days <= LONGEST_DAYS:
                yield f"{tier}_{step}", f"Write 1 to {LONGEST_DAYS} days, or nothing."
    yield from _gift_faults(programme)
    active, proven = (programme.needs[level] for level in EARNED)
    for level in EARNED:
        for what in Counts.__slots__:
            if not 0 <= getattr(programme.needs[level], what) <= MOST:
                yield f"{level}_{what}", f"Write 0 to {MOST}."
    for what in Counts.__slots__:
        if getattr(proven, what) < getattr(active, what):
            yield f"proven_{what}", "Proven cannot ask for less than active."


def _gift_faults(programme: Programme) -> Iterator[tuple[str, str]]:
    for level, lines in programme.gives.items():
        if len(lines) > MOST_GIFTS or any(len(line) > LONGEST_GIFT for line in lines):
            yield (
                f"{level}_gives",
                f"Write up to {MOST_GIFTS} lines of up to {LONGEST_GIFT} letters.",
            )
