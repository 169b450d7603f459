"""Worker and scheduler processes: as a person starts them, or forked from one that has imported all.

Importing takes a process some three seconds of processor, and the tests kill dozens of them. A forked
one runs the same `main()` with variables, log, signals and connections of its own, and dies alone;
that `python -m workers.main` itself works is shown by tests/scale_out.
"""

import logging
import mmap
import multiprocessing
import os
import random
import signal
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tcma.clock
import tcma.logs
import tcma.wiring
import workers.broker
import workers.main
import workers.scheduler
from tcma.delivery.building import Builder
from tests.fakes import Unruly

assert tcma.wiring, workers.broker  # what `main()` imports when it begins
workers.main.import_handlers()
ROOT = Path(__file__).parent.parent.parent
MAINS = {"workers.main": workers.main.main, "workers.scheduler": workers.scheduler.main}
OFF_S = "CLOCK_OFF_S"
"""By how many seconds the clock of a forked process's machine is ahead."""
CLOCK = "CLOCK_FILE"
"""A file of eight bytes: how many seconds have passed that nobody waited for (`passing`)."""
POISON = "POISON_ADDRESS"
"""Who makes a message to this address dies of it, as of a fault in a library of C."""
UNRULY = "UNRULY_BROKER"
"""A seed, where what a process sends comes twice, in any order, one in ten not at all."""
FORKS = multiprocessing.get_context("forkserver")


class Forked(FORKS.Process):
    """A process that is asked as one of `subprocess` is."""

    def __init__(self, module, environment, log):
        super().__init__(name=module, daemon=True)
        self.module, self.environment, self.log = module, environment, log

    def run(self):
        with self.log.open("ab") as log:
            for stream in (1, 2):
                os.dup2(log.fileno(), stream)
        os.chdir(ROOT)
        os.environ.clear()
        os.environ.update(self.environment)
        if off := float(self.environment.get(OFF_S, 0)):
            wrong_by(off)
        if file := self.environment.get(CLOCK):
            follow(file)
        if address := self.environment.get(POISON):
            die_of(address)
        if seed := self.environment.get(UNRULY):
            be_unruly(seed)
        tcma.logs.configure(level=logging.INFO)
        sys.exit(MAINS[self.module]())

    def poll(self):
        return self.exitcode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def wait(self, seconds=None):
        self.join(seconds)
        assert self.exitcode is not None, f"{self.module} has not ended in {seconds} s"
        return self.exitcode


def wrong_by(seconds, put=setattr):
    """Put the clock of this process's machine ahead, or back; `seconds` may be asked each time."""
    ahead = seconds if callable(seconds) else lambda: seconds

    class Wrong(datetime):
        @classmethod
        def now(cls, zone=UTC):
            return datetime.now(zone) + timedelta(seconds=ahead())

    put(tcma.clock, "datetime", Wrong)


def follow(file, put=setattr):
    """Let the clock and the steady counters of this process go on by what the file says."""
    with Path(file).open("rb") as told:
        passed = mmap.mmap(told.fileno(), 8, prot=mmap.PROT_READ)
    counted, steady = time.monotonic, time.clock_gettime

    def ahead():
        return struct.unpack("d", passed)[0]

    put(time, "monotonic", lambda: counted() + ahead())
    put(time, "clock_gettime", lambda which: steady(which) + ahead())
    wrong_by(ahead)


def die_of(address, put=setattr):
    """Let this process be killed when it makes a message to `address`."""
    make = Builder.make

    def deadly(builder, material, rows, *, now):
        for row in rows:
            if row.address == address:
                os.kill(os.getpid(), signal.SIGKILL)
            yield from make(builder, material, [row], now=now)

    put(Builder, "make", deadly)


def be_unruly(seed, put=setattr):
    """Let the queue of this process lose, double and shuffle what it is sent."""
    to_redis, dice = tcma.wiring.to_redis, random.Random(seed)
    put(tcma.wiring, "to_redis", lambda url: Unruly(to_redis(url), dice))


def forked(module, environment, log):
    """Start a process that has imported everything already."""
    FORKS.set_forkserver_preload([__name__])
    process = Forked(module, environment, log)
    process.start()
    return process


def fresh(module, environment, log):
    """Start `python -m module`."""
    with log.open("ab") as said:
        return subprocess.Popen(
            [sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=said, stderr=said
        )
