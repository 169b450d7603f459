"""The real servers of the tests: one PostgreSQL per machine, Redis, S3 and SMTP per process."""

import fcntl
import hashlib
import itertools
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import Engine

from tcma.clock import Clock
from tcma.db.session import make_engine, transaction
from tcma.db.work import Site
from tcma.embedded import postgres
from tcma.permissions import SYSTEM
from tcma.ports import FileStore
from tests.fakes import KeptQueue

ROOT = Path(__file__).parent.parent
MEMORY, ROOM = Path("/dev/shm"), 3 << 30
SETTINGS = {
    **postgres.FAST,
    "max_connections": "300",
    "autovacuum": "off",
    "max_wal_size": "256MB",  # a disk in memory keeps no more than that
}
KEEP_TEMPLATES = 4
_numbers = itertools.count()


@dataclass
class World:
    """An installation on its own database: `with world() as work:` is one transaction."""

    url: str
    engine: Engine
    clock: Clock
    site: Site
    files: FileStore
    queue: KeptQueue = field(default_factory=KeptQueue)

    def __call__(self, principal=SYSTEM):
        return self.transaction(principal)

    def transaction(self, principal):
        return transaction(
            self.engine,
            principal=principal,
            clock=self.clock,
            site=self.site,
            files=self.files,
            queue=self.queue,
        )


@dataclass(frozen=True)
class Databases:
    """The shared server and its migrated template."""

    server: postgres.Server
    template: str

    @contextmanager
    def fresh(self):
        """A database of one's own for the length of a block, cloned from the template."""
        name = f"tcma_test_{os.getpid()}_{next(_numbers)}"
        with _admin(self.server) as admin:
            _clone(admin, name, self.template)
        try:
            yield self.server.url(name)
        finally:
            with _admin(self.server) as admin:
                _drop(admin, name)

    def template_to_be(self):
        """A migrated database that outlives this process, for others to clone; the next run drops it."""
        name = f"tcma_test_{os.getpid()}_{next(_numbers)}"
        with _admin(self.server) as admin:
            _clone(admin, name, self.template)
        return self.server.url(name)

    @contextmanager
    def empty(self):
        """A database without any table."""
        name = f"tcma_test_{os.getpid()}_{next(_numbers)}"
        with _admin(self.server) as admin:
            _clone(admin, name, "template0")
        try:
            yield self.server.url(name)
        finally:
            with _admin(self.server) as admin:
                _drop(admin, name)


@contextmanager
def databases():
    """Start or join the tests' PostgreSQL; build the template when the schema has changed."""
    folder = _folder()
    server = postgres.start(folder, settings=SETTINGS, database=None)
    try:
        template = f"tcma_template_{_schema_mark()}"
        with (folder / "template.lock").open("w") as lock, _admin(server) as admin:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _forget_the_dead(admin)
            if template not in _names(admin, "tcma_template_%"):
                _build_template(server, admin, template)
        yield Databases(server, template)
    finally:
        postgres.stop(server)


def _folder():
    """A disk in memory where there is one with room, else the data folder.

    A database is some thousand small files: made in memory it takes a tenth of the time. What stays
    there after the tests, some 100 MB, spares the next run its first seconds.
    """
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        mark = hashlib.sha256(bytes(ROOT)).hexdigest()[:12]
        return MEMORY / f"tcma-tests-{os.getuid()}-{mark}"
    return ROOT / ".data" / "tests"


def _schema_mark():
    files = sorted((ROOT / "tcma" / "db" / "migrations").rglob("*.py"))
    mark = hashlib.sha256()
    for each in files:
        mark.update(each.read_bytes())
    return mark.hexdigest()[:12]


def _build_template(server, admin, template):
    from tcma.db.migrate import upgrade

    building = f"{template}_building"
    _drop(admin, building)
    _clone(admin, building, "template0")
    upgrade(server.url(building))
    rename = sql.SQL("alter database {} rename to {}")
    admin.execute(rename.format(sql.Identifier(building), sql.Identifier(template)))


def _forget_the_dead(admin):
    for name in _names(admin, "tcma_test_%"):
        if not Path(f"/proc/{name.split('_')[2]}").exists() and Path("/proc/self").exists():
            _drop(admin, name)
    for name in _names(admin, "tcma_template_%")[:-KEEP_TEMPLATES]:
        _drop(admin, name)


def _names(admin, pattern):
    found = admin.execute(
        "select datname from pg_database where datname like %s order by oid", [pattern]
    )
    return [name for (name,) in found if not name.endswith("_building")]


def _clone(admin, name, template):
    make = sql.SQL("create database {} template {} strategy file_copy")
    admin.execute(make.format(sql.Identifier(name), sql.Identifier(template)))


def _drop(admin, name):
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@contextmanager
def _admin(server):
    with psycopg.connect(
        host=str(server.socket_folder), user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        yield connection


@contextmanager
def engine_of(url):
    """An engine that leaves no connection behind."""
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
