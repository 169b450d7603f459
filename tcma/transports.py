"""Ways to send mail that other packages bring: found by name in what is installed, loaded when they are
used. The house's own names come first; nobody replaces them.
"""

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points

from tcma.config import TRANSPORTS
from tcma.errors import Unavailable
from tcma.ports import EmailSenders


@cache
def transport(scheme: str) -> Callable[[str], EmailSenders]:
    """Return what makes senders of an address with this scheme.

    Raises Unavailable when no installed package brings it, or its code cannot be loaded.
    """
    found = tuple(entry_points(group=TRANSPORTS, name=scheme))
    if not found:
        raise Unavailable(f"Nothing that is installed sends by {scheme}://", code="relay.unknown")
    point = found[0]
    try:
        made: Callable[[str], EmailSenders] = point.load()
    except Exception as error:
        name = point.dist.name if point.dist else point.value
        raise Unavailable(
            f"The package {name} that sends by {scheme}:// cannot be loaded: {error}",
            code="relay.broken",
            remedy="Install it again, or take its address out of TCMA_SMTP_URL.",
        ) from error
    return made
