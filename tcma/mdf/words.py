"""How sums, days and shares read inside the sentences that rules write."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from tcma.money import Money

STATE_WORDS = {
    "draft": "a draft",
    "submitted": "in review",
    "info_requested": "returned to fix",
    "pre_approved": "approved",
    "rejected": "refused",
    "held_no_funds": "waiting for funds",
    "appealed": "under appeal",
    "expired": "expired",
    "payment_pending": "in payment",
    "exported": "with the bank",
    "settled": "paid",
    "reversed": "taken back",
}


def spoken_state(state: str) -> str:
    """Return where a plan, claim or batch stands, to follow «is»."""
    return STATE_WORDS.get(state, state)


def spoken(amount: Money, locale: str = "en_GB") -> str:
    """Return the sum as people read it."""
    return format_currency(amount.major, amount.currency, locale=locale)


def spoken_day(day: date, locale: str = "en_GB") -> str:
    """Return «Tue 8 Dec 2026»."""
    return format_date(day, "EEE d MMM y", locale=locale)


def spoken_month(day: date, locale: str = "en_GB") -> str:
    """Return «December 2026»."""
    return format_date(day, "LLLL y", locale=locale)


def spoken_share(basis_points: int) -> str:
    """Return «50%» of 5000 basis points."""
    return f"{format_decimal(Decimal(basis_points) / 100, locale='en_GB')}%"


def spoken_count(number: int, thing: str) -> str:
    """Return «1 invoice», «2 invoices»."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def as_points(amount: Money, point: Decimal | None) -> int | None:
    """Return how many whole points a sum is at what one is worth; None without points."""
    return None if point is None else int((amount.major / point).to_integral_value(ROUND_FLOOR))


def worth_words(currency: str, point: Decimal | None) -> str:
    """Return what one point is worth with at least two digits, «» without points."""
    if point is None:
        return ""
    cents = point.quantize(Decimal("0.01"))
    return f"{currency} {cents if cents == point else point.normalize():f}"
