"""Pages for partner."""

from flask import Blueprint

console = Blueprint("console", __name__, url_prefix="/console")
