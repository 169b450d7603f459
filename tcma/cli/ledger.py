"""Proves the fund ledger."""

import argparse
import json
from pathlib import Path
from typing import Any

from tcma.cli.main import GOOD, WRONG, say, settings_here
from tcma.errors import Invalid
from tcma.mdf.funds import proof
from tcma.mdf.ledger import booking, heads
from tcma.permissions import SYSTEM
from tcma.wiring import installation


def verify(args: argparse.Namespace) -> int:
    """Check every invariant of every chain; name the first broken link.

    With `--heads`, also against what an earlier `--json` said and somebody kept elsewhere. With
    `--sign-again` the heads of whole books are signed by the key of now.
    """
    kept = _kept(args.heads) if args.heads else []
    with installation(settings_here()) as services, services.transaction(SYSTEM) as work:
        if args.sign_again:
            broken = {fault.chain_id for fault in booking.verify(work.session)}
            heads.keep(work, besides=broken, again=True)
            work.session.flush()  # what is compared next reads the rows
        faults = proof.all_faults(work) + heads.compared(work, kept)
        entries = booking.entries(work.session)
        newest = heads.newest(work.session)
    answer = {
        "whole": not faults,
        "entries": entries,
        "faults": [
            {"fund": f.fund, "chain": str(f.chain_id), "seq": f.seq, "fault": f.fault}
            for f in faults
        ],
        "heads": newest,
    }
    if faults:
        first = faults[0]
        say(args, answer, f"Broken: {first.fund}, entry {first.seq}: {first.fault}")
        return WRONG
    say(args, answer, f"The ledger is whole: {entries} entries.")
    return GOOD


def _kept(path: Path) -> list[dict[str, Any]]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        heads_said = said["heads"] if isinstance(said, dict) else said
        return list(heads_said)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(
            f"{path} holds no heads.",
            code="ledger.heads",
            remedy="Give a file that «tcma ledger verify --json» wrote.",
        ) from error
