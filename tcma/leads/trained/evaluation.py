"""An honest test of a score: learn on one file, judge on another, and say when there is no ranking."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tcma.errors import Invalid
from tcma.leads.trained.features import plan_of
from tcma.leads.trained.leakage import Refusal, first_date, guard
from tcma.leads.trained.learning import learn, ordered_in_time
from tcma.leads.trained.measures import Area, area, average_precision, brier, lift, log_loss
from tcma.leads.trained.table import (
    Floats,
    Kind,
    Table,
    days_of,
    kind_of,
    positive_words,
    target_of,
)

FEWEST_EACH = 20
"""Rows with a result, and rows without, below which nothing can be learnt."""
WORTH_SHOWING = 0.53
"""A ranking is shown when, with 95 % certainty, it is right more often than this."""
_SET_ASIDE = {
    Kind.ID: "every row has its own: it names the row",
    Kind.TEXT: "free text",
    Kind.CONSTANT: "it is the same in every row",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What came of it; `why` is the verdict in a sentence."""

    auc: float
    brier: float
    average_precision: float
    lift_10: float
    refused_columns: tuple[str, ...]
    ranking_shown: bool
    why: str
    reasons: dict[str, str]
    doubtful: dict[str, str]
    set_aside: dict[str, str]
    model: str
    auc_bounds: tuple[float, float]
    auc_unseen: float
    auc_unseen_bounds: tuple[float, float]
    brier_of_rate: float
    log_loss: float
    train_rows: int
    test_rows: int
    rate_train: float
    rate_test: float
    in_time: str
    rate_changes: bool


def evaluate(train: Table, test: Table, *, target: str, drop: Sequence[str] = ()) -> Evaluation:
    """Learn from `train`, judge on `test`; the guard sees training rows only.

    Invalid with a code of misuse when a column is missing or the target is no yes or no.
    """
    train, y, good = _with_target(train, target, "training", None)
    test, came, _ = _with_target(test, target, "test", good)
    train, set_aside = _dropped(train, test, drop)
    kinds = {name: kind_of(name, cells) for name, cells in train.columns.items()}
    guarded = guard(train, y, kinds, target=target)
    gone = {r.column for r in guarded.refused}
    set_aside |= {n: _SET_ASIDE[k] for n, k in kinds.items() if k in _SET_ASIDE and n not in gone}
    kept = train.without([*gone, *set_aside])
    first = first_date(train, kinds)
    order = days_of(train.columns[first]) if first and first not in gone else None
    plan = plan_of(kept, kinds)
    if not plan:
        return _nothing_to_learn(y, came, guarded.refused, set_aside)
    learnt = learn(kept, y, plan, order=order)
    margins = learnt.margins(test)
    chance = learnt.calibrated(margins)
    judged = area(came, margins)
    shown, why = verdict(learnt.unseen, judged)
    return Evaluation(
        auc=judged.auc,
        brier=brier(came, chance),
        average_precision=average_precision(came, margins),
        lift_10=lift(came, margins),
        refused_columns=tuple(r.column for r in guarded.refused),
        ranking_shown=shown,
        why=why,
        reasons={r.column: r.reason for r in guarded.refused},
        doubtful={r.column: r.reason for r in guarded.doubtful},
        set_aside=set_aside,
        model=learnt.words,
        auc_bounds=(judged.low, judged.high),
        auc_unseen=learnt.unseen.auc,
        auc_unseen_bounds=(learnt.unseen.low, learnt.unseen.high),
        brier_of_rate=brier(came, np.full(len(came), y.mean())),
        log_loss=log_loss(came, chance),
        train_rows=len(y),
        test_rows=len(came),
        rate_train=float(y.mean()),
        rate_test=float(came.mean()),
        in_time=first if order is not None else "",
        rate_changes=ordered_in_time(y),
    )


def verdict(unseen: Area, judged: Area) -> tuple[bool, str]:
    """Say whether a ranking is shown: both the held-out rows of training and the test must carry it."""
    if unseen.low < WORTH_SHOWING:
        return False, (
            f"No ranking is shown: on rows it had not seen the score orders {_percent(unseen.auc)} of "
            f"pairs rightly, with bounds of {_percent(unseen.low)} and {_percent(unseen.high)}; a coin "
            "has 50 %. These columns do not tell who will say yes."
        )
    if judged.high < WORTH_SHOWING or judged.auc <= 0.5:
        return False, (
            f"No ranking is shown: it held in training ({_percent(unseen.auc)} of pairs) and does "
            f"not hold in the test ({_percent(judged.auc)}). What made a result has changed since."
        )
    return True, (
        f"The ranking holds: of a row with a result and one without, it puts the right one first "
        f"in {_percent(judged.auc)} of pairs."
    )


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _with_target(
    table: Table, target: str, which: str, like: frozenset[str] | None
) -> tuple[Table, Floats, frozenset[str]]:
    cells = table.columns.get(target)
    if cells is None:
        raise _misuse(
            f"The {which} file has no column {target}.",
            f"It has: {', '.join(list(table.columns)[:12])}.",
        )
    seen = Counter(c.casefold() for c in cells if c)
    good = like if like is not None else positive_words(seen, name=target)
    y = target_of(cells, name=target, like=good)
    known = np.flatnonzero(~np.isnan(y))
    table, y = table.without([target]).taking(known), y[known]
    least = FEWEST_EACH if like is None else 1
    if min(y.sum(), len(y) - y.sum()) < least:
        raise _misuse(
            f"The {which} file has {int(y.sum())} rows with a result and "
            f"{int(len(y) - y.sum())} without.",
            f"It needs {least} or more of each.",
        )
    return table, y, good


def _dropped(train: Table, test: Table, drop: Sequence[str]) -> tuple[Table, dict[str, str]]:
    unknown = [d for d in drop if d not in train.columns and d not in test.columns]
    if unknown:
        raise _misuse(
            f"There is no column {', '.join(unknown)} to drop.",
            f"There are: {', '.join(list(train.columns)[:12])}.",
        )
    absent = [n for n in train.columns if n not in test.columns and n not in drop]
    return train.without([*drop, *absent]), dict.fromkeys(absent, "the test file does not have it")


def _nothing_to_learn(
    y: Floats, came: Floats, refused: Sequence[Refusal], set_aside: dict[str, str]
) -> Evaluation:
    flat = np.full(len(came), float(y.mean()))
    nothing = area(came, flat)
    return Evaluation(
        auc=0.5,
        brier=brier(came, flat),
        average_precision=average_precision(came, flat),
        lift_10=1.0,
        refused_columns=tuple(r.column for r in refused),
        ranking_shown=False,
        why="No ranking is shown: no column is left to learn from.",
        reasons={r.column: r.reason for r in refused},
        doubtful={},
        set_aside=set_aside,
        model="rate",
        auc_bounds=(nothing.low, nothing.high),
        auc_unseen=0.5,
        auc_unseen_bounds=(0.5, 0.5),
        brier_of_rate=brier(came, flat),
        log_loss=log_loss(came, flat),
        train_rows=len(y),
        test_rows=len(came),
        rate_train=float(y.mean()),
        rate_test=float(came.mean()),
        in_time="",
        rate_changes=ordered_in_time(y),
    )


def _misuse(what: str, remedy: str) -> Invalid:
    return Invalid(what, code="config.score", remedy=remedy)
