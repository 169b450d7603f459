"""Reads a file of exchange rates: one rate a line, or the table the European Central Bank publishes."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from babel.numbers import is_currency

from tcma.errors import Invalid

MOST_BYTES = 5 * 1024 * 1024
MOST_RATES = 100_000
DIGITS = 10
"""Digits after the point that are kept of a rate."""
LARGEST = Decimal(10) ** 9
LINES = ("day", "from", "to", "rate")
EURO, NOT_QUOTED = "EUR", {"", "N/A", "-"}
_DAYS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y")


@dataclass(frozen=True, slots=True)
class Quote:
    """One unit of `base` is worth `rate` of `quote` on a day."""

    base: str
    quote: str
    day: date
    rate: Decimal


def checked(base: str, quote: str, day: date, rate: str) -> Quote:
    """Return a rate as it is stored. Raises Invalid with the fields at fault."""
    wrong: dict[str, str] = {}
    one, other = base.strip().upper(), quote.strip().upper()
    for name, code in (("base", one), ("quote", other)):
        if not is_currency(code):
            wrong[name] = "Write the three letters of a currency, such as USD."
    if one == other:
        wrong["quote"] = "Choose another currency than the first."
    try:
        number = Decimal(rate.strip().replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 < number <= LARGEST:
        wrong["rate"] = "Write a number above zero, such as 1.1712."
    elif -int(number.as_tuple().exponent) > DIGITS:
        wrong["rate"] = f"At most {DIGITS} digits after the point."
    if wrong:
        raise Invalid("This is no exchange rate.", code="mdf.rate", fields=wrong)
    return Quote(one, other, day, number)


def read_rates(content: bytes) -> list[Quote]:
    """Read a CSV file: columns day, from, to, rate; or Date, USD, JPY … as the ECB publishes.

    Raises Invalid naming the first line that is wrong; then nothing of the file counts.
    """
    if len(content) > MOST_BYTES:
        raise _refused("The file is larger than 5 MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("The file is not UTF-8.") from None
    mark = ";" if text.partition("\n")[0].count(";") > 1 else ","
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(row)]
    head = [cell.strip() for cell in rows[0]] if rows else []
    names = [cell.casefold() for cell in head]
    if all(name in names for name in LINES):
        found = list(_by_line(rows[1:], [names.index(name) for name in LINES]))
    elif names[:1] == ["date"] and any(is_currency(cell.upper()) for cell in head[1:]):
        found = list(_by_table(rows[1:], [cell.upper() for cell in head]))
    else:
        raise _refused(
            "The first row names neither day, from, to and rate nor date and currencies."
        )
    if not found:
        raise _refused("There is no rate in it.")
    if len(found) > MOST_RATES:
        raise _refused(f"There are more than {MOST_RATES:,} rates in it.")
    return found


def _by_line(rows: list[list[str]], places: list[int]) -> Iterator[Quote]:
    for number, row in enumerate(rows, 2):
        day, base, quote, rate = (row[at] if at < len(row) else "" for at in places)
        yield _quote(number, (base, quote), day, rate)


def _by_table(rows: list[list[str]], head: list[str]) -> Iterator[Quote]:
    for number, row in enumerate(rows, 2):
        for code, cell in zip(head[1:], row[1:], strict=False):
            if code and cell.strip().upper() not in NOT_QUOTED:
                yield _quote(number, (EURO, code), row[0], cell)


def _quote(number: int, pair: tuple[str, str], day: str, rate: str) -> Quote:
    try:
        return checked(*pair, _day(day), rate)
    except Invalid as error:
        why = next(iter(error.fields.values()), error.message)
        raise _refused(f"Line {number}: {why}") from None


def _day(text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day, no instant
        except ValueError:
            continue
    words = f"“{text.strip()}” is no day. Write it like 2026-03-31."
    raise Invalid(words, code="mdf.rate", fields={"day": words})


def _refused(why: str) -> Invalid:
    words = f"{why} Give a CSV with the columns day, from, to and rate, or the ECB's own."
    return Invalid(words, code="mdf.rates.file", fields={"file": words})
