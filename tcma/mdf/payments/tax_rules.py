"""Which tax numbers can be true: form and check digits of VAT numbers, EIN and ABN, by country."""

import re
from typing import Any, Final

from tcma.words import joined, say

_BLANKS = re.compile(r"[\s.\-/]")
_OTHER_NAMES: Final = {"US": "ein", "AU": "abn", "EL": "vat"}
"""Countries whose number of a firm is not called VAT."""


def tax_number(typed: str) -> str:
    """Return a number as it is compared: capitals, no blanks."""
    return _BLANKS.sub("", typed).upper()


def tax_fault(typed: str, country: str) -> str:
    """Return why a tax number cannot be true, with the remedy; empty when it can.

    Two letters in front name the country; without them it is `country`. A country whose numbers
    nobody has described is believed.
    """
    from stdnum.exceptions import InvalidChecksum, ValidationError

    number = tax_number(typed)
    if not number:
        return ""
    named = number[:2] if number[:2].isalpha() else ""
    rules = _rules(named) if named else None
    where = named if rules else country
    rules = rules or _rules(country)
    if rules is None:
        return ""
    hint = say("If it is of another country than {country}, put its letters first.", country=where)
    more = "" if named else hint
    try:
        rules.validate(number)
    except InvalidChecksum:
        said = say("The check digits do not fit. One character is wrong; compare it.")
        return joined(said, more)
    except ValidationError:
        said = say(
            "This is no tax number of {country}. Copy it from an invoice or your tax office.",
            country=where,
        )
        return joined(said, more)
    return ""


def _rules(country: str) -> Any:
    from stdnum import get_cc_module

    if len(country) != 2:
        return None
    return get_cc_module(country.lower(), _OTHER_NAMES.get(country, "vat"))
