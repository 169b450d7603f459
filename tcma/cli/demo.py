"""Makes the demo world."""

import argparse

from tcma import demo as world
from tcma.cli.main import GOOD, say, settings_here
from tcma.db import migrate
from tcma.errors import Conflict
from tcma.wiring import Services, installation


def demo(args: argparse.Namespace) -> int:
    """Fill an empty database with the demo world; a filled one is left alone.

    Raises Conflict when there is a world already, unless `--keep` says that is fine.
    """
    with installation(settings_here()) as services:
        if not fill(services):
            if args.keep:
                say(args, {"made": False}, "There is a world already; nothing was changed.")
                return GOOD
            raise Conflict(
                "There is a world already",
                code="demo.filled",
                remedy="For a fresh one name an empty TCMA_DATA (or database) and try again.",
            )
        people = [{"email": p.email, "password": p.password, "what": p.what} for p in world.PEOPLE]
        say(args, {"made": True, "people": people}, "The demo world is made.")
    return GOOD


def fill(services: Services) -> bool:
    """Bring the database up to date and make the world in an empty one; say whether it was empty."""
    url = services.engine.url.render_as_string(hide_password=False)
    if not migrate.is_current(url):
        migrate.upgrade(url)
    is_empty = world.is_empty(services)
    if is_empty:
        world.build_world(services)
    return is_empty
