"""Pages for partners."""

from flask import Blueprint

console = Blueprint("console", __name__, url_prefix="/console")

from tcma.web.console import home, launches, leads  # noqa: E402, F401 - the views name the blueprint
