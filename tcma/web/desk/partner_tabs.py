"""What a channel manager keeps about partners, side by side: who they are, what they hear, accept and reach."""

from flask import url_for

from tcma.permissions import Permission
from tcma.web.unit_of_work import work

TABS = (
    ("Partners", "partner_index"),
    ("Announcements", "announcement_index"),
    ("Terms", "terms_index"),
    ("Programme", "programme_show"),
)


def tabs(here: str) -> list[dict[str, object]]:
    """Return them, the one that is shown marked; none for whoever may only look."""
    if not work().principal.may(Permission.PARTNERS_MANAGE):
        return []
    return [
        {"label": label, "href": url_for(f"desk.{name}"), "current": name == here}
        for label, name in TABS
    ]
