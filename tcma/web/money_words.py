"""How a sum is put into a field, so that what was shown can be sent back unchanged."""

from typing import Any

from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol

from tcma.errors import Invalid
from tcma.money import Money
from tcma.web.filters import locale_of
from tcma.web.reading import reader


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
    """Read the sum of a form's field; raises Invalid at that field, with what to do."""
    try:
        return Money.parse(field.data or "", currency)
    except Invalid as error:
        said = f"{error.message}. {error.remedy or 'Write it like 1350.00.'}"
        raise Invalid(error.message, code=error.code, fields={field.name: said}) from None
