"""Who reads this page: the locale, zone and instant that filters write for."""

from zoneinfo import ZoneInfo

from flask import g, request

from tcma.web.auth import who
from tcma.web.filters import Reader
from tcma.web.unit_of_work import services


def reader() -> Reader:
    """Return who reads this page: the person's locale and zone, else the house's."""
    now = services().clock.now()
    person = who() if request else None
    if person is None:
        return Reader(locale=g.get("locale", "en-GB"), zone=ZoneInfo(g.get("zone", "UTC")), now=now)
    return Reader(locale=person.locale, zone=ZoneInfo(person.zone), now=now)
