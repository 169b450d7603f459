"""How money, times and counts are written for one reader: pure, by locale and zone (UX 4.5)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from babel import Locale
from babel.dates import format_skeleton, format_time, get_datetime_format
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)

from tcma.delivery.small_cells import FEW_WORDS, FEWEST
from tcma.money import Money
from tcma.nurture.told import Untold
from tcma.words import PSEUDO, Words, joined, say, say_n

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_BLANKS = re.compile("[ \u00a0\u202f]")
_CODE_AND_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page: language tag (`en-GB`), time zone, and the time of the request."""

    locale: str
    zone: tzinfo
    now: datetime


def locale_of(tag: str) -> Locale:
    """Return Babel's locale of a language tag; plain English is British."""
    return Locale.parse("en_GB" if tag in ("en", PSEUDO) else tag.replace("-", "_"))


def money(amount: Money, *, locale: str, code: bool = False) -> str:
    """`£1,350.00`, with the currency's own digits, never rounded; `code` adds the ISO code."""
    digits = get_currency_precision(amount.currency)
    value = Decimal(amount.minor).scaleb(-digits)
    text = format_currency(value, amount.currency, locale=locale_of(locale)).replace("-", "−")
    text = _CODE_AND_DIGIT.sub("\u00a0", text)
    return f"{text}\u00a0{amount.currency}" if code else text


def money_pair(amounts: Iterable[Money], *, locale: str) -> str:
    """Several sums in one place: never added up, ISO codes as soon as currencies differ."""
    sums = list(amounts)
    coded = len({each.currency for each in sums}) > 1
    return " · ".join(money(each, locale=locale, code=coded) for each in sums)


def signed_money(amount: Money, *, locale: str) -> str:
    """`+£150.00` or `−£1,500.00`, for effects in the ledger."""
    text = money(amount, locale=locale)
    return f"+{text}" if amount.minor > 0 else text


def plain_number(text: str, *, locale: str) -> str | None:
    """Return a number written as this reader writes them with `.` alone, None for any other."""
    known = locale_of(locale)
    text = _BLANKS.sub("", text)
    group, mark = _BLANKS.sub("", get_group_symbol(known)), get_decimal_symbol(known)
    # Nobody groups after a nought: «0.005» is a small number in German too, and not five.
    grouped = rf"[1-9]\d{{0,2}}(?:{re.escape(group)}\d{{3}})+" if group else r"\d+"
    if not re.fullmatch(rf"-?(?:\d+|{grouped})(?:{re.escape(mark)}\d+)?", text):
        return None
    return (text.replace(group, "") if group else text).replace(mark, ".")


def counted(number: int, one: str, several: str, *, locale: str) -> str:
    """`1 person`, `1,240 people`, in English: where texts are marked, `say_n` says it."""
    return f"{count(number, locale=locale)} {one if number == 1 else several}"


def count(number: int, *, locale: str) -> str:
    """`1,240`."""
    if isinstance(number, Untold):
        return str(number)
    return str(format_decimal(number, locale=locale_of(locale))).replace("-", "−")


def tenths(number: Decimal, *, locale: str) -> str:
    """`1,240.5`: one digit after the locale's point."""
    return str(format_decimal(number, "#,##0.0", locale=locale_of(locale))).replace("-", "−")


def few(number: int, *, locale: str) -> str:
    """A count of people at another organisation: below five it is not told."""
    return FEW_WORDS if number < FEWEST else count(number, locale=locale)


def percent(share: float | Decimal | None, *, locale: str, digits: int = 0) -> str:
    """`50 %` of a share from 0 to 1, with the locale's space; no share is `–`."""
    if share is None:
        return "–"
    pattern = locale_of(locale).percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("0%", f"0.{'0' * digits}%").replace(
            "0\u00a0%", f"0.{'0' * digits}\u00a0%"
        )
    return str(format_percent(share, format=pattern, locale=locale_of(locale)))


def local_date(at: datetime | date, *, reader: Reader) -> str:
    """`Thu 26 Nov`, with the year when it is not this one. A plain date has no zone to move in."""
    day = at.astimezone(reader.zone).date() if isinstance(at, datetime) else at
    this_year = reader.now.astimezone(reader.zone).year
    skeleton = "MMMEd" if day.year == this_year else "yMMMEd"
    text = format_skeleton(skeleton, day, locale=locale_of(reader.locale))
    return text.replace(",", "") if reader.locale.startswith("en") else text


def local_time(at: datetime, *, reader: Reader) -> str:
    """`14:00` in the reader's zone."""
    return str(
        format_time(at, "short", tzinfo=reader.zone, locale=locale_of(reader.locale)),
    )


def local_moment(at: datetime, *, reader: Reader) -> str:
    """`14:00 today`, else `Thu 26 Nov, 14:00`."""
    time = local_time(at, reader=reader)
    if at.astimezone(reader.zone).date() == reader.now.astimezone(reader.zone).date():
        return say("{time} today", time=time)
    if reader.locale.startswith("en"):
        return f"{local_date(at, reader=reader)}, {time}"
    joined = get_datetime_format("medium", locale=locale_of(reader.locale))
    return str(joined).replace("'", "").format(time, local_date(at, reader=reader))


def relative(at: datetime, *, reader: Reader) -> str:
    """`12 minutes ago` or `in 12 minutes` under an hour, else the moment."""
    seconds = (at - reader.now).total_seconds()
    if abs(seconds) >= _HOUR:
        return local_moment(at, reader=reader)
    minutes = int(abs(seconds) // _MINUTE)
    if minutes == 0:
        return say("now")
    if seconds > 0:
        return say_n("in {n} minute", "in {n} minutes", minutes)
    return say_n("{n} minute ago", "{n} minutes ago", minutes)


def time_left(at: datetime, *, now: datetime) -> str:
    """`3 h 12 min left` under two days, `2 h late` after the end, empty when it is far."""
    seconds = int((at - now).total_seconds())
    if seconds >= 2 * _DAY:
        return ""
    if seconds < 0:
        return say("{time} late", time=_short(-seconds))
    return say("{time} left", time=_short(seconds))


def duration(seconds: float) -> str:
    """`about 4 minutes`; under a minute `less than a minute`."""
    if seconds < _MINUTE:
        return say("less than a minute")
    if seconds < _HOUR:
        return say_n("about {n} minute", "about {n} minutes", round(seconds / _MINUTE))
    if seconds < 2 * _DAY:
        return say_n("about {n} hour", "about {n} hours", round(seconds / _HOUR))
    return say_n("about {n} day", "about {n} days", round(seconds / _DAY))


def file_size(octets: int, *, locale: str) -> str:
    """`6.2 MB`, decimal units."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if octets >= size:
            number = Decimal(octets) / size
            places = "#,##0.#" if number < 10 else "#,##0"
            return f"{format_decimal(number, format=places, locale=locale_of(locale))} {unit}"
    return say_n("{n} byte", "{n} bytes", octets)


def iso(at: datetime | date) -> str:
    """What stands in `<time datetime>`."""
    return at.astimezone(UTC).isoformat() if isinstance(at, datetime) else at.isoformat()


def shares(values: Iterable[float], *, least: float = 0.7) -> list[tuple[float, float]]:
    """Cut 100 % into `(start, width)` by `values`; what is not zero stays at least `least` wide."""
    numbers = [max(0.0, float(value)) for value in values]
    total = sum(numbers)
    if not total:
        return [(0.0, 0.0) for _ in numbers]
    widths = [max(least, 100 * each / total) if each else 0.0 for each in numbers]
    surplus = sum(widths) - 100
    largest = widths.index(max(widths))
    widths[largest] -= surplus
    cut: list[tuple[float, float]] = []
    start = 0.0
    for width in widths:
        cut.append((round(start, 3), round(width, 3)))
        start += width
    return cut


def _short(seconds: int) -> Words:
    if seconds < _HOUR:
        return say("{minutes} min", minutes=max(1, seconds // _MINUTE))
    if seconds < _DAY:
        hours, minutes = seconds // _HOUR, seconds % _HOUR // _MINUTE
        if minutes:
            return say("{hours} h {minutes} min", hours=hours, minutes=minutes)
        return say("{hours} h", hours=hours)
    days, hours = seconds // _DAY, seconds % _DAY // _HOUR
    in_days = say_n("{n} day", "{n} days", days)
    return joined(in_days, say("{hours} h", hours=hours)) if hours else in_days
