"""Pages for anybody: sign-in, signed links, landing pages, tracking, the mail catcher."""

from flask import Blueprint

public = Blueprint("public", __name__)

from tcma.web.public import lead_offer, signin, system  # noqa: E402, F401 - the views name the blueprint
