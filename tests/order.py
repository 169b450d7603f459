"""In which order the files of tests begin, so that no core waits for another at the end or on the way.

The long files come first. Those of `WAITING` leave the processor alone for most of their time (a relay
that crawls, a lease that runs out): side by side they would leave the cores to nobody, so one of them
runs beside files that work until none is left. The seconds are in `seconds.toml`, of files that take
more than `SHORT_S`; a run renews them:

    python -m pytest -q -n 3 --dist loadfile --durations=0 | python -m tests.order
"""

import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

TABLE = Path(__file__).parent / "seconds.toml"
WAITING = ("tests/faults/", "tests/scale_out/", "tests/workers/test_scheduler.py")
LANES = 3
"""Processes of `make test`."""
SHORT_S = 4
TOLD = re.compile(r"^\s*(\d+\.\d+)s (?:call|setup|teardown)\s+(tests/[^:]+\.py)", re.MULTILINE)


def seconds():
    """How long each of the long files takes, by its path."""
    return tomllib.loads(TABLE.read_text())


def in_order(files, takes):
    """The files as they should begin, `takes` seconds each; equals stay as they came."""
    left = sorted(files, key=lambda each: -takes.get(each, SHORT_S / 2))
    waiting = [each for each in left if each.startswith(WAITING)]
    working = [each for each in left if not each.startswith(WAITING)]
    ends, found, waits_until = [0.0] * LANES, [], 0.0
    while waiting or working:
        lane = ends.index(min(ends))
        waits = bool(waiting) and (waits_until <= ends[lane] or not working)
        found.append((waiting if waits else working).pop(0))
        ends[lane] += takes.get(found[-1], SHORT_S / 2)
        if waits:
            waits_until = ends[lane]
    return found


def measured(told):
    """Seconds by file, of what `pytest --durations=0` printed; the long ones alone."""
    sums = Counter()
    for one, file in TOLD.findall(told):
        sums[file] += float(one)
    return {file: round(total) for file, total in sums.most_common() if total > SHORT_S}


def as_table(takes):
    rows = (
        f'"{file}" = {total}\n' for file, total in sorted(takes.items(), key=lambda row: -row[1])
    )
    return "# Written by `python -m tests.order` (see there), longest first.\n" + "".join(rows)


if __name__ == "__main__":
    found = measured(sys.stdin.read())
    if not found:
        sys.exit("No durations were told. Run pytest with --durations=0 and give its words to me.")
    TABLE.write_text(as_table(found))
