"""`make soak`: a million mails under random faults, every one accounted for; prints seed and table.

`python -m tests.soak --messages 30000 --seed 7` repeats a smaller one. It ends with 1 when somebody
got two mails, somebody is missing, or a sum does not hold.
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.services import ROOT
from tests.soak.running import Plan, soak


def main(arguments):
    """Send, hurt, wait for rest, compare; print what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--launch", type=int, default=20_000, help="people of one launch")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=float, default=8.0, help="seconds between two faults")
    parser.add_argument(
        "--calm", action="store_true", help="no faults: do workers stay as they are"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    plan = Plan(
        given.messages, given.launch, given.workers, given.every, given.seed, not given.calm
    )
    (ROOT / ".data").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soak-", dir=ROOT / ".data") as folder:
        found = soak(plan, Path(folder))
    print(found.table())
    for line in found.wrong:
        print("WRONG:", line)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
