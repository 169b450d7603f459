"""A score a desk can read: one logistic table, kept as JSON, applied by adding."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tcma.leads.trained.features import Days, Levels, Numbers, Plan, linear, width_of
from tcma.leads.trained.table import Floats, Table


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Weights per bin and level; `mean` is what a usual lead gets from each column."""

    plan: Plan
    weights: tuple[float, ...]
    intercept: float
    slope: float
    offset: float
    mean: tuple[float, ...]

    def parts(self, table: Table) -> Floats:
        """Return what each column adds to each row, beside what it adds to a usual lead."""
        rows = linear(self.plan, table)
        found, at = [], 0
        for one, usual in zip(self.plan, self.mean, strict=True):
            wide = width_of(one)
            share = rows[:, at : at + wide] @ np.array(self.weights[at : at + wide])
            found.append(np.asarray(share).ravel() - usual)
            at += wide
        return np.column_stack(found)

    def margins(self, table: Table) -> Floats:
        """Return the log odds of each row before calibration."""
        return np.asarray(self.parts(table).sum(axis=1) + self.intercept + sum(self.mean))

    def chances(self, table: Table) -> Floats:
        """Return the probability of a result for each row."""
        level = self.slope * self.margins(table) + self.offset
        return np.asarray(1 / (1 + np.exp(-np.clip(level, -30, 30))))

    def as_json(self) -> dict[str, Any]:
        """Return the card as plain data: reading it back runs nothing."""
        columns = [{"kind": type(one).__name__.lower(), **asdict(one)} for one in self.plan]
        return {
            "columns": columns,
            "weights": list(self.weights),
            "intercept": self.intercept,
            "slope": self.slope,
            "offset": self.offset,
            "mean": list(self.mean),
        }


def from_json(kept: Mapping[str, Any]) -> Scorecard:
    """Return the card that `as_json` kept."""
    plan: list[Numbers | Levels | Days] = []
    for column in kept["columns"]:
        if column["kind"] == "numbers":
            edges = tuple(column["edges"])
            plan.append(Numbers(column["name"], edges, column["middle"], column["spread"]))
        elif column["kind"] == "levels":
            plan.append(Levels(column["name"], tuple(column["levels"])))
        else:
            plan.append(Days(column["name"]))
    return Scorecard(
        tuple(plan),
        tuple(kept["weights"]),
        kept["intercept"],
        kept["slope"],
        kept["offset"],
        tuple(kept["mean"]),
    )


def shares(plan: Plan, table: Table) -> dict[str, Floats]:
    """Return how rows fall on the bins and levels of each column: what drift is measured on."""
    rows = linear(plan, table)
    found, at = {}, 0
    for one in plan:
        wide, plain = width_of(one), int(isinstance(one, Numbers))
        counted = np.asarray(rows[:, at + plain : at + wide].sum(axis=0)).ravel()
        found[one.name] = counted.astype(np.float64)
        at += wide
    return found
