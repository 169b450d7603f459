"""What a measurement was bound by: who used how much of the processors meanwhile, from /proc."""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
FULL = 0.85
"""Of all processors: from here on nothing is left, whoever uses most is what bounds it."""


class Watch:
    """Processor time of named groups of processes; `groups` are functions that return seconds so far."""

    def __init__(self, **groups):
        self.groups, self.shares = groups, {}

    def during(self, case):
        """Run the case; `shares` are processors used in the middle by each group."""
        before, begun = self._read(), time.perf_counter()
        found = case()
        took = time.perf_counter() - begun
        self.shares = {name: (now - before[name]) / took for name, now in self._read().items()}
        return found

    def words(self):
        """What it says in bench.json: the largest first, and what that means."""
        cores = len(os.sched_getaffinity(0))
        named = sorted(self.shares.items(), key=lambda each: -each[1])
        told = ", ".join(f"{name} {share:.2f}" for name, share in named)
        most = named[0][0]
        if sum(self.shares.values()) >= FULL * cores:
            return f"{most}: {told} of {cores} processors, all in use"
        return f"waiting (for the disk, the network or a lock), then {most}: {told} of {cores} processors"

    def _read(self):
        return {name: seconds() for name, seconds in self.groups.items()}


def of(*pids):
    """Seconds that these processes have used, those that have ended since left out."""
    return lambda: sum(map(_own, pids))


def of_family(parent):
    """Seconds of a process and its children, those that have ended with them."""

    def seconds():
        alive = sum(_own(int(pid)) for pid in _children(parent))
        return _own(parent) + _fields(parent, 13, 15) + alive

    return seconds


def postmaster(server):
    """The number of an embedded PostgreSQL's first process."""
    return int((server.folder / "cluster" / "postmaster.pid").read_text().split()[0])


def _children(parent):
    for thread in Path(f"/proc/{parent}/task").iterdir():
        yield from (thread / "children").read_text().split()


def _own(pid):
    return _fields(pid, 11, 13)


def _fields(pid, first, last):
    """Fields of /proc/PID/stat behind the name: 11 and 12 its own, 13 and 14 its ended children's."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, told[first:last])) / TICK
