"""Streams any report as CSV that a spreadsheet opens as text and numbers, never as a formula."""

from collections.abc import Iterator

from tcma.money import Money
from tcma.reporting.figures import Line, Report, Value
from tcma.spreadsheet import csv_row

MARK = b"\xef\xbb\xbf"
"""Tells Excel that the bytes are UTF-8."""


def csv_rows(report: Report) -> Iterator[bytes]:
    """Yield the report row by row: head, lines, sum. Money is major units beside its currency.

    A cell that begins with = + - @ tab or return gets an apostrophe (CWE-1236).
    """
    yield MARK + csv_row([report.title, *report.labels])
    lines = (*report.lines, report.total) if report.total else report.lines
    for line in lines:
        yield csv_row(_cells(line))


def _cells(line: Line) -> list[str]:
    return [line.name, *(written(figure.value) for figure in line.figures)]


def written(value: Value) -> str:
    """Return a value as it stands in a cell; money as `1470.00 GBP`, several sums with «; »."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return f"{value.major} {value.currency}"
    if isinstance(value, tuple):
        return "; ".join(written(each) for each in value)
    return str(value)
