"""Sums of opens, clicks and answers: compared with the rows, and mended."""

import argparse
from datetime import date

from tcma.cli.main import GOOD, WRONG, say, settings_here
from tcma.delivery import reaction_sums
from tcma.errors import Invalid
from tcma.permissions import SYSTEM
from tcma.wiring import installation


def check(args: argparse.Namespace) -> int:
    """Compare; exit 1 when something differs."""
    wrong = _audit(args, mend=False)
    words = (
        f"{reaction_sums.differing(wrong)}. `tcma sums mend` adds what is missing."
        if wrong
        else "Every sum is what its rows say."
    )
    say(args, {"whole": not wrong, "wrong": wrong}, words)
    return WRONG if wrong else GOOD


def mend(args: argparse.Namespace) -> int:
    """Add what differs."""
    wrong = _audit(args, mend=True)
    words = f"Sums mended: {wrong:,}." if wrong else "Every sum was what its rows say."
    say(args, {"mended": wrong}, words)
    return GOOD


def _audit(args: argparse.Namespace, *, mend: bool) -> int:
    try:
        since = date.fromisoformat(args.since) if args.since else None
    except ValueError:
        raise Invalid(
            f"“{args.since}” is no day.", code="config.since", remedy="Write it as 2026-03-02."
        ) from None
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        return reaction_sums.audit(work, since=since, mend=mend)
