"""The picture above a report's table: what its numbers would say to somebody who only looks."""

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from tcma.money import Money
from tcma.reporting.figures import Line, Report
from tcma.reporting.pace_report import SHORT_WORDS
from tcma.web import charts, filters
from tcma.web.reading import reader

FEWEST, MOST, ZERO = 2, 10, Decimal(0)
PARTS = (("available", "ink"), ("reserved", "work"), ("claimed", "need"), ("paid", "good"),
         ("expired", "stop"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A finding, its drawing, and the same numbers as a small table."""

    finding: str
    drawing: Markup
    columns: tuple[str, str]
    rows: tuple[tuple[str, str], ...]


def picture_of(report: Report) -> Picture | None:
    """Return the picture of funds, pace or spend; None of others and while there is nothing."""
    drawn = {"funds": _funds, "pace": _pace, "spend": _spend}.get(report.name)
    return drawn(report) if drawn and report.lines else None


def _funds(report: Report) -> Picture | None:
    """One fund as its parts; of several, how much of each is used."""
    if len(report.lines) == 1:
        return _parts(report.lines[0])
    used = [(line.name, (line.figure("utilisation").rate_bps or 0) / 100) for line in report.lines]
    best = sorted(used, key=lambda pair: -pair[1])[:MOST]
    if not best[0][1]:
        return None
    rows = tuple((name, _percent(value)) for name, value in best)
    finding = f"{rows[0][0]} is used most: {rows[0][1]} of what was allocated is paid."
    drawing = charts.ranked(finding, best, write=_percent)
    return Picture(finding, drawing, ("Fund", "Utilisation"), rows)


def _parts(line: Line) -> Picture | None:
    figures = [(line.figure(key), tone) for key, tone in PARTS]
    parts = [
        (figure.label, figure.value, tone)
        for figure, tone in figures
        if isinstance(figure.value, Money) and figure.value.minor > 0
    ]
    if not parts:
        return None
    locale = reader().locale
    finding = f"{line.name}: {_percent((line.figure('utilisation').rate_bps or 0) / 100)} is used."
    drawing = charts.whole(finding, [(label, float(m.major), tone) for label, m, tone in parts])
    rows = tuple((label, filters.money(m, locale=locale)) for label, m, _ in parts)
    return Picture(finding, drawing, ("Part", "Sum"), rows)


def _pace(report: Report) -> Picture | None:
    known = [
        (SHORT_WORDS[line.key], line.figure("median").value)
        for line in report.lines
        if line.figure("median").value is not None
    ]
    points = [(name, float(days)) for name, days in known if isinstance(days, Decimal)]
    if not points:
        return None
    alone = [(line.name, line.figure("median").value) for line in report.lines[:-1]]
    slowest = max(alone, key=lambda pair: pair[1] if isinstance(pair[1], Decimal) else ZERO)[0]
    finding = f"Most days go by here: {slowest[:1].lower()}{slowest[1:]}."

    def tenths(days: float) -> str:
        return filters.tenths(Decimal(str(days)), locale=locale)

    locale = reader().locale
    rows = tuple((name, tenths(days)) for name, days in points)
    drawing = charts.steps(f"Median days by stage. {finding}", points, write=tenths)
    return Picture(finding, drawing, ("Stage", "Median days"), rows)


def _spend(report: Report) -> Picture | None:
    costs = [
        (line.name, line.figure("cost_per_lead").value)
        for line in report.lines
        if isinstance(line.figure("cost_per_lead").value, Money)
    ]
    priced = [(name, cost) for name, cost in costs if isinstance(cost, Money)]
    if len(priced) < FEWEST or len({cost.currency for _, cost in priced}) > 1:
        return None
    ordered = sorted(priced, key=lambda pair: -pair[1].minor)[:MOST]
    locale = reader().locale
    rows = tuple((name, filters.money(cost, locale=locale)) for name, cost in ordered)
    finding = f"A lead of {rows[-1][0]} costs least: {rows[-1][1]}."
    points = [(name, float(cost.minor)) for name, cost in ordered]
    currency = priced[0][1].currency

    def priced_as(minor: float) -> str:
        return filters.money(Money(round(minor), currency), locale=locale)

    drawing = charts.ranked(finding, points, write=priced_as)
    return Picture(finding, drawing, ("Campaign", "Cost per lead"), rows)


def _percent(value: float) -> str:
    return filters.percent(value / 100, locale=reader().locale)
