"""Pages for channel manager and finance."""

from flask import Blueprint

desk = Blueprint("desk", __name__, url_prefix="/desk")
