"""How sums, days and shares read inside the sentences that rules write."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal

from tcma.money import Money
from tcma.words import Counted, Words, amount_words, day_words, month_words, say, say_as, say_n

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


def spoken(amount: Money) -> Words:
    """Return the sum as people read it."""
    return amount_words(amount.major, amount.currency)


def spoken_day(day: date) -> Words:
    """Return «Tue 8 Dec 2026», without a comma where English would set one."""
    return day_words(day)


def spoken_month(day: date) -> Words:
    """Return «December 2026»."""
    return month_words(day)


def spoken_share(basis_points: int) -> Words:
    """Return «50%» of 5000 basis points."""
    return say("{share:,}%", share=Decimal(basis_points) / 100)


COUNTED = {
    "working day": say_n("{n} working day", "{n} working days", 0),
    "day": say_n("{n} day", "{n} days", 0),
    "week": say_n("{n} week", "{n} weeks", 0),
    "month": say_n("{n} month", "{n} months", 0),
    "quarter": say_n("{n} quarter", "{n} quarters", 0),
    "half-year": say_n("{n} half-year", "{n} half-years", 0),
    "year": say_n("{n} year", "{n} years", 0),
    "file": say_n("{n} file", "{n} files", 0),
    "claim": say_n("{n} claim", "{n} claims", 0),
    "invoice": say_n("{n} invoice", "{n} invoices", 0),
    "lead": say_n("{n} lead", "{n} leads", 0),
    "mail": say_n("{n} mail", "{n} mails", 0),
    "step": say_n("{n} step", "{n} steps", 0),
}


def spoken_count(number: int, thing: str) -> str:
    """Return «1 invoice», «2 invoices»; in English without commas, as kept decisions have it."""
    english = f"{number} {thing}" if number == 1 else f"{number} {thing}s"
    known = COUNTED.get(thing)
    return Counted.made(english, known.message, {"n": number}, known.context) if known else english


def as_points(amount: Money, point: Decimal | None) -> int | None:
    """Return how many whole points a sum is at what one is worth; None without points."""
    return None if point is None else int((amount.major / point).to_integral_value(ROUND_FLOOR))


def worth_words(currency: str, point: Decimal | None) -> str:
    """Return what one point is worth with at least two digits, «» without points."""
    if point is None:
        return ""
    cents = point.quantize(Decimal("0.01"))
    return f"{currency} {cents if cents == point else point.normalize():f}"
