"""What every signed-in page is framed by: the person, the organisation, menus with their counts.

What costs a question to the database is asked when a page shows it: a fragment has no rail, and the
page of an error asks nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from flask import Flask, request

from tcma.accounts.queries import SignedIn
from tcma.permissions import ROLE_WORDS
from tcma.web import navigation
from tcma.web.auth import audience, who
from tcma.web.counts import waiting_counts
from tcma.web.navigation import Entry
from tcma.web.pictures import logo_address
from tcma.web.unit_of_work import reading_session


@dataclass(frozen=True)
class Me:
    """The person as layouts show them; the address of the logo is looked up when it is shown."""

    person: SignedIn
    audience: str
    you_href: str = "/you"
    sign_out_href: str = "/sign-out"

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def role_label(self) -> str:
        return ROLE_WORDS[self.person.principal.role]

    @property
    def organisation(self) -> str:
        return self.person.current.organisation.name

    @cached_property
    def logo_url(self) -> str:
        with reading_session() as session:
            return logo_address(session, self.person.current.organisation)

    @property
    def audience_label(self) -> str:
        return navigation.AUDIENCE_WORDS[self.audience]

    @property
    def locale(self) -> str:
        return self.person.locale

    @property
    def theme(self) -> str:
        return "" if self.person.theme == "system" else self.person.theme

    @property
    def home_href(self) -> str:
        return f"/{self.audience}"


class Entries:
    """Entries of a menu that are made when a page first looks at them."""

    def __init__(self, make: Callable[[], Iterable[Entry]]) -> None:
        self._made = cache(lambda: list(make()))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())

    def __getitem__(self, part: slice) -> list[Entry]:
        return self._made()[part]


def install(app: Flask) -> None:
    """Give the layouts their context."""
    app.context_processor(context)


def context() -> dict[str, Any]:
    """Return `me`, `nav`, `nav_tabs`, `nav_foot` for a signed-in person; nothing for others."""
    person = who() if request else None
    if person is None:
        return {"me": None, "nav": [], "nav_tabs": [], "nav_foot": []}
    principal, path = person.principal, request.path
    here = request.blueprint if request.blueprint in navigation.RAILS else audience(principal)

    def rail() -> list[Entry]:
        with reading_session() as session:
            counts = waiting_counts(session, principal)
        return navigation.rail(str(here), principal, path, counts)

    nav = Entries(rail)
    return {
        "me": Me(person, str(here)),
        "nav": nav,
        "nav_tabs": Entries(lambda: [e for e in nav if e.on_phone][:5]),
        "nav_foot": Entries(lambda: navigation.foot(str(here), principal, path)),
    }
