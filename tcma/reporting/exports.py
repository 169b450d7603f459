"""Streams any report as CSV that a spreadsheet opens as text and numbers, never as a formula.

Sums of money are plain decimal numbers, their currency stands in a column of its own. Money in
several currencies takes a row for each: no cell holds two sums, and a column can be added up.
"""

from collections.abc import Iterator, Sequence

from tcma.money import Money
from tcma.reporting.figures import Line, Report, Value
from tcma.spreadsheet import csv_row
from tcma.words import say

MARK = b"\xef\xbb\xbf"
"""Tells Excel that the bytes are UTF-8."""
CURRENCY = say("Currency")


def csv_rows(report: Report) -> Iterator[bytes]:
    """Yield the report row by row: head, lines, sum.

    A cell that begins with = + - @ tab or return gets an apostrophe (CWE-1236), unless it is a
    number.
    """
    lines = (*report.lines, report.total) if report.total else report.lines
    has_money = any(isinstance(f.value, Money | tuple) for line in lines for f in line.figures)
    head = [report.title, *report.labels, *([CURRENCY] if has_money else [])]
    yield MARK + csv_row(head)
    for line in lines:
        yield from (csv_row(cells) for cells in _rows(line, has_money=has_money))


def _rows(line: Line, *, has_money: bool) -> Iterator[list[str]]:
    """Yield a line once for each currency in it; counts stand in the first row alone."""
    currencies = sorted({money.currency for f in line.figures for money in _sums(f.value)})
    for no, currency in enumerate(currencies or [""]):
        cells = [written(figure.value, currency, first=no == 0) for figure in line.figures]
        yield [line.name, *cells, *([currency] if has_money else [])]


def _sums(value: Value) -> Sequence[Money]:
    if isinstance(value, Money):
        return (value,)
    return value if isinstance(value, tuple) else ()


def written(value: Value, currency: str = "", *, first: bool = True) -> str:
    """Return a value as it stands in the row of `currency`: money as `1470.00`, nothing as ``."""
    if isinstance(value, Money | tuple):
        return next((str(m.major) for m in _sums(value) if m.currency == currency), "")
    return str(value) if first and value is not None else ""
