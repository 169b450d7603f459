"""How sums, days and shares read inside the sentences that rules write."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal

from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal

from tcma.money import Money
from tcma.words import say_as, written

STATE_WORDS = {
    "draft": say_as("after is", "a draft"),
    "submitted": say_as("after is", "in review"),
    "info_requested": say_as("after is", "returned to fix"),
    "pre_approved": say_as("after is", "approved"),
    "rejected": say_as("after is", "refused"),
    "held_no_funds": say_as("after is", "waiting for funds"),
    "appealed": say_as("after is", "under appeal"),
    "expired": say_as("after is", "expired"),
    "payment_pending": say_as("after is", "in payment"),
    "exported": say_as("after is", "with the bank"),
    "settled": say_as("after is", "paid"),
    "reversed": say_as("after is", "taken back"),
    "withdrawn": say_as("after is", "taken back"),
}


def spoken_state(state: str) -> str:
    """Return where a plan, claim or batch stands, to follow «is»."""
    return STATE_WORDS.get(state, state)


def spoken(amount: Money) -> str:
    """Return the sum as people read it."""
    return written(lambda locale: format_currency(amount.major, amount.currency, locale=locale))


def spoken_day(day: date) -> str:
    """Return «Tue 8 Dec 2026», without a comma where English would set one."""
    return written(
        lambda locale: (
            format_date(day, "EEE d MMM y", locale=locale)
            if locale.language == "en"
            else format_skeleton("yMMMEd", day, locale=locale)
        )
    )


def spoken_month(day: date) -> str:
    """Return «December 2026»."""
    return written(lambda locale: format_date(day, "LLLL y", locale=locale))


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
