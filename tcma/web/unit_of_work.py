"""One request, one Work: opened by the guard of the view, committed before the answer leaves."""

from typing import cast

from flask import current_app, g

from tcma.db.work import Work
from tcma.wiring import Services


def services() -> Services:
    """Return the installation this app serves."""
    return cast(Services, current_app.extensions["tcma"])


def work() -> Work:
    """Return this request's Work; only inside a guarded view."""
    return cast(Work, g.work)
