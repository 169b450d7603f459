"""What a file of sales says, row by row: columns by their usual names, faults as sentences."""

import csv
import io
from dataclasses import dataclass
from datetime import date

from tcma.errors import Invalid
from tcma.money import LARGEST_MINOR, Money

MOST_ROWS = 20_000
COLUMNS = {
    "partner": ("partner", "partner name", "reseller", "customer", "account"),
    "sold_on": ("date", "day", "sold on", "invoice date", "order date"),
    "amount": ("amount", "net", "net amount", "sales", "revenue", "turnover"),
    "reference": ("reference", "ref", "invoice", "invoice number", "order", "order number", "id"),
    "currency": ("currency",),
}
NEEDED = ("partner", "sold_on", "amount", "reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """One row: `no` is its line in the file; without `fault` day and amount are there."""

    no: int
    partner: str
    reference: str
    sold_on: date | None = None
    amount: Money | None = None
    fault: str = ""


def read_sales(content: bytes, currency: str) -> list[Sale]:
    """Read a CSV file; raises Invalid when it is none or lacks a column."""
    from charset_normalizer import from_bytes  # heavy: for few files

    told = from_bytes(content).best() if content.strip() else None
    if told is None or b"\0" in content:
        raise _refused("This is no CSV file.")
    text = str(told).lstrip("\ufeff")
    head = text.split("\n", 1)[0]
    mark = max(",;\t", key=head.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    places = _places(rows[0])
    if len(rows) - 1 > MOST_ROWS:
        raise _refused(f"The file has more than {MOST_ROWS:,} rows.")
    filled = ((no, row) for no, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row))
    return [_sale(no, row, places, currency) for no, row in filled]


def _places(head: list[str]) -> dict[str, int]:
    names = [" ".join(cell.casefold().replace("_", " ").split()) for cell in head]
    found = {
        column: next(i for i, name in enumerate(names) if name in known)
        for column, known in COLUMNS.items()
        if set(names) & set(known)
    }
    if missing := [column for column in NEEDED if column not in found]:
        words = " and ".join(COLUMNS[column][0] for column in missing)
        raise _refused(f"The first row names no column for the {words}.")
    return found


def _sale(no: int, row: list[str], places: dict[str, int], currency: str) -> Sale:
    def cell(column: str) -> str:
        at = places.get(column, len(row))
        return row[at].strip() if at < len(row) else ""

    partner, reference = cell("partner"), cell("reference")
    if not partner or not reference:
        fault = "The partner is missing." if not partner else "The reference is missing."
        return Sale(no=no, partner=partner, reference=reference, fault=fault)
    given = cell("currency").upper()
    if given and given != currency:
        fault = f"This row is in {given}, the fund in {currency}."
        return Sale(no=no, partner=partner, reference=reference, fault=fault)
    try:
        sold_on = date.fromisoformat(cell("sold_on"))
    except ValueError:
        fault = f"“{cell('sold_on')}” is no day. Write it like 2026-03-31."
        return Sale(no=no, partner=partner, reference=reference, fault=fault)
    try:
        amount = Money.parse(cell("amount"), currency)
    except Invalid as error:
        return Sale(no=no, partner=partner, reference=reference, fault=f"{error.message}.")
    if not amount or abs(amount.minor) > LARGEST_MINOR:
        fault = f"“{cell('amount')}” is not a sum that can count."
        return Sale(no=no, partner=partner, reference=reference, fault=fault)
    return Sale(no=no, partner=partner, reference=reference, sold_on=sold_on, amount=amount)


def _refused(why: str) -> Invalid:
    words = f"{why} Give a CSV file with the columns partner, date, amount and reference."
    return Invalid(words, code="mdf.sales.file", fields={"file": words})
