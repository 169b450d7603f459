"""Reports as CSV: every cell text or number, none a formula."""

import csv
import io
from decimal import Decimal

import pytest

from tcma.money import Money
from tcma.reporting.exports import csv_rows
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
        ["Campaigns", "Sent", "Paid", "Cost per lead", "Currency"],
        ["Ten-day check, “Ärger” & Söhne", "1240", "1470.00", "", "GBP"],
        ["Ten-day check, “Ärger” & Söhne", "", "500", "", "JPY"],
        ["All", "1240", "1470.00", "", "GBP"],
        ["All", "", "500", "", "JPY"],
    ]


def test_every_column_of_money_adds_up_in_a_spreadsheet():
    lines = [
        Line(str(n), f"Plan {n}", (Figure("paid", "Paid", paid), Figure("left", "Left", left)))
        for n, (paid, left) in enumerate(
            [
                ((Money(1_000_000_05, "GBP"),), Money(-5, "GBP")),
                ((), None),
                ((Money(20, "EUR"), Money(95, "GBP")), Money(5, "GBP")),
            ]
        )
    ]
    head, *rows = read(Report("spend", "Spend", "", tuple(lines)))
    pounds = [dict(zip(head, row, strict=True)) for row in rows if row[-1] == "GBP"]
    assert sum(Decimal(row["Paid"]) for row in pounds) == Decimal("1000001.00")
    assert sum(Decimal(row["Left"]) for row in pounds) == 0
    assert ["Plan 1", "", "", ""] in rows


def test_a_report_without_money_has_no_currency():
    report = Report("x", "X", "", (Line("x", "A", (Figure("sent", "Sent", 3),)),))
    assert read(report) == [["X", "Sent"], ["A", "3"]]


@pytest.mark.parametrize("head", ["=", "+", "-", "@", "\t", "\r"])
def test_x2_a_cell_that_a_spreadsheet_would_run_is_neutral(head):
    cell = f"{head}cmd|' /C calc'!A0"
    assert inert(cell) == f"'{cell}"
    rows = read(Report("x", "X", "", (Line("x", cell, (Figure("a", "A", cell),)),)))
    assert rows[1] == [f"'{cell}", f"'{cell}"]


@pytest.mark.parametrize("number", ["-5", "-12.50", "7"])
def test_numbers_below_zero_stay_numbers(number):
    assert inert(number) == number
