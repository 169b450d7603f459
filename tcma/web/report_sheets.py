"""A report as a page shows it: columns and cells with words, shares and addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tcma.money import Money
from tcma.reporting.figures import Figure, Line, Report, Value
from tcma.web import filters
from tcma.web.opening import address
from tcma.web.reading import reader
from tcma.web.report_words import definitions, line_definitions

NOTHING = "–"
COLUMNS = {
    "launches": ("sent", "clicked", "leads", "opportunities", "worth", "claimed", "paid"),
    "campaigns": ("sent", "clicked", "leads", "opportunities", "worth", "claimed", "paid"),
    "partners": ("launches", "sent", "leads", "accepted", "opportunities", "worth", "paid"),
    "leads": ("leads", "accepted", "late", "opportunities", "won", "worth", "minutes"),
    "spend": (
        "claimed",
        "leads",
        "cost_per_lead",
        "opportunities",
        "cost_per_opportunity",
        "won",
        "cost_per_won",
        "return",
        "own_return",
    ),
}
"""What fits beside each other; the file has every column."""
SHARED = frozenset({"clicked", "accepted", "late", "won", "first"})
"""Figures whose share of the step before is said beside them."""


@dataclass(frozen=True, slots=True)
class Writing:
    """For whom figures are written: whose lists they open, which period they count."""

    audience: str
    period: str = "all"


@dataclass(frozen=True, slots=True)
class Cell:
    """One number in words; `share` is empty or its part of the step before."""

    label: str
    text: str
    href: str = ""
    share: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report."""

    name: str
    small: str
    href: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report ready for its table; `total` is None where lines may not be summed.

    `defined` says what each of its numbers counts.
    """

    report: Report
    labels: tuple[str, ...]
    defined: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    total: Row | None


def sheet_of(
    report: Report,
    audience: str,
    *,
    period: str = "all",
    columns: Sequence[str] = (),
) -> Sheet:
    """Return a report as its table."""
    wanted = tuple(columns) or COLUMNS.get(report.name, ())
    how = Writing(audience, period)
    rows = tuple(row_of(line, how, wanted) for line in report.lines)
    total = row_of(report.total, how, wanted) if report.total else None
    some = rows[0] if rows else total
    shown = [(cell.key, cell.label) for cell in some.cells] if some else []
    return Sheet(
        report=report,
        labels=tuple(label for _, label in shown),
        defined=(*definitions(report.name, shown), *line_definitions(report)),
        rows=rows,
        total=total,
    )


def row_of(line: Line, how: Writing, columns: Sequence[str] = ()) -> Row:
    """Return one line with the wanted figures, all of them when none are named."""
    known = {figure.key: figure for figure in line.figures}
    chosen = [known[key] for key in columns if key in known] if columns else list(line.figures)
    return Row(
        name=line.name,
        small=line.key if line.key and line.key.isupper() else "",
        href=address(line.opens, how.audience, period=how.period),
        cells=tuple(cell_of(figure, how) for figure in chosen),
    )


def cell_of(figure: Figure, how: Writing) -> Cell:
    """Return one figure in this reader's words; a zero opens nothing."""
    has_rows = bool(figure.value or (figure.value is None and figure.rate_bps))
    share = (
        filters.percent(figure.rate_bps / 10_000, locale=reader().locale)
        if figure.rate_bps is not None and figure.key in SHARED
        else ""
    )
    return Cell(
        key=figure.key,
        label=figure.label,
        text=said(figure.value)
        if figure.value is not None or figure.rate_bps is None
        else filters.percent(figure.rate_bps / 10_000, locale=reader().locale),
        href=address(figure.opens, how.audience, period=how.period) if has_rows else "",
        share=share,
    )


def said(value: Value) -> str:
    """Return a value as this reader writes it."""
    locale = reader().locale
    if value is None or value == ():
        return NOTHING
    if isinstance(value, Money):
        return filters.money(value, locale=locale)
    if isinstance(value, tuple):
        return filters.money_pair(value, locale=locale)
    if isinstance(value, Decimal):
        return filters.tenths(value, locale=locale)
    if isinstance(value, int):
        return filters.count(value, locale=locale)
    return value
