"""A country as people write it (a code, or a name in one of the languages we speak) becomes its code."""

import unicodedata
from functools import cache

from tcma.contacts.rules import one_line

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "ja", "ar")
USUAL = {
    "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "britain": "GB",
    "great britain": "GB", "america": "US", "united states of america": "US", "usa": "US",
    "holland": "NL", "czech republic": "CZ", "turkey": "TR", "brd": "DE",
}  # fmt: skip
"""What people write that is nobody's official name."""


def country_code(text: str) -> str:
    """Return a country's two letters; empty when nobody could tell which is meant."""
    return _codes().get(_plain(one_line(text)), "")


@cache
def _codes() -> dict[str, str]:
    from babel import Locale  # heavy: only who takes leads in asks
    from babel.core import get_global

    english: dict[str, str] = dict(Locale("en").territories)
    countries = {c for c in english if len(c) == 2 and c.isalpha()} - {"EU", "EZ", "UN", "ZZ", "QO"}
    found = {c.casefold(): c for c in countries}
    for written, now in get_global("territory_aliases").items():
        old, codes = str(written), list(map(str, now or ()))
        if len(codes) == 1 and codes[0] in countries and old.isalpha():
            found.setdefault(old.casefold(), codes[0])
    for language in LANGUAGES:
        for code, name in dict(Locale(language).territories).items():
            if code in countries:
                found.setdefault(_plain(str(name)), str(code))
    return USUAL | found


def _plain(text: str) -> str:
    """Return a name without accents, dots and capitals: “España” is “espana”, “U.K.” is “uk”."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace(".", ""))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())
