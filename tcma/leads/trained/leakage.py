"""Columns filled in after the result: refused by name, by what their cells tell, and by time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcma.leads.trained.leak_names import by_name, plain
from tcma.leads.trained.measures import area
from tcma.leads.trained.table import Floats, Kind, Table, days_of, numbers_of

TELLING_ALONE = 0.9
"""AUC of one column by itself that no fact known beforehand reaches."""
DOUBTFUL_ALONE = 0.85
SURPRISE = 30.0
"""Nats: how unlikely it must be that a value met one kind of result only by chance."""
MOST_LEVELS = 60
_LONGEST_SPAN = 3_650


@dataclass(frozen=True, slots=True)
class Refusal:
    """A column a score may not learn from, and why."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Guarded:
    """What became of the columns: refused as leaking, and doubtful but kept."""

    refused: tuple[Refusal, ...]
    doubtful: tuple[Refusal, ...]


def guard(table: Table, y: Floats, kinds: dict[str, Kind], *, target: str = "") -> Guarded:
    """Look at every column of training rows; `table` has no target any more."""
    refused: list[Refusal] = []
    doubtful: list[Refusal] = []
    late = _by_time(table, kinds)
    for name, cells in table.columns.items():
        why = by_name(name) or _as_target(name, target) or late.get(name, "")
        why = why or by_cells(cells, y, kinds[name])
        if why:
            refused.append(Refusal(name, why))
            continue
        if kinds[name] in {Kind.NUMBER, Kind.CATEGORY}:
            alone = alone_auc(cells, y, kinds[name])
            if alone >= TELLING_ALONE:
                words = f"alone it tells results apart nearly without fault (AUC {alone:.2f})"
                refused.append(Refusal(name, words))
            elif alone >= DOUBTFUL_ALONE:
                words = f"alone it tells much (AUC {alone:.2f}); is it known before the result?"
                doubtful.append(Refusal(name, words))
    return Guarded(tuple(refused), tuple(doubtful))


def by_cells(cells: Sequence[str], y: Floats, kind: Kind) -> str:
    """Return why cells betray the result: filled, or a value, with one kind of result only."""
    filled = np.array([bool(c) for c in cells])
    found = [(y[filled], "it is filled in"), (y[~filled], "it is left empty")]
    if filled.all() or not filled.any():
        found = []
    if kind in {Kind.NUMBER, Kind.CATEGORY}:
        found += _values(cells, y, kind)
    rate = float(y.mean())
    told = ((words, _one_sided(some, rate)) for some, words in found)
    return next((f"{words} {which}" for words, which in told if which), "")


def _values(cells: Sequence[str], y: Floats, kind: Kind) -> list[tuple[Floats, str]]:
    levels, code = _coded(cells)
    if len(levels) <= MOST_LEVELS:
        return [(y[code == at], f"“{v[:40]}” stands") for at, v in enumerate(levels) if v]
    if kind is Kind.CATEGORY:
        return []
    numbers = numbers_of(cells)
    return [(y[numbers > 0], "it is more than zero"), (y[numbers == 0], "it is zero")]


def alone_auc(cells: Sequence[str], y: Floats, kind: Kind) -> float:
    """Return the AUC of one column by itself, each half of the rows judged by the other."""
    if kind is Kind.NUMBER:
        numbers = numbers_of(cells)
        edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, 33)[1:-1]))
        code = np.where(np.isnan(numbers), len(edges) + 1, np.searchsorted(edges, numbers))
    else:
        code = _coded(cells)[1]
    half = np.arange(len(y)) % 2
    rate = float(y.mean())
    score = np.zeros(len(y))
    for side in (0, 1):
        seen = half != side
        hits = np.bincount(code[seen], weights=y[seen], minlength=code.max() + 1)
        rows = np.bincount(code[seen], minlength=code.max() + 1)
        score[~seen] = ((hits + 10 * rate) / (rows + 10))[code[~seen]]
    return area(y, score).auc


def first_date(table: Table, kinds: dict[str, Kind]) -> str:
    """Return the column that says when a row began: always filled, earliest in most rows.

    A day of birth or of founding is none: such days lie many years apart.
    """
    whole = {
        name: days
        for name, kind in kinds.items()
        if kind is Kind.DATE
        and np.isnan(days := days_of(table.columns[name])).mean() < 0.02
        and np.ptp(np.nanquantile(days, [0.05, 0.95])) < _LONGEST_SPAN
    }
    if not whole:
        return ""
    return min(whole, key=lambda n: (float(np.nanmean(whole[n])), n))


def _by_time(table: Table, kinds: dict[str, Kind]) -> dict[str, str]:
    first = first_date(table, kinds)
    if not first:
        return {}
    began = days_of(table.columns[first])
    late: dict[str, str] = {}
    for name, kind in kinds.items():
        if kind is not Kind.DATE or name == first:
            continue
        days = days_of(table.columns[name])
        both = ~np.isnan(days) & ~np.isnan(began)
        if both.sum() >= 20 and np.mean(days[both] > began[both]) > 0.5:
            late[name] = f"most of its dates lie after {first}, when the row began"
    return late


def _one_sided(y: NDArray[np.float64], rate: float) -> str:
    rows = len(y)
    if not rows:
        return ""
    hits = float(y.sum())
    if hits >= rows * 0.998 and -rows * np.log(rate) > SURPRISE:
        return "with a result only"
    if hits <= rows * 0.001 * rate and -rows * np.log(1 - rate) > SURPRISE:
        return "without a result only"
    return ""


def _coded(cells: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    levels = list(dict.fromkeys(cells))
    place = {level: at for at, level in enumerate(levels)}
    return levels, np.array([place[c] for c in cells], dtype=np.int64)


def _as_target(name: str, target: str) -> str:
    said = plain(target)
    if said and re.fullmatch(
        rf"(is |has |date |days to )?{re.escape(said)}( (date|at|on|time|by|flag|amount|value|reason))+",
        plain(name),
    ):
        return f"by its name it belongs to {target}"
    return ""
