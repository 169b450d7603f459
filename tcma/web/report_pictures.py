"""The picture above a report's table: what its numbers would say to somebody who only looks."""

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from tcma.money import Money
from tcma.reporting.figures import Line, Report
from tcma.reporting.pace_report import SHORT_WORDS
from tcma.web import charts, filters
from tcma.web.reading import reader
from tcma.web.wording import told
from tcma.words import inside, joined, say

MEDIAN = say("median {value}")
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
    finding = say(
        "{fund} is used most: {share} of what was allocated is paid.",
        fund=rows[0][0],
        share=rows[0][1],
    )
    drawing = charts.ranked(told(finding), best, write=_percent, middle=told(MEDIAN))
    return Picture(finding, drawing, (say("Fund"), say("Utilisation")), rows)


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
    used = _percent((line.figure("utilisation").rate_bps or 0) / 100)
    finding = say("{fund}: {share} is used.", fund=line.name, share=used)
    drawn = [(told(label), float(m.major), tone) for label, m, tone in parts]
    drawing = charts.whole(told(finding), drawn)
    rows = tuple((label, filters.money(m, locale=locale)) for label, m, _ in parts)
    return Picture(finding, drawing, (say("Part"), say("Sum")), rows)


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
    finding = say("Most days go by here: {stage}.", stage=inside(slowest))

    def tenths(days: float) -> str:
        return filters.tenths(Decimal(str(days)), locale=locale)

    locale = reader().locale
    rows = tuple((name, tenths(days)) for name, days in points)
    drawn = [(told(name), days) for name, days in points]
    label = told(joined(say("Median days by stage."), finding))
    drawing = charts.steps(label, drawn, write=tenths)
    return Picture(finding, drawing, (say("Stage"), say("Median days")), rows)


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
    finding = say(
        "A lead of {campaign} costs least: {cost}.", campaign=rows[-1][0], cost=rows[-1][1]
    )
    points = [(name, float(cost.minor)) for name, cost in ordered]
    currency = priced[0][1].currency

    def priced_as(minor: float) -> str:
        return filters.money(Money(round(minor), currency), locale=locale)

    drawing = charts.ranked(told(finding), points, write=priced_as, middle=told(MEDIAN))
    return Picture(finding, drawing, (say("Campaign"), say("Cost per lead")), rows)


def _percent(value: float) -> str:
    return filters.percent(value / 100, locale=reader().locale)
