"""JSON for other programs, version 1."""

from flask import Blueprint

api = Blueprint("api", __name__, url_prefix="/api/v1")

from tcma.web.api import (  # noqa: E402 - the views name the blueprint
    images,  # noqa: F401
    leads,  # noqa: F401
)
