"""One lead judged by a stored card: plain additions, so that whoever takes a lead in can do it at once.

The same sums as `scorecard`, which judges whole tables; a test holds the two together.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tcma.leads.trained.cells import day_of, number_of, trimmed

TELLING = 0.08
"""Log odds below which a value is not worth a word."""
MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the card: how its cells become places in `weights`, and what a usual lead gets."""

    name: str
    kind: str
    weights: tuple[float, ...]
    usual: float
    levels: Mapping[str, int]
    edges: tuple[float, ...] = ()
    middle: float = 0.0
    spread: float = 1.0


@dataclass(frozen=True, slots=True)
class Card:
    """A stored card, ready to judge."""

    columns: tuple[Column, ...]
    start: float
    slope: float
    offset: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A chance from 0 to 1, and what spoke for and against it, as `reason_of` keeps it."""

    chance: float
    reasons: tuple[dict[str, Any], ...]


def card_of(kept: Mapping[str, Any]) -> Card:
    """Return the card that `Scorecard.as_json` kept; KeyError, TypeError or ValueError when it is none."""
    columns, at = [], 0
    for raw, usual in zip(kept["columns"], kept["mean"], strict=True):
        wide = _width(raw)
        columns.append(
            Column(
                name=raw["name"],
                kind=raw["kind"],
                weights=tuple(kept["weights"][at : at + wide]),
                usual=usual,
                levels={level: place for place, level in enumerate(raw.get("levels", ()))},
                edges=tuple(raw.get("edges", ())),
                middle=raw.get("middle", 0.0),
                spread=raw.get("spread", 1.0),
            )
        )
        at += wide
    if at != len(kept["weights"]):
        raise ValueError("the card's weights are not those of its columns")
    start = kept["intercept"] + sum(kept["mean"])
    return Card(tuple(columns), start, kept["slope"], kept["offset"])


def judge(card: Card, facts: Mapping[str, object]) -> Judged:
    """Return the chance of one lead; a fact that is not there is an empty cell."""
    found = [(one, trimmed(str(facts.get(one.name, "")))) for one in card.columns]
    parts = [(_share(one, cell) - one.usual, one, cell) for one, cell in found]
    level = card.slope * (sum(part for part, _, _ in parts) + card.start) + card.offset
    told = sorted(((part * card.slope, one, cell) for part, one, cell in parts),
                  key=lambda each: -abs(each[0]))  # fmt: skip
    return Judged(
        1 / (1 + math.exp(-min(max(level, -30.0), 30.0))),
        tuple(
            reason_of(one, cell, speaks_for=part > 0)
            for part, one, cell in told[:MOST_REASONS]
            if abs(part) >= TELLING
        ),
    )


def reason_of(one: Column, cell: str, *, speaks_for: bool) -> dict[str, Any]:
    """Return what a column says of a lead: its name, how the cell is read, and on which side it is."""
    told: dict[str, Any] = {"name": one.name, "for": speaks_for}
    if not cell:
        return told | {"is": "empty"}
    if one.kind == "levels":
        return told | ({"is": "said", "text": cell} if cell in one.levels else {"is": "rare"})
    if one.kind == "numbers":
        number = number_of(cell)
        if number is None:
            return told | {"is": "empty"}
        if not one.edges:
            return told | {"is": "said", "text": f"{number:g}"}
        place = bisect_left(one.edges, number)
        low = one.edges[place - 1] if place else None
        high = one.edges[place] if place < len(one.edges) else None
        return told | {"is": "span", "low": low, "high": high}
    day = day_of(cell)
    return told | ({"is": "weekday", "day": day.weekday()} if day else {"is": "empty"})


def _width(raw: Mapping[str, Any]) -> int:
    if raw["kind"] == "numbers":
        return len(raw["edges"]) + 3
    return len(raw["levels"]) + 2 if raw["kind"] == "levels" else 21


def _share(one: Column, cell: str) -> float:
    if one.kind == "levels":
        return one.weights[one.levels.get(cell, len(one.levels)) if cell else len(one.levels) + 1]
    if one.kind == "numbers":
        return _number(one, number_of(cell) if cell else None)
    day = day_of(cell)
    places: Sequence[int] = (day.month, 13 + day.weekday() + 1) if day else (0, 13)
    return sum(one.weights[place] for place in places)


def _number(one: Column, number: float | None) -> float:
    if number is None:
        return one.weights[len(one.edges) + 2]
    squeezed = math.copysign(math.log1p(abs(number)), number)
    level = min(max((squeezed - one.middle) / one.spread, -5.0), 5.0)
    return one.weights[0] * level + one.weights[1 + bisect_left(one.edges, number)]
