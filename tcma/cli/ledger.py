"""Proves the fund ledger."""

import argparse

from tcma.cli.main import GOOD, WRONG, say, settings_here
from tcma.mdf.ledger import booking
from tcma.permissions import SYSTEM
from tcma.wiring import installation


def verify(args: argparse.Namespace) -> int:
    """Check every invariant of every chain; name the first broken link."""
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        faults = booking.verify(work.session)
        entries = booking.entries(work.session)
    answer = {
        "whole": not faults,
        "entries": entries,
        "faults": [
            {"fund": f.fund, "chain": str(f.chain_id), "seq": f.seq, "fault": f.fault}
            for f in faults
        ],
    }
    if faults:
        first = faults[0]
        say(args, answer, f"Broken: {first.fund}, entry {first.seq}: {first.fault}")
        return WRONG
    say(args, answer, f"The ledger is whole: {entries} entries.")
    return GOOD
