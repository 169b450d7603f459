"""Every component in every state, on a developer's machine."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from tcma.errors import NotFound
from tcma.web.auth import open_to_all
from tcma.web.gallery import samples
from tcma.web.public import public
from tcma.web.unit_of_work import services

WHO = {
    "name": "Alice Marlow",
    "role_label": "Owner",
    "organisation": "Brightwater IT",
    "logo_url": "",
    "audience": "console",
    "audience_label": "Partner console",
    "locale": "en-GB",
    "theme": "",
    "home_href": "/console",
    "you_href": "/you",
    "sign_out_href": "/sign-out",
}


@public.get("/gallery")
@open_to_all("invented content; only there with the embedded database, on a developer's machine")
def gallery() -> ResponseReturnValue:
    """Show the component kit."""
    if not (current_app.testing or services().settings.embedded_database):
        raise NotFound
    return render_template("gallery.html", **samples(), me=WHO, nav=[], nav_tabs=[], nav_foot=[])
