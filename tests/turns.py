"""One database per test process that tests use in turn: each finds it as the migrations left it.

A new database costs a clone, new connections whose caches are cold, and an engine that compiles
every statement again; that was more than most tests do. So the rows are taken away instead, below
triggers and foreign keys. Whoever left somebody behind (a connection of its own, a transaction
that is still open) gets a new database made for the next test, as does every fiftieth turn.
"""

from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import event

from tcma.db.session import make_engine

LONGEST = 50  # turns; deleted rows stay in the files, and pages of dead rows are read too
ROWS = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"""
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

    def close(self):
        if self.lent is not None:
            self.lent.close()
            self.lent = None


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
        self.seeds = {name: self._rows(name) for (name,) in self.house.execute(ROWS).fetchall()}
        self.counters = dict(self._counters())

    def _note(self, connection, record):
        self.own.append(connection.info.backend_pid)

    def _rows(self, name):
        with self.house.cursor().copy(
            sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
        ) as out:
            return b"".join(out)

    def _counters(self):
        for name, last, start in self.house.execute(COUNTERS).fetchall():
            yield name, (start, False) if last is None else (last, True)

    def emptied(self):
        """Put the rows and counters back as they were; False when somebody is still there."""
        try:
            if (
                self.engine.pool.checkedout()
                or self.house.execute(STRANGERS, [self.own]).fetchone()[0]
            ):
                return False
            with self.house.transaction():
                self._empty()
        except psycopg.Error:
            return False
        return True

    def _empty(self):
        found = [name for (name,) in self.house.execute(ROWS).fetchall()]
        delete = sql.SQL("DELETE FROM {}")
        self.house.execute(sql.SQL(";").join(delete.format(sql.Identifier(one)) for one in found))
        for name, rows in self.seeds.items():
            into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
            with self.house.cursor().copy(into) as copy:
                copy.write(rows)
        for name, now in self._counters():
            if now != self.counters[name]:
                self.house.execute("SELECT setval(%s, %s, %s)", [name, *self.counters[name]])

    def close(self):
        self.house.close()
        self.engine.dispose()
        self.cloned.__exit__(None, None, None)
