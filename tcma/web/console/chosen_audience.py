"""The list or segment a launch begins with: kept while its campaign is chosen, so that nobody is asked twice."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from flask import request, session

from tcma.contacts.segments import audience_name
from tcma.errors import NotFound
from tcma.web.unit_of_work import work

KEY: Final = "audience"
"""In the session: it ends with the launch that is planned, or when somebody lets go of it."""


def choose() -> str:
    """Keep the list or segment that the address names as `to`; return its name, "" for none.

    An empty `to` lets go of what was kept.
    """
    if "to" not in request.args:
        return ""
    session.pop(KEY, None)
    wanted = request.args["to"]
    try:
        name = audience_name(work().session, work().principal, UUID(wanted))
    except (NotFound, ValueError):
        return ""
    session[KEY] = wanted
    return name


def chosen(offered: Sequence[str]) -> list[str]:
    """Return what was kept, when it is still offered."""
    return [each for each in offered if each == session.get(KEY)]


def planned() -> None:
    """Let go of it: its launch is there."""
    session.pop(KEY, None)
