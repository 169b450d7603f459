"""Coming back by itself: a page reached to mend a launch names it, and leads back to it when done."""

import re
from typing import Final

from flask import request, url_for

from tcma.web.console import console

KNOWN: Final = re.compile(r"LCH-\d{4}-\d{4,}|[a-z0-9-]+/[a-z0-9-]+")
"""A launch by its reference, or the campaign of one that is not planned yet."""


def back() -> str:
    """Return what this page was reached from: a launch, a campaign, or nothing."""
    named = request.args.get("back", "")
    return named if KNOWN.fullmatch(named) else ""


def way_back(default: str) -> str:
    """Return the launch to go back to, or `default` for who came by another way."""
    named = back()
    if not named:
        return default
    if "/" in named:
        return url_for("console.launch_new", campaign=named)
    return url_for("console.launch_check", ref=named)


@console.context_processor
def carried() -> dict[str, object]:
    """Give every page of the console the way back, to carry it along in its forms."""
    named = back()
    return {"carried": {"back": named} if named else {}, "way_back": way_back("")}
