"""One database per test process that tests use in turn: each finds it as the migrations left it.

A new database costs a clone, new connections whose caches are cold, and an engine that compiles
every statement again; that was more than most tests do. So the rows are taken away instead, below
triggers and foreign keys. Whoever left somebody behind (a connection of its own, a transaction
that is still open) gets a new database made for the next test, as does who left files that are large:
deleted rows stay in them, and pages of dead rows are read too. Measured over 250 small turns, the last
cost no more than the first; a new database costs two tenths of a second until all is warm again.

A world that many tests begin with is made through the verbs once, and its rows are put back after
that: `turns.kept(name, db, make)`.
"""

from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import event

from tcma.clock import FixedClock
from tcma.db.session import make_engine

LONGEST = 250
"""Turns, after which a database is a new one whatever it is like."""
LARGE = 16 << 20
"""Octets of tables; untouched ones have 2 MB."""
WRITTEN = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"""
COPY_OUT, COPY_IN = sql.SQL("COPY {} TO STDOUT"), sql.SQL("COPY {} FROM STDIN")
DELETE = sql.SQL("DELETE FROM {}")
COUNTERS = "SELECT sequencename, last_value, start_value FROM pg_sequences"
STRANGERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> ALL(%s)"""


class Turns:
    """`with turns.turn() as (url, engine)`; end with `close()`."""

    def __init__(self, databases):
        self.databases = databases
        self.lent = None
        self.left = 0
        self.worlds = {}

    @contextmanager
    def turn(self):
        """The database and an engine on it; what is listened for on that engine ends with it."""
        if self.lent is None:
            self.lent, self.left = Lent(self.databases), LONGEST
        self.left -= 1
        try:
            yield self.lent.url, self.lent.engine.execution_options()
        finally:
            if not self.left or not self.lent.emptied():
                self.close()

    def kept(self, name, db, make):
        """What `make()` returns and writes; from the second time on its rows and files are put back.

        It begins in a world without vendors, on a clock that stands, and returns nothing of `db`.
        """
        if not isinstance(db.clock, FixedClock) or self.lent.is_lived_in():
            return make()
        mark = name, db.clock.at, db.site.public_url, db.site.secret
        if mark not in self.worlds:
            made = make()
            self.worlds[mark] = Kept.of(self.lent, db, made)
            return made
        return self.worlds[mark].put_back(self.lent, db)

    def close(self):
        if self.lent is not None:
            self.lent.close()
            self.lent = None


@dataclass(frozen=True)
class Kept:
    """A world that was made once: its rows, counters, files, wake-ups, and what its maker returned."""

    rows: dict
    counters: dict
    files: dict
    sent: list
    made: object

    @classmethod
    def of(cls, lent, db, made):
        folder = db.files.folder
        files = {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        return cls(lent.rows(), lent.counters(), files, list(db.queue.sent), deepcopy(made))

    def put_back(self, lent, db):
        lent.fill(self.rows, self.counters)
        for name, content in self.files.items():
            path = db.files.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        db.queue.sent.extend(self.sent)
        return deepcopy(self.made)


class Lent:
    """A clone with its engine, and what its tables and counters held at first."""

    def __init__(self, databases):
        self.cloned = databases.fresh()
        self.url = self.cloned.__enter__()
        self.engine = make_engine(self.url)
        self.own = []
        event.listen(self.engine, "connect", self._note)
        self.house = psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True)
        self.house.execute("SET session_replication_role = replica; SET lock_timeout = '2s'")
        self.own.append(self.house.info.backend_pid)
        self.first = self.rows(), self.counters()

    def _note(self, connection, record):
        self.own.append(connection.info.backend_pid)

    def is_lived_in(self):
        return self.house.execute("SELECT EXISTS (SELECT FROM vendor)").fetchone()[0]

    def rows(self):
        """Every table that holds something, as COPY writes it."""
        found = {}
        for name in self._written():
            with self.house.cursor().copy(COPY_OUT.format(sql.Identifier(name))) as out:
                found[name] = b"".join(out)
        return {name: rows for name, rows in found.items() if rows}

    def counters(self):
        found = self.house.execute(COUNTERS).fetchall()
        return {
            name: (start, False) if last is None else (last, True) for name, last, start in found
        }

    def emptied(self):
        """Put the rows and counters back as they were; False when somebody is still there, or it is large."""
        try:
            if self.engine.pool.checkedout():
                return False
            if self.house.execute(STRANGERS, [self.own]).fetchone()[0]:
                return False
            self.fill(*self.first)
            return sum(self._written().values()) < LARGE
        except psycopg.Error:
            return False

    def fill(self, rows, counters):
        """Let the tables hold these rows and no others."""
        with self.house.transaction():
            all_of = [DELETE.format(sql.Identifier(name)) for name in self._written()]
            self.house.execute(sql.SQL(";").join(all_of))
            for name, content in rows.items():
                with self.house.cursor().copy(COPY_IN.format(sql.Identifier(name))) as into:
                    into.write(content)
            for name, now in self.counters().items():
                if now != counters[name]:
                    self.house.execute("SELECT setval(%s, %s, %s)", [name, *counters[name]])

    def _written(self):
        """Each table that holds something, or has, with its size."""
        return dict(self.house.execute(WRITTEN).fetchall())

    def close(self):
        self.house.close()
        self.engine.dispose()
        self.cloned.__exit__(None, None, None)
