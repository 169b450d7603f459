"""Large mailbox providers from the command line: how many mails a second each gets."""

import argparse

from tcma.cli.main import GOOD, say, settings_here
from tcma.delivery import destinations
from tcma.errors import Invalid, NotFound
from tcma.permissions import SYSTEM
from tcma.wiring import installation


def show(args: argparse.Namespace) -> int:
    """List them with their domains."""
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        rows = destinations.lanes(work.session)
    answer = [
        {"name": row.name, "per_second": row.per_second, "domains": list(row.domains)}
        for row in rows
    ]
    lines = [f"{row.name}: {pace(row.per_second)} ({', '.join(row.domains)})" for row in rows]
    say(args, answer, "\n".join(lines))
    return GOOD


def set_pace(args: argparse.Namespace) -> int:
    """Change one; the next claim keeps it."""
    try:
        per_second = None if args.per_second == "none" else int(args.per_second)
    except ValueError:
        raise Invalid(
            f"“{args.per_second}” is not a number.",
            code="config.per_second",
            remedy="Write a number, or none for no limit.",
        ) from None
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        try:
            row = destinations.set_pace(work, args.name, per_second)
        except NotFound:
            known = ", ".join(each.name for each in destinations.lanes(work.session))
            raise Invalid(
                f"There is no destination “{args.name}”.",
                code="config.destination",
                remedy=f"Choose one of: {known}",
            ) from None
    answer = {"name": row.name, "per_second": row.per_second}
    say(args, answer, f"{row.name}: {pace(row.per_second)}.")
    return GOOD


def pace(per_second: int | None) -> str:
    """Return a pace in words."""
    return f"{per_second:,} a second" if per_second else "no limit"
