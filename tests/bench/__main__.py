"""`make bench`: measure, print a table, write bench.json. Nothing here can fail for being slow."""

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

import structlog

from tests.bench import (
    answers,
    figures,
    journeys,
    kits,
    launch,
    ledger,
    mails,
    pages,
    pictures,
    reports,
    routing,
    scores,
    tables,
    tools,
    versions,
    walls,
    wire,
)
from tests.bench.ground import QUICK, WHOLE, ground
from tests.services import ROOT

DATA = ROOT / ".data" / "bench"
CASES = {
    "launch": launch.measure,
    "wire": wire.measure,
    "pictures": pictures.measure,
    "pages": pages.measure,
    "import": tables.measure_import,
    "import-memory": tables.measure_import_memory,
    "freeze": tables.measure_freeze,
    "mails": mails.measure,
    "kits": kits.measure,
    "routing": routing.measure,
    "answers": answers.measure,
    "proofwall": walls.measure,
    "nurture": journeys.measure,
    "versions": versions.measure,
    "ledger": ledger.measure,
    "reports": reports.measure,
    "score": scores.measure,
}


def main(arguments):
    """Measure what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}")
    parser.add_argument("--quick", action="store_true", help="tiny numbers: does it run at all")
    parser.add_argument("--out", type=Path, default=ROOT / "bench.json")
    given = parser.parse_args(arguments)
    unknown = set(given.only) - set(CASES)
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    found = []
    with (
        tempfile.TemporaryDirectory(prefix="tcma-bench-") as folder,
        ground(QUICK if given.quick else WHOLE, data=DATA, folder=Path(folder)) as standing,
    ):
        for name in given.only or CASES:
            print(f"measuring {name} …", file=sys.stderr, flush=True)
            found.extend(CASES[name](standing))
    print(figures.table(found))
    if curve := figures.curve(found):
        print(f"\n{curve}")
    print(f"\n{figures.verdict(found)}")
    figures.compact(given.out, figures.report(found, versions=tools.versions(DATA / "tools")))
    print(f"\nwritten: {os.path.relpath(given.out)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
