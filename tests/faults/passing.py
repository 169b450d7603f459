"""Time that passes at once for a whole installation: its database and every process beside it.

The database tells a moved time by a function that hides its own; forked processes read how far from
eight bytes (`nursery.CLOCK`). What a frozen process finds when it wakes is what a long sleep leaves.
"""

import struct

from sqlalchemy import make_url, text

from tcma.clock import SharedClock
from tests.faults.nursery import CLOCK
from tests.faults.posting import in_real_time

MOVED = (
    "create table moved (by interval not null)",
    "insert into moved values ('0')",
    *(
        f"create function public.{name}() returns timestamptz language sql volatile as"
        f" 'select pg_catalog.{name}() + by from public.moved'"
        for name in ("clock_timestamp", "now")
    ),
    'alter database "{name}" set search_path to public, pg_catalog',
)


class Passing:
    """The installation `db` on a database of its own; `later(minutes=5)` for all of it."""

    def __init__(self, db, folder):
        self.db = in_real_time(db)
        name = make_url(db.url).database
        with db() as work:
            for each in MOVED:
                work.session.execute(text(each.format(name=name)))
        db.engine.dispose()
        self.file = folder / "moved"
        self.file.write_bytes(bytes(8))
        self.environment = {CLOCK: str(self.file)}
        self._by = 0.0
        self.later()

    def later(self, *, minutes=0, seconds=0):
        """So much time has passed, for everybody."""
        self._by += 60 * minutes + seconds
        moved = text("update moved set by = make_interval(secs => :by)")
        with self.db() as work:
            work.session.execute(moved, {"by": self._by})
        with self.file.open("r+b") as file:
            file.write(struct.pack("d", self._by))
        self.db.clock = SharedClock()
