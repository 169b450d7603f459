"""What every signed-in page is framed by: the person, the organisation, menus with their counts."""

from typing import Any

from flask import Flask, request

from tcma.permissions import ROLE_WORDS
from tcma.web import navigation
from tcma.web.auth import audience, who
from tcma.web.counts import waiting_counts
from tcma.web.pictures import logo_address
from tcma.web.unit_of_work import reading_session


def install(app: Flask) -> None:
    """Give the layouts their context."""
    app.context_processor(context)


def context() -> dict[str, Any]:
    """Return `me`, `nav`, `nav_tabs`, `nav_foot` for a signed-in person; nothing for others."""
    person = who() if request else None
    if person is None:
        return {"me": None, "nav": [], "nav_tabs": [], "nav_foot": []}
    principal = person.principal
    here = request.blueprint if request.blueprint in navigation.RAILS else audience(principal)
    with reading_session() as session:
        counts = waiting_counts(session, principal)
        logo_url = logo_address(session, person.current.organisation)
    nav = navigation.rail(str(here), principal, request.path, counts)
    return {
        "me": {
            "name": person.name,
            "role_label": ROLE_WORDS[principal.role],
            "organisation": person.current.organisation.name,
            "logo_url": logo_url,
            "audience": here,
            "audience_label": navigation.AUDIENCE_WORDS[str(here)],
            "locale": person.locale,
            "theme": "" if person.theme == "system" else person.theme,
            "home_href": f"/{here}",
            "you_href": "/you",
            "sign_out_href": "/sign-out",
        },
        "nav": nav,
        "nav_tabs": [e for e in nav if e.on_phone][:5],
        "nav_foot": navigation.foot(str(here), principal, request.path),
    }
