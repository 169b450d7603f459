"""Reports as CSV: every cell text or number, none a formula."""

import csv
import io

import pytest

from tcma.money import Money
from tcma.reporting.exports import csv_rows, written
from tcma.reporting.figures import Figure, Line, Report
from tcma.spreadsheet import inert


def read(report):
    data = b"".join(csv_rows(report))
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_report_is_head_lines_and_sum():
    figures = (
        Figure("sent", "Sent", 1_240),
        Figure("paid", "Paid", (Money(147_000, "GBP"), Money(500, "JPY"))),
        Figure("cost", "Cost per lead", None),
    )
    line = Line("x", "Ten-day check, “Ärger” & Söhne", figures)
    total = Line("", "All", figures)
    assert read(Report("campaigns", "Campaigns", "", (line,), total)) == [
        ["Campaigns", "Sent", "Paid", "Cost per lead"],
        ["Ten-day check, “Ärger” & Söhne", "1240", "1470.00 GBP; 500 JPY", ""],
        ["All", "1240", "1470.00 GBP; 500 JPY", ""],
    ]


@pytest.mark.parametrize("head", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_neutral(head):
    cell = f"{head}cmd|' /C calc'!A0"
    assert inert(cell) == f"'{cell}"
    rows = read(Report("x", "X", "", (Line("x", cell, (Figure("a", "A", cell),)),)))
    assert rows[1] == [f"'{cell}", f"'{cell}"]


@pytest.mark.parametrize("number", ["-5", "-12.50", "7"])
def test_numbers_below_zero_stay_numbers(number):
    assert inert(number) == number


def test_money_is_written_in_major_units_of_its_currency():
    assert written(Money(-5, "GBP")) == "-0.05 GBP"
    assert inert(written(Money(-5, "GBP"))).startswith("'")
