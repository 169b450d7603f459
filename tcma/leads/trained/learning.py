"""Which model a set of closed leads gets: logistic, boosted trees or both, by cross-validation; calibrated."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tcma.leads.trained.features import Plan, coded, linear, width_of
from tcma.leads.trained.measures import Area, area, log_loss
from tcma.leads.trained.scorecard import Scorecard
from tcma.leads.trained.table import Floats, Table

SEED = 20_260
FOLDS = 5
_MOST_CHOOSING = 25_000
_PENALTIES = (0.003, 0.02, 0.15)
_TREES: tuple[dict[str, Any], ...] = (
    {"max_leaf_nodes": 6, "min_samples_leaf": 30, "l2_regularization": 5.0, "max_features": 0.5},
    {"max_leaf_nodes": 16, "min_samples_leaf": 20, "l2_regularization": 1.0, "max_features": 0.5},
)
_RATE = 0.08
_ROUNDS = (15, 30, 50, 75, 105, 140, 180)
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_BAGS = 3
Split = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class Learnt:
    """A fitted score: what it is made of, and how it did on rows it had not seen."""

    words: str
    plan: Plan
    share: float
    logistic: Any
    trees: tuple[Any, ...]
    slope: float
    offset: float
    rate: float
    unseen: Area
    unseen_chance: Floats

    def margins(self, table: Table) -> Floats:
        """Return the log odds of rows before calibration."""
        total = np.zeros(table.rows)
        if self.share < 1:
            total += (1 - self.share) * self.logistic.decision_function(linear(self.plan, table))
        if self.share > 0:
            rows, _ = coded(self.plan, table)
            with one_thread():
                each = [t.decision_function(rows) for t in self.trees]
            total += self.share * np.mean(each, axis=0)
        return total

    def calibrated(self, margins: Floats) -> Floats:
        """Return the probability of a result that log odds stand for."""
        return _chance(self.slope * margins + self.offset)

    def chances(self, table: Table) -> Floats:
        """Return the calibrated probability of a result for each row."""
        return self.calibrated(self.margins(table))


@dataclass(frozen=True, slots=True)
class CardLearnt:
    """A card, and how well it ordered rows it had not seen."""

    card: Scorecard
    unseen: Area


def learn_card(table: Table, y: Floats, plan: Plan, *, order: Floats | None = None) -> CardLearnt:
    """Learn the logistic model alone, as a table of weights that a desk can keep and read."""
    flat = linear(plan, table)
    parts = splits(y, order)
    with one_thread():
        penalty, margins = _best_logistic(flat, y, parts)
        slope, offset, _ = _calibrated(y, margins, parts)
        model = _logistic(flat, y, penalty)
    weights = model.coef_[0]
    usual, at = [], 0
    for one in plan:
        wide = width_of(one)
        usual.append(float(np.mean(flat[:, at : at + wide] @ weights[at : at + wide])))
        at += wide
    card = Scorecard(
        plan=plan,
        weights=tuple(float(w) for w in weights),
        intercept=float(model.intercept_[0]),
        slope=slope,
        offset=offset,
        mean=tuple(usual),
    )
    return CardLearnt(card, _unseen(y, margins, parts))


def splits(y: Floats, order: Floats | None) -> list[Split]:
    """Return the folds: contiguous in time when rows have an order, else drawn by class."""
    if order is not None:
        blocks = np.array_split(np.argsort(order, kind="stable"), FOLDS)
    else:
        draw = np.random.default_rng(SEED)
        place = np.zeros(len(y), dtype=np.int64)
        for value in (0.0, 1.0):
            rows = np.flatnonzero(y == value)
            place[draw.permutation(rows)] = np.arange(len(rows)) % FOLDS
        blocks = [np.flatnonzero(place == fold) for fold in range(FOLDS)]
    everything = np.arange(len(y))
    found = [(np.setdiff1d(everything, b), b) for b in blocks]
    return [(a, b) for a, b in found if 0 < y[a].sum() < len(a)]


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the libraries to one thread: OpenMP's wait for a busy core twenty times what they save."""
    import sklearn.ensemble  # noqa: F401 - loads the libraries that are held
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def learn(table: Table, y: Floats, plan: Plan, *, order: Floats | None = None) -> Learnt:
    """Choose by cross-validation, calibrate on the held-out predictions, fit on all rows."""
    with one_thread():
        return _learn(table, y, plan, order=order)


def _learn(table: Table, y: Floats, plan: Plan, *, order: Floats | None) -> Learnt:
    flat = linear(plan, table)
    rows, is_level = coded(plan, table)
    some = _some(len(y))
    tried_y = y[some]
    parts = splits(tried_y, None if order is None else order[some])
    held = np.concatenate([b for _, b in parts])
    penalty, by_logistic = _best_logistic(flat[some], tried_y, parts)
    shape, by_trees = _best_trees(rows[some], is_level, tried_y, parts)
    share = _best_share(tried_y[held], by_logistic[held], by_trees[held])
    margins = (1 - share) * by_logistic + share * by_trees
    slope, offset, chance = _calibrated(tried_y, margins, parts)
    return Learnt(
        words=_words(share),
        plan=plan,
        share=share,
        logistic=_logistic(flat, y, penalty) if share < 1 else None,
        trees=tuple(_bags(rows, is_level, y, shape)) if share > 0 else (),
        slope=slope,
        offset=offset,
        rate=float(y.mean()),
        unseen=_unseen(tried_y, margins, parts),
        unseen_chance=chance,
    )


def _unseen(y: Floats, margins: Floats, parts: Sequence[Split]) -> Area:
    """The mean of the folds: a model is asked to order the rows of one time, not the times."""
    each = [area(y[held], margins[held]) for _, held in parts if 0 < y[held].sum() < len(held)]
    mean = float(np.mean([a.auc for a in each]))
    error = float(np.sqrt(sum(((a.high - a.low) / 2) ** 2 for a in each)) / len(each))
    return Area(mean, mean - error, mean + error)


def _some(rows: int) -> NDArray[np.intp]:
    """The rows that choose a model: all of them, or enough of a large file that it takes a minute."""
    if rows <= _MOST_CHOOSING:
        return np.arange(rows)
    drawn = np.random.default_rng(SEED).choice(rows, _MOST_CHOOSING, replace=False)
    return np.sort(drawn)


def ordered_in_time(y: Floats) -> bool:
    """Say whether the rate of results changes along the file, as a file in order of time shows."""
    blocks = np.array_split(y, 20)
    if len(y) < 1_000:
        return False
    rate = y.mean()
    spread = sum(len(b) * (b.mean() - rate) ** 2 for b in blocks) / (rate * (1 - rate))
    return bool(spread > 80)  # chi-square of 19 degrees: far beyond one in a million


def _best_logistic(
    flat: sparse.csr_matrix, y: Floats, parts: Sequence[Split]
) -> tuple[float, Floats]:
    tried: list[tuple[float, float, Floats]] = []
    for penalty in _PENALTIES:
        margins = np.zeros(len(y))
        for seen, held in parts:
            model = _logistic(flat[seen], y[seen], penalty)
            margins[held] = model.decision_function(flat[held]) + _shift(y, seen)
        tried.append((_loss(y, margins, parts), penalty, margins))
    _, penalty, margins = min(tried, key=lambda t: t[:2])
    return penalty, margins


def _best_trees(
    rows: Floats, is_level: list[bool], y: Floats, parts: Sequence[Split]
) -> tuple[dict[str, Any], Floats]:
    tried: list[tuple[float, int, int, Floats]] = []
    for place, shape in enumerate(_TREES):
        margins = {r: np.zeros(len(y)) for r in _ROUNDS}
        for seen, held in parts:
            model = _trees(rows[seen], is_level, y[seen], **shape)
            for done, staged in _staged(model, rows[held]):
                margins[done][held] = staged + _shift(y, seen)
        tried += [(_loss(y, margins[r], parts), place, r, margins[r]) for r in _ROUNDS]
    _, place, rounds, best = min(tried, key=lambda t: t[:3])
    return _TREES[place] | {"max_iter": rounds}, best


def _staged(model: Any, rows: Floats) -> Iterator[tuple[int, Floats]]:
    for done, staged in enumerate(model.staged_decision_function(rows), 1):
        if done in _ROUNDS:
            yield done, staged.ravel()


def _loss(y: Floats, margins: Floats, parts: Sequence[Split]) -> float:
    held = np.concatenate([b for _, b in parts])
    return log_loss(y[held], _chance(margins[held]))


def _best_share(y: Floats, by_logistic: Floats, by_trees: Floats) -> float:
    tried = [
        (log_loss(y, _chance((1 - s) * by_logistic + s * by_trees)), abs(s - 0.5), s)
        for s in _SHARES
    ]
    return min(tried)[2]


def _calibrated(y: Floats, margins: Floats, parts: Sequence[Split]) -> tuple[float, float, Floats]:
    chance = np.full(len(y), float(y.mean()))
    for _, held in parts:
        others = np.concatenate([b for _, b in parts if b is not held])
        slope, offset = _sigmoid(y[others], margins[others])
        chance[held] = _chance(slope * margins[held] + offset)
    held = np.concatenate([b for _, b in parts])
    slope, offset = _sigmoid(y[held], margins[held])
    return slope, offset, chance


def _sigmoid(y: Floats, margins: Floats) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e3).fit(margins[:, None], y)
    slope = float(model.coef_[0, 0])
    return (slope, float(model.intercept_[0])) if slope > 0 else (0.0, _odds(float(y.mean())))


def _logistic(flat: sparse.csr_matrix, y: Floats, penalty: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unfinished search is judged by its loss like any other
        return LogisticRegression(C=penalty, max_iter=300, tol=1e-3).fit(flat, y)


def _trees(
    rows: Floats,
    is_level: list[bool],
    y: Floats,
    *,
    max_iter: int = _ROUNDS[-1],
    random_state: int = SEED,
    **shape: Any,
) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        learning_rate=_RATE,
        max_iter=max_iter,
        early_stopping=False,
        categorical_features=is_level,
        random_state=random_state,
        **shape,
    )
    return model.fit(rows, y)


def _bags(rows: Floats, is_level: list[bool], y: Floats, shape: dict[str, Any]) -> Iterator[Any]:
    for bag in range(_BAGS):
        yield _trees(rows, is_level, y, random_state=SEED + bag, **shape)


def _shift(y: Floats, seen: NDArray[np.intp]) -> float:
    """What a fold's own rate of results would add: rows of one month are not judged by another's."""
    return _odds(float(y.mean())) - _odds(float(y[seen].mean()))


def _odds(rate: float) -> float:
    return float(np.log(rate / (1 - rate)))


def _chance(margins: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(margins, -30, 30))))


def _words(share: float) -> str:
    if share == 0:
        return "logistic"
    return "boosted trees" if share == 1 else "logistic and boosted trees"
