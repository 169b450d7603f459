"""Judges stored opens and clicks again, by the rules of this version."""

import argparse
from datetime import timedelta

from tcma.cli.main import GOOD, say, settings_here
from tcma.permissions import SYSTEM
from tcma.tracking.judging import judge_again, mailings_since
from tcma.wiring import installation


def again(args: argparse.Namespace) -> int:
    """Reach each verdict of the last days again from the raw events; what people did follows."""
    changed = 0
    with installation(settings_here()) as services:
        with services.transaction(SYSTEM) as work:
            since = work.now - timedelta(days=args.days)
            mailings = mailings_since(work, since)
        for number in mailings:
            with services.transaction(SYSTEM) as work:
                changed += judge_again(work, number, since=since)
    words = f"{changed} events of {len(mailings)} mailings are judged differently now"
    say(args, {"changed": changed, "mailings": len(mailings)}, words)
    return GOOD
