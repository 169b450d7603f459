"""From closed leads to a score and its card: time-split, guarded, held against the points by rule."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tcma.leads.trained.evaluation import WORTH_SHOWING
from tcma.leads.trained.features import Plan, plan_of
from tcma.leads.trained.leakage import guard
from tcma.leads.trained.learning import learn_card
from tcma.leads.trained.measures import area, average_precision, brier, drift, lift, reliability
from tcma.leads.trained.scorecard import Scorecard, shares
from tcma.leads.trained.table import Floats, Kind, Table, kind_of

FEWEST_CLOSED = 200
FEWEST_EACH = 30
JUDGED = 0.3
"""Share of the newest closed leads that only judge; a score is never judged on what it learnt from."""
DRIFTED = 0.25
_UNUSED = {Kind.ID, Kind.TEXT, Kind.CONSTANT}


@dataclass(frozen=True, slots=True)
class Trained:
    """A card of figures, whether the score may be shown, and the score itself."""

    card: dict[str, Any]
    shown: bool
    scorecard: Scorecard


def enough(closed: int, won: int) -> bool:
    """Say whether a vendor has closed leads enough to learn from."""
    return closed >= FEWEST_CLOSED and min(won, closed - won) >= FEWEST_EACH


def train(table: Table, y: Floats, points: Floats, order: Floats) -> Trained:
    """Learn from the older leads, judge on the newer, hold it against the points by rule.

    `order` are the instants of arrival, `points` what the rules gave on arrival.
    """
    by_time = np.argsort(order, kind="stable")
    cut = int(len(y) * (1 - JUDGED))
    old, new = by_time[:cut], by_time[cut:]
    kinds = {name: kind_of(name, cells) for name, cells in table.columns.items()}
    past = table.taking(old)
    guarded = guard(past, y[old], kinds, target="won")
    refused = {r.column: r.reason for r in guarded.refused}
    kept = table.without([*refused, *(n for n, k in kinds.items() if k in _UNUSED)])
    plan = plan_of(kept.taking(old), kinds)
    learnt = learn_card(kept.taking(old), y[old], plan, order=order[old])
    later = kept.taking(new)
    margins, chance = learnt.card.margins(later), learnt.card.chances(later)
    judged, by_points = area(y[new], margins), area(y[new], points[new])
    shown, why = _verdict(learnt.unseen.low, judged.auc, by_points.auc)
    card = {
        "closed": len(y),
        "won": int(y.sum()),
        "learnt_from": len(old),
        "judged_on": len(new),
        "auc": round(judged.auc, 4),
        "auc_low": round(judged.low, 4),
        "auc_high": round(judged.high, 4),
        "auc_points": round(by_points.auc, 4),
        "brier": round(brier(y[new], chance), 5),
        "brier_of_rate": round(brier(y[new], np.full(len(new), y[old].mean())), 5),
        "average_precision": round(average_precision(y[new], margins), 4),
        "lift_10": round(lift(y[new], margins), 3),
        "lift_10_points": round(lift(y[new], points[new]), 3),
        "reliability": [
            [b.rows, round(b.said, 4), round(b.came, 4)]
            for b in reliability(y[new], chance, bins=6)
        ],
        "refused": refused,
        "doubtful": {r.column: r.reason for r in guarded.doubtful},
        "shares": {n: s.tolist() for n, s in shares(plan, kept.taking(old)).items()},
        "why": why,
    }
    return Trained(card, shown, learnt.card)


def drifts(card: dict[str, Any], plan: Plan, lately: Table) -> list[tuple[str, float]]:
    """Return how far the leads that come now differ from those learnt from, the worst first."""
    now = shares(plan, lately)
    found = [
        (name, round(drift(np.array(before), now[name]), 3))
        for name, before in card["shares"].items()
        if name in now
    ]
    return sorted(found, key=lambda f: -f[1])


def _verdict(low: float, auc: float, points: float) -> tuple[bool, str]:
    if low < WORTH_SHOWING or auc < WORTH_SHOWING:
        return False, (
            "These leads do not tell who will buy: on leads it had not seen the score was right "
            f"about {auc * 100:.0f} of 100 pairs, and a coin has 50. So no chance is shown and the "
            "points by rule stay."
        )
    if auc <= points:
        return False, (
            f"The points by rule are as good: right about {points * 100:.0f} of 100 pairs, the "
            f"trained score about {auc * 100:.0f}. So the points stay: you can read them."
        )
    return True, (
        f"The trained score puts the right one of two leads first in {auc * 100:.0f} of 100 pairs, "
        f"the points by rule in {points * 100:.0f}. So its chance is shown beside the points."
    )
