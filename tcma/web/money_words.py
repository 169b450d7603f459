"""How a sum is put into a field and read from it: as this reader writes it, else asked about."""

from typing import Any

from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol

from tcma.errors import Invalid
from tcma.money import Money
from tcma.web.filters import locale_of, plain_number
from tcma.web.filters import money as spoken
from tcma.web.reading import reader
from tcma.words import joined, say


def typed(amount: Money) -> str:
    """Return a sum in major units as this reader types it: `1,350.00`, `1.350,00`."""
    digits = get_currency_precision(amount.currency)
    if not digits:
        return str(amount.minor)
    pattern = f"#,##0.{'0' * digits}"
    return str(format_decimal(amount.major, format=pattern, locale=locale_of(reader().locale)))


def symbol(currency: str) -> str:
    """Return the sign that stands before a sum: `£`, else the ISO code."""
    return str(get_currency_symbol(currency, locale=locale_of(reader().locale)))


def money_of(field: Any, currency: str) -> Money:
    """Read the sum of a form's field; raises Invalid at that field, with what to do.

    What is not written as this reader writes sums (`1,5` in English, `1.5` in German) does not
    count yet: the field then holds what was understood, and the reader is asked to send it again.
    """
    typed_text = field.data or ""
    plain = plain_number(typed_text, locale=reader().locale)
    example = typed(Money(135_000, "EUR"))
    try:
        if plain is not None:
            return Money.exactly(plain, currency, text=typed_text)
        amount = Money.parse(typed_text, currency)
    except Invalid as error:
        said = joined(
            joined(error.message, ".", by=""),
            error.remedy or say("Write it like {example}.", example=example),
        )
        raise Invalid(error.message, code=error.code, fields={field.name: said}) from None
    field.data = typed(amount)
    words = say(
        "We read {spoken}. Send it again if that is right.",
        spoken=spoken(amount, locale=reader().locale),
    )
    raise Invalid(words, code="money.read", fields={field.name: words})
