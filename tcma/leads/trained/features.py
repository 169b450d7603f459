"""Columns as numbers a model can learn from: bins and levels for the linear one, codes for the trees."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from tcma.leads.trained.table import Floats, Kind, Table, days_of, numbers_of

_RAREST = 15
_MOST_LEVELS = 200
_BINS = 8
_FEW = 24


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column of numbers: edges between its bins, and how it is centred."""

    name: str
    edges: tuple[float, ...]
    middle: float
    spread: float


@dataclass(frozen=True, slots=True)
class Levels:
    """A column of words: those seen often enough; all others are one level, empty cells another."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """A column of dates, of which the month and the weekday are told, never the day itself."""

    name: str


Plan = tuple[Numbers | Levels | Days, ...]


def plan_of(table: Table, kinds: Mapping[str, Kind]) -> Plan:
    """Look at training rows and say how each column is read; ids, text and constants are not."""
    plan: list[Numbers | Levels | Days] = []
    for name, cells in table.columns.items():
        if kinds[name] is Kind.NUMBER:
            plan.append(_numbers(name, numbers_of(cells)))
        elif kinds[name] is Kind.CATEGORY:
            seen = Counter(c for c in cells if c)
            often = sorted(((-n, c) for c, n in seen.items() if n >= min(_RAREST, len(cells) / 50)))
            plan.append(Levels(name, tuple(c for _, c in often[:_MOST_LEVELS])))
        elif kinds[name] is Kind.DATE:
            plan.append(Days(name))
    return tuple(plan)


def _numbers(name: str, numbers: Floats) -> Numbers:
    known = numbers[~np.isnan(numbers)]
    values = np.unique(known)
    if len(values) <= _FEW:
        edges = (values[1:] + values[:-1]) / 2
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    squeezed = _squeeze(known)
    return Numbers(
        name,
        tuple(float(e) for e in edges),
        float(squeezed.mean()),
        float(squeezed.std()) or 1.0,
    )


def _squeeze(numbers: Floats) -> Floats:
    return np.asarray(np.sign(numbers) * np.log1p(np.abs(numbers)))


def linear(plan: Plan, table: Table) -> sparse.csr_matrix:
    """Return rows for the logistic model: each bin and level a column, numbers also as they are."""
    parts: list[sparse.spmatrix] = []
    for one in plan:
        cells = table.columns[one.name]
        if isinstance(one, Numbers):
            numbers = numbers_of(cells)
            gone = np.isnan(numbers)
            level = (_squeeze(numbers) - one.middle) / one.spread
            level[gone] = 0.0
            parts.append(sparse.csr_matrix(np.clip(level, -5, 5)[:, None]))
            parts.append(
                _flags(
                    np.where(gone, len(one.edges) + 1, np.searchsorted(one.edges, numbers)),
                    len(one.edges) + 2,
                )
            )
        elif isinstance(one, Levels):
            parts.append(_flags(_codes(one, cells), len(one.levels) + 2))
        else:
            month, weekday = _calendar(days_of(cells))
            parts += [_flags(month, 13), _flags(weekday, 8)]
    return sparse.csr_matrix(sparse.hstack(parts, format="csr"))


def width_of(one: Numbers | Levels | Days) -> int:
    """Return how many columns `linear` makes of one."""
    if isinstance(one, Numbers):
        return len(one.edges) + 3
    return len(one.levels) + 2 if isinstance(one, Levels) else 21


def coded(plan: Plan, table: Table) -> tuple[Floats, list[bool]]:
    """Return rows for the trees, and which columns are codes of levels."""
    columns: list[Floats] = []
    is_level: list[bool] = []
    for one in plan:
        cells = table.columns[one.name]
        if isinstance(one, Numbers):
            columns.append(numbers_of(cells))
            is_level.append(False)
        elif isinstance(one, Levels):
            codes = _codes(one, cells).astype(np.float64)
            codes[codes == len(one.levels) + 1] = np.nan
            columns.append(codes)
            is_level.append(True)
        else:
            month, weekday = _calendar(days_of(cells))
            columns += [month.astype(np.float64), weekday.astype(np.float64)]
            is_level += [False, True]
    return np.column_stack(columns), is_level


def _codes(one: Levels, cells: list[str]) -> np.ndarray:
    known = {c: at for at, c in enumerate(one.levels)}
    other, gone = len(one.levels), len(one.levels) + 1
    return np.array([known.get(c, other) if c else gone for c in cells], dtype=np.int64)


def _flags(codes: np.ndarray, width: int) -> sparse.csr_matrix:
    rows = len(codes)
    return sparse.csr_matrix(
        (np.ones(rows), codes.astype(np.int64), np.arange(rows + 1)), shape=(rows, width)
    )


def _calendar(days: Floats) -> tuple[np.ndarray, np.ndarray]:
    whole = np.where(np.isnan(days), 1, days).astype(np.int64)
    since = (whole - 1).astype("timedelta64[D]") + np.datetime64("0001-01-01")
    month = since.astype("datetime64[M]").astype(np.int64) % 12 + 1
    gone = np.isnan(days)
    return np.where(gone, 0, month), np.where(gone, 0, (whole - 1) % 7 + 1)
