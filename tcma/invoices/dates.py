"""Dates as papers write them, in fourteen languages; a day that can be two days is none."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

_MONTHS = (
    (
        "jan|janv|ene|gen|enero|januar|january|janvier|januari|jänner|gennaio|janeiro|stycznia|ledna"
        "|tammikuuta"
    ),
    (
        "feb|febr|fév|févr|fev|february|februar|février|febrero|februari|fevrier|febbraio|fevereiro|lutego"
        "|února|helmikuuta"
    ),
    "mar|mär|mrz|mrt|march|märz|mars|marzo|maart|maerz|marts|março|marca|března|maaliskuuta",
    "apr|avr|abr|april|avril|abril|aprile|kwietnia|dubna|huhtikuuta",
    "may|mai|mayo|mei|mag|maggio|maio|maj|maja|května|toukokuuta",
    "jun|june|juni|juin|junio|giu|giugno|junho|czerwca|června|kesäkuuta",
    "jul|july|juli|juillet|julio|juil|lug|luglio|julho|lipca|července|heinäkuuta",
    "aug|août|aout|ago|august|agosto|augustus|augusti|sierpnia|srpna|elokuuta",
    "sep|sept|set|september|septembre|septiembre|setiembre|settembre|setembro|września|září|syyskuuta",
    "oct|okt|ott|out|october|oktober|octobre|octubre|ottobre|outubro|października|října|lokakuuta",
    "nov|november|novembre|noviembre|novembro|listopada|listopadu|marraskuuta",
    (
        "dec|dez|déc|dic|des|december|dezember|décembre|diciembre|decembre|dicembre|dezembro|desember"
        "|grudnia|prosince|joulukuuta"
    ),
)
_MONTH = {name: n for n, names in enumerate(_MONTHS, start=1) for name in names.split("|")}
_NAMED = "|".join(sorted(_MONTH, key=len, reverse=True))
_SHAPES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日"),
    re.compile(
        rf"(?i)(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?\s*(?:of\s+|de\s+)?[-/ ]?\s*"
        rf"(?P<n>{_NAMED})\.?,?\s*(?:de\s+|del\s+)?[-/ ]?\s*(?P<y>\d{{4}}|\d{{2}}(?!\d))"
    ),
    re.compile(
        rf"(?i)\b(?P<n>{_NAMED})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s*,?\s+(?P<y>\d{{4}})"
    ),
)
_TWO = re.compile(r"(?<![\d.,/-])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d/-])")


class Found(NamedTuple):
    """A date and where it stands in its text."""

    day: date
    start: int
    end: int


def day_first(text: str, *, usual: bool | None) -> bool | None:
    """Return whether days stand before months on this paper; None when it cannot be told.

    `usual` is the order of the country, for papers that do not tell themselves.
    """
    first = any(int(m[1]) > 12 for m in _TWO.finditer(text))
    second = any(int(m[3]) > 12 for m in _TWO.finditer(text))
    if first != second:
        return first
    if first and second:
        return None
    if any(m[2] == "." for m in _TWO.finditer(text)):
        return True
    return usual


def dates_in(text: str, *, days_first: bool | None) -> Iterator[Found]:
    """Yield every date of a text, left to right."""
    found: list[Found] = []
    for shape in _SHAPES:
        for match in shape.finditer(text):
            part = match.groupdict()
            month = _MONTH[part["n"].lower()] if "n" in part else int(part["m"])
            day = _day(part["y"], month, int(part["d"]))
            if day:
                found.append(Found(day, match.start(), match.end()))
    for match in _TWO.finditer(text):
        day = _ordered(int(match[1]), int(match[3]), match[4], days_first=days_first)
        if day:
            found.append(Found(day, match.start(), match.end()))
    yield from sorted(found, key=lambda one: one.start)


def _ordered(first: int, second: int, year: str, *, days_first: bool | None) -> date | None:
    if first == second or first > 12:
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    if days_first is None:
        return None
    return _day(year, second, first) if days_first else _day(year, first, second)


def _day(year: str, month: int, day: int) -> date | None:
    full = int(year) + (2000 if len(year) == 2 else 0)
    try:
        return date(full, month, day) if 1990 <= full <= 2100 else None
    except ValueError:
        return None
