"""How good a ranking and a probability are: AUC with its bounds, average precision, lift, Brier, drift."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Area:
    """Area under the ROC curve with the bounds of 95 % (DeLong)."""

    auc: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows with a like probability: how many, what was said, what came."""

    rows: int
    said: float
    came: float


def area(y: Floats, score: Floats) -> Area:
    """Return the AUC of a score: how often a result stands above a row without one."""
    good, bad = score[y == 1], score[y == 0]
    m, n = len(good), len(bad)
    if not m or not n:
        return Area(0.5, 0.0, 1.0)
    ranks = rankdata(np.concatenate([good, bad]))
    above = (ranks[:m] - rankdata(good)) / n
    below = 1 - (ranks[m:] - rankdata(bad)) / m
    auc = float(above.mean())
    if m < 2 or n < 2:
        return Area(auc, 0.0, 1.0)
    error = float(np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n))
    return Area(auc, max(auc - 1.96 * error, 0.0), min(auc + 1.96 * error, 1.0))


def average_precision(y: Floats, score: Floats) -> float:
    """Return the mean precision over the results, rows with an equal score taken together."""
    order = np.argsort(-score, kind="stable")
    hits, sorted_score = y[order], score[order]
    last = np.append(np.diff(sorted_score) != 0, True)
    found = np.cumsum(hits)[last]
    rows = np.flatnonzero(last) + 1
    gained = np.diff(np.concatenate([[0.0], found]))
    return float(np.sum(gained * found / rows) / max(y.sum(), 1))


def lift(y: Floats, score: Floats, *, share: float = 0.1) -> float:
    """Return how many times more results the best `share` holds than a draw; ties count in part."""
    rows = max(round(len(y) * share), 1)
    edge = np.sort(score)[::-1][rows - 1]
    sure, tied = score > edge, score == edge
    hits = y[sure].sum() + y[tied].mean() * (rows - sure.sum())
    return float(hits / rows / max(y.mean(), 1e-12))


def brier(y: Floats, chance: Floats) -> float:
    """Return the mean squared distance of probability and result."""
    return float(np.mean((y - chance) ** 2))


def log_loss(y: Floats, chance: Floats) -> float:
    """Return the mean surprise of the results."""
    p = np.clip(chance, 1e-9, 1 - 1e-9)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def reliability(y: Floats, chance: Floats, *, bins: int = 10) -> tuple[Bin, ...]:
    """Return groups of equal size by probability: what was said beside what came."""
    parts = np.array_split(np.argsort(chance, kind="stable"), min(bins, max(len(y) // 20, 1)))
    return tuple(Bin(len(p), float(chance[p].mean()), float(y[p].mean())) for p in parts if len(p))


def drift(before: Floats, after: Floats) -> float:
    """Return the population stability index of two sets of shares; above 0.25 they differ much."""
    a = (before + 0.5) / (before.sum() + 0.5 * len(before))
    b = (after + 0.5) / (after.sum() + 0.5 * len(after))
    return float(np.sum((b - a) * np.log(b / a)))
