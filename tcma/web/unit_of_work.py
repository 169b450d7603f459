"""One request, one Work: opened by the guard of the view, committed before the answer leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import current_app, g
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.permissions import SYSTEM
from tcma.wiring import Services


def services() -> Services:
    """Return the installation this app serves."""
    return cast(Services, current_app.extensions["tcma"])


def work() -> Work:
    """Return this request's Work; only inside a guarded view."""
    return cast(Work, g.work)


@contextmanager
def reading_session() -> Iterator[Session]:
    """Lend a session for what frames a page: the view's own, or one of its own on error pages."""
    if "work" in g:
        yield work().session
        return
    with services().transaction(SYSTEM) as own:
        yield own.session
