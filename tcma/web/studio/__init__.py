"""Pages for vendor marketer."""

from flask import Blueprint

studio = Blueprint("studio", __name__, url_prefix="/studio")
