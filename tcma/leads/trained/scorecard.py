"""A score a desk can read: one logistic table, kept as JSON, applied by adding, explained in words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tcma.leads.trained.features import Days, Levels, Numbers, Plan, linear, width_of
from tcma.leads.trained.table import Floats, Table, days_of, numbers_of

_TELLING = 0.08
"""Log odds below which a value is not worth a word."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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

    def reasons(self, table: Table, *, most: int = 4) -> list[list[str]]:
        """Return for each row what speaks for and against it, the strongest first."""
        parts = self.parts(table) * self.slope
        names = [one.name for one in self.plan]
        said = [_values(one, table.columns[one.name]) for one in self.plan]
        found = []
        for row in range(table.rows):
            order = np.argsort(-np.abs(parts[row]), kind="stable")[:most]
            found.append(
                [
                    f"{names[at]} {said[at][row]} speaks {'for' if parts[row, at] > 0 else 'against'} it"
                    for at in order.tolist()
                    if abs(parts[row, at]) >= _TELLING
                ]
            )
        return found

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


def _values(one: Numbers | Levels | Days, cells: Sequence[str]) -> list[str]:
    if isinstance(one, Numbers):
        return [_span(one, n) for n in numbers_of(cells).tolist()]
    if isinstance(one, Levels):
        known = set(one.levels)
        return [f"“{c}”" if c in known else "that is rare" if c else "left empty" for c in cells]
    days = days_of(cells)
    return ["unknown" if np.isnan(d) else f"on a {_WEEKDAYS[int(d - 1) % 7]}" for d in days]


def _span(one: Numbers, number: float) -> str:
    if np.isnan(number):
        return "left empty"
    if not one.edges:
        return f"{number:g}"
    at = int(np.searchsorted(one.edges, number))
    if at == 0:
        return f"up to {one.edges[0]:g}"
    if at == len(one.edges):
        return f"over {one.edges[-1]:g}"
    return f"{one.edges[at - 1]:g} to {one.edges[at]:g}"
