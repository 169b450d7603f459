"""What stands in one cell, read without a table: empty, a number, a date in one of several forms."""

import re
from collections.abc import Sequence
from datetime import date, datetime

EMPTY = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "?", "nat"})
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DECORATED = re.compile(r"[\s%€$£¥']|(?:EUR|USD|GBP)")
THOUSANDS = re.compile(r",\d{3}(\D|$)")
DATED = 0.97
_FORMS = (
    "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y%m%d",
    "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d-%m-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%d-%b-%y", "%m-%d-%Y",
)  # fmt: skip


def trimmed(text: str) -> str:
    """Return a cell without blanks around it; empty for the words that mean nothing."""
    text = text.strip()
    return "" if text.casefold() in EMPTY else text


def number_of(cell: str) -> float | None:
    """Return a cell as a number, None when it is none; `12,5` and `1,250 €` are read."""
    continental = "," in cell and not THOUSANDS.search(cell)
    bare = cell if PLAIN.fullmatch(cell) else undecorated(cell, continental=continental)
    if not PLAIN.fullmatch(bare):
        return None
    number = float(bare)
    return number if abs(number) != float("inf") else None


def undecorated(cell: str, *, continental: bool) -> str:
    """Return a number without signs of money, percent or thousands."""
    bare = DECORATED.sub("", cell)
    return bare.replace(".", "").replace(",", ".") if continental else bare.replace(",", "")


def day_of(cell: str) -> date | None:
    """Return a cell as a day, None when it is none."""
    form = date_form([cell] if cell else [])
    return moment(cell, form) if form else None


def moment(cell: str, form: str) -> date | None:
    """Return a cell as a day or moment in one form, None when it is none."""
    if not cell:
        return None
    try:
        if form == "iso":
            return datetime.fromisoformat(cell)
        return datetime.strptime(cell, form)  # noqa: DTZ007 - a file's own days, only their order counts
    except ValueError:
        return None


def date_form(filled: Sequence[str]) -> str:
    """Return the form in which nearly all cells are dates, empty when there is none."""
    if not filled or not any(c.isdigit() for c in filled[0]):
        return ""
    some = filled[:: max(len(filled) // 300, 1)]
    for form in ("iso", *_FORMS):
        if form == "iso" and not re.match(r"\d{4}-\d\d-\d\d", some[0]):
            continue
        if sum(moment(c, form) is not None for c in some) >= DATED * len(some):
            return form
    return ""
