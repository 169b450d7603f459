"""Dies on purpose: walks the ways through a fund's life, and is killed at statements of each verb first.

Run as `python -m tests.domain.mdf.killed`, it reads a database for each way as JSON and prints a
line for each verb that moves money: how many statements it has from the first written row to its
commit, and at which of them it was killed. After each kill the books prove and stand as before.
`fork` is why this is a process of its own: it has one thread.
"""

import gc
import json
import os
import signal
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import create_engine, event

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import FixedClock
from tcma.db.work import Site
from tcma.errors import TcmaError
from tcma.ids import Signer, new_id
from tcma.mdf.funds import parts
from tcma.mdf.ledger import booking
from tcma.mdf.ledger.many import Gift
from tests.domain.mdf.verbs import doing, world
from tests.domain.mdf.verbs.machine import Both
from tests.domain.mdf.verbs.tour import WAYS
from tests.services import World

WRITES = ("INSERT", "UPDATE", "DELETE")
BOOKS = "INSERT INTO ledger_transfer"
SECRET = b"x" * 32


class RehearsedError(Exception):
    """Everything was done, nothing shall stay."""


@contextmanager
def told(engine, hear):
    """Have `hear(statement)` called before each statement from the first written row on, and at COMMIT."""
    written = False

    def perhaps(*told):
        nonlocal written
        said = told[2] if len(told) > 2 else "COMMIT"
        written = written or said.startswith(WRITES)
        if written:
            hear(said)

    names = "before_cursor_execute", "commit"
    for name in names:
        event.listen(engine, name, perhaps)
    try:
        yield
    finally:
        for name in names:
            event.remove(engine, name, perhaps)


def chosen(count, most):
    """Return at which of so many statements to die: all, or the ends and evenly between them."""
    if not most or count <= most:
        return list(range(1, count + 1))
    return sorted({1 + round(n * (count - 1) / (most - 1)) for n in range(most)})


class Killed(Both):
    """Walks as `Both` does; whatever moves money is killed again and again before it is done."""

    most = 0
    seen = None

    def step(self, verb, who, about=None, **how):
        with suppress(TcmaError):
            self.killed(verb, who, lambda work: self.do(work, verb, about, how))
        return super().step(verb, who, about, **how)

    def do_night(self):
        for each in doing.NIGHT:
            self.killed(each.__name__, "system", each)
            with self.by("system") as work:
                each(work)

    def by_file(self):
        """Give parts and take them back as a file does, which the ways do not."""
        keys = [new_id() for _ in range(3)]

        def give(work):
            gifts = [Gift(self.place.partner, world.pounds(10), key) for key in keys]
            parts.give(work, self.budget(work), gifts)

        def take_back(work):
            parts.take_back(work, self.budget(work), keys, reason="The file was undone.")

        for act in (give, take_back):
            self.killed(f"{act.__name__} by file", "mira", act)
            with self.by("mira") as work:
                act(work)

    def killed(self, verb, who, act):
        """Rehearse an act; when it moves money as none before it, die at its statements."""
        said = []
        with suppress(RehearsedError), told(self.db.engine, said.append), self.by(who) as work:
            act(work)
            work.session.flush()
            raise RehearsedError
        said.append("COMMIT")
        mark = verb, sum(each.startswith(BOOKS) for each in said)
        if not mark[1] or mark in self.seen:
            return
        self.seen.add(mark)
        before = self.stands()
        at = chosen(len(said), self.most)
        for last in at:
            self.died(last, who, act)
            assert self.stands() == before, (verb, last, len(said))
        print(json.dumps({"verb": verb, "statements": len(said), "killed_at": at}), flush=True)

    def died(self, last, who, act):
        child = os.fork()
        if child == 0:
            self.db.engine.dispose(close=False)  # the connections that are open are not the child's
            left = iter(range(last - 1))
            hear = told(self.db.engine, lambda _: next(left, None) is None and die())
            with hear, self.by(who) as work:
                act(work)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"lived past statement {last}"
        assert os.WTERMSIG(status) == signal.SIGKILL, status

    def stands(self):
        with self.by("system") as work:
            assert booking.verify(work.session) == []
            return self.sums(work), self.states(work)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def main():
    given = json.load(sys.stdin)
    gc.freeze()  # children share what was imported, for their collector leaves it alone
    Killed.most, Killed.seen = given["most"], set()
    for (kind, waits, steps), url in zip(WAYS, given["urls"], strict=True):
        db = World(
            url=url,
            engine=create_engine(url),
            clock=FixedClock(world.BORN),
            site=Site(public_url="https://tcma.test", signer=Signer(SECRET), secret=SECRET),
            files=DiskFiles(Path(given["files"])),
        )
        both = Killed(db, world.built(db, kind, waits=waits), kind, waits=waits)
        if kind != "pooled":
            both.by_file()
        for verb, who, about, how in steps:
            assert both.step(verb, who, about, **how), (verb, who, about, how)
        both.prove()


if __name__ == "__main__":
    main()
