"""Makes the demo world."""

import argparse

from tcma import demo as world
from tcma.cli.main import GOOD, say, settings_here
from tcma.db import migrate
from tcma.errors import Conflict
from tcma.wiring import installation


def demo(args: argparse.Namespace) -> int:
    """Fill an empty database with the demo world; a filled one is left alone.

    Raises Conflict when there is a world already, unless `--keep` says that is fine.
    """
    with installation(settings_here()) as services:
        migrate.upgrade(services.engine.url.render_as_string(hide_password=False))
        if not world.is_empty(services):
            if args.keep:
                say(args, {"made": False}, "There is a world already; nothing was changed.")
                return GOOD
            raise Conflict(
                "There is a world already",
                code="demo.filled",
                remedy="For a fresh one name an empty TCMA_DATA (or database) and try again.",
            )
        world.build_world(services)
        people = [{"email": p.email, "password": p.password, "what": p.what} for p in world.PEOPLE]
        say(args, {"made": True, "people": people}, "The demo world is made.")
    return GOOD
