"""What the measurements stand on: a database as `make run` sets it up, Redis, files, sizes."""

from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from tcma.adapters.queue_dramatiq import to_redis
from tcma.adapters.storage_disk import DiskFiles
from tcma.db.migrate import upgrade
from tcma.embedded import postgres, redis
from tests.bench import tools
from tests.faults.nursery import forked, fresh
from tests.faults.posting import SECRET, in_real_time
from tests.services import Databases, World, engine_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    rounds: int
    messages: int
    import_rows: int
    most_rows: int
    frozen_rows: int
    contacts: int
    launches: int
    seconds: float
    partners: int
    repeats: int
    walls: int
    workers: tuple[int, ...]
    waiting: int
    due: int
    leads: int
    routers: int
    answers: int
    crowd: int
    beside: int
    """Mails of the launch beside a minute of steps: more than leave in it."""
    minute: float
    inside: int
    kits: int
    funds: int
    parts: int
    transfers: int
    reported: int
    bookers: int
    relay: str = "go"
    """How the relay of a launch that others go beside takes mails: an order of `tests/faults/sink.py`."""
    begin: Callable = fresh


WHOLE = Size(
    rounds=3, messages=12_000, import_rows=100_000, most_rows=1_000_000, frozen_rows=100_000, contacts=5_000,
    launches=60, seconds=3.0, partners=4, repeats=2_000,
    walls=50, workers=(1, 2, 4, 8), leads=6_400, routers=8,
    answers=100, crowd=100_000, beside=250_000, minute=60.0, inside=100_000, waiting=1_000_000, due=10_000, kits=60,
    funds=100, parts=20, transfers=10_000_000, reported=10_000,
    bookers=8,
)  # fmt: skip
QUICK = Size(
    rounds=1, messages=60, import_rows=200, most_rows=400, frozen_rows=200, contacts=60,
    launches=3, seconds=0.2, partners=1, repeats=20, walls=1, workers=(1,), leads=100, routers=2,
    answers=4, crowd=4_000, beside=4_000, minute=2.0, inside=300, waiting=2_000, due=120, kits=2,
    funds=3, parts=2, transfers=2_400, reported=3,
    bookers=2, relay="slow", begin=forked,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """A running PostgreSQL (settings of the product, not of the tests) and Redis."""

    size: Size
    folder: Path
    tools_folder: Path
    databases: Databases
    redis_url: str

    def tool(self, name):
        return tools.find(name, self.tools_folder)

    @contextmanager
    def installation(self, name):
        """A migrated database of its own with files and a queue to Redis, on the real clock."""
        files = DiskFiles(self.folder / name / "files")
        queue = to_redis(self.redis_url)
        with self.databases.fresh() as url, engine_of(url) as engine:
            yield in_real_time(
                World(url=url, engine=engine, clock=None, site=None, files=files, queue=queue)
            )
        queue.broker.close()

    def environment(self, db, name, **more):
        """The variables of a process that serves the same installation."""
        return {
            "TCMA_DATABASE_URL": db.url,
            "TCMA_REDIS_URL": self.redis_url,
            "TCMA_FILES_URL": f"file:{db.files.folder}",
            "TCMA_SECRET": SECRET,
            "TCMA_DATA": str(self.folder / name / "data"),
        } | more


@contextmanager
def ground(size, *, data, folder):
    """Start the servers: PostgreSQL in `data`, everything else in the throw-away `folder`."""
    with ExitStack() as stack:
        server = _server(size, data)
        stack.callback(postgres.stop, server)
        running = redis.start(folder / "redis")
        stack.callback(running.stop)
        migrated = stack.enter_context(Databases(server, "").empty())
        upgrade(migrated)
        databases = Databases(server, make_url(migrated).database)
        yield Ground(size, folder, data / "tools", databases, running.url)


def _server(size, data):
    """As the product's own; where nothing is measured, a throw-away one that waits for no disk."""
    if size is QUICK:
        return postgres.start(data / "quick", settings=postgres.FAST, database=None)
    return postgres.start(data, settings=postgres.SAFE, database=None)


@contextmanager
def raw_connection(db):
    """psycopg's own connection, committed at the end."""
    with db.engine.connect() as held:
        raw = held.connection.driver_connection
        yield raw
        raw.commit()


def settled(db):
    """What autovacuum does within a minute of a large import: statistics, visibility."""
    with raw_connection(db) as raw:
        raw.autocommit = True
        raw.execute("vacuum analyze")
        raw.autocommit = False
