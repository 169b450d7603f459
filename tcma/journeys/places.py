"""On which clock somebody lives: from a zone they told, their country and postcode, else a fallback."""

from bisect import bisect_right
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from tcma.journeys.timing import is_zone, zone_of

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl")
"""In which a country's name is understood."""

_EAST, _MIDDLE, _MOUNTAIN, _WEST = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
)  # fmt: skip
_AMERICAN = (
    (0, _EAST), (324, _MIDDLE), (326, _EAST), (350, _MIDDLE), (373, _EAST), (375, _MIDDLE),
    (376, _EAST), (380, _MIDDLE), (398, _EAST), (420, _MIDDLE), (425, _EAST), (463, _MIDDLE),
    (465, _EAST), (476, _MIDDLE), (478, _EAST), (500, _MIDDLE), (577, _MOUNTAIN), (580, _MIDDLE),
    (590, _MOUNTAIN), (600, _MIDDLE), (693, _MOUNTAIN), (700, _MIDDLE), (798, _MOUNTAIN),
    (835, _WEST), (836, _MOUNTAIN), (838, _WEST), (840, _MOUNTAIN), (850, "America/Phoenix"),
    (870, _MOUNTAIN), (889, _WEST), (967, "Pacific/Honolulu"), (969, "Pacific/Guam"), (970, _WEST),
    (979, _MOUNTAIN), (980, _WEST), (995, "America/Anchorage"),
)  # fmt: skip
"""The first three digits of a ZIP code from which on a clock holds; of a divided one the larger part."""
_FIRST_SIGN = {
    "CA": {
        "A": "America/St_Johns", "B": "America/Halifax", "C": "America/Halifax",
        "E": "America/Moncton", "G": "America/Toronto", "H": "America/Toronto",
        "J": "America/Toronto", "K": "America/Toronto", "L": "America/Toronto",
        "M": "America/Toronto", "N": "America/Toronto", "P": "America/Toronto",
        "R": "America/Winnipeg", "S": "America/Regina", "T": "America/Edmonton",
        "V": "America/Vancouver", "X": "America/Edmonton", "Y": "America/Whitehorse",
    },
    "AU": {
        "0": "Australia/Darwin", "1": "Australia/Sydney", "2": "Australia/Sydney",
        "3": "Australia/Melbourne", "4": "Australia/Brisbane", "5": "Australia/Adelaide",
        "6": "Australia/Perth", "7": "Australia/Hobart", "8": "Australia/Melbourne",
        "9": "Australia/Brisbane",
    },
}  # fmt: skip

_MOST_PEOPLE = {
    "AR": "America/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo",
    "CA": "America/Toronto", "CL": "America/Santiago", "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin", "ES": "Europe/Madrid", "ID": "Asia/Jakarta",
    "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur", "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon", "RU": "Europe/Moscow", "US": "America/Chicago",
}  # fmt: skip
"""Where most people of a divided country live, for whom nothing nearer is known; of the United
States the clock in the middle, an hour from most."""


@lru_cache(maxsize=4096)
def zone_at(*, told: str, country: str, postcode: str, fallback: str) -> str:
    """Return somebody's zone.

    A zone they told goes first, then the postcode in the United States, Canada and Australia, then
    the country (`timing.zone_of`); of whom neither is known the fallback holds. The first three
    signs of a postcode are enough.
    """
    if told and is_zone(told.strip()):
        return told.strip()
    code = country_code(country)
    if not code:
        return fallback
    signs = "".join(postcode.split()).upper()
    if code == "US" and signs[:3].isdecimal() and len(signs) >= 3:
        return _AMERICAN[bisect_right(_AMERICAN, int(signs[:3]), key=lambda each: each[0]) - 1][1]
    near = _FIRST_SIGN.get(code, {}).get(signs[:1])
    found = near or zone_of(code, fallback)
    return found if near or found == fallback else _MOST_PEOPLE.get(code, found)


def is_known(*, told: str, country: str) -> bool:
    """Say whether anything is known of where somebody is."""
    return bool(told and is_zone(told.strip())) or bool(country_code(country))


@lru_cache(maxsize=4096)
def country_code(words: str) -> str:
    """Return the two letters of a country written as people do, empty for none that is known."""
    word = words.strip().casefold()
    return _spellings().get(word, "") if word else ""


@cache
def _spellings() -> dict[str, str]:
    codes = {code for code in get_global("territory_zones") if len(code) == 2}
    found = {
        old.casefold(): new[0]
        for old, new in get_global("territory_aliases").items()
        if not old.isdecimal() and len(new) == 1 and new[0] in codes
    }
    for language in LANGUAGES:
        names = Locale.parse(language).territories
        found |= {names[code].casefold(): code for code in codes if code in names}
    others = {"usa": "US", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB"}
    return found | others | {code.casefold(): code for code in codes}
