"""Real parts for the tests: database, files, Redis, S3, SMTP, Chromium; nothing else."""

import gc
import itertools
import os
import random
from datetime import UTC, datetime

import pytest
import structlog

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import FixedClock
from tcma.db.work import Site
from tcma.embedded import chromium as chromium_of_machine
from tcma.embedded import redis, s3
from tcma.ids import Signer
from tests import demo_world as demo_worlds
from tests.fakes import BROKER
from tests.order import in_order, seconds
from tests.services import World, databases
from tests.smtp import SmtpSink
from tests.turns import Turns

SECRET = b"only-for-tests-only-for-tests-only-for-tests"
_buckets = itertools.count()


gc.disable()  # while half a million objects are made that all stay: modules, tables, tests


def pytest_addoption(parser):
    parser.addoption(
        "--broker", choices=("orderly", "unruly"), default="orderly",
        help="unruly: every wake-up that a test takes comes twice, in any order, one in ten not at all",
    )  # fmt: skip
    parser.addoption(
        "--broker-seed", type=int, help="repeats what an unruly broker did; a run says its seed"
    )


def pytest_configure(config):
    if config.option.broker_seed is None:  # the processes of xdist are given this one
        config.option.broker_seed = random.randrange(1_000_000)
    BROKER.is_unruly = config.option.broker == "unruly"
    BROKER.seed = config.option.broker_seed
    log_plainly()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    BROKER.roll("setup", item.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    BROKER.roll("call", item.nodeid)


def pytest_terminal_summary(terminalreporter):
    if BROKER.is_unruly:
        terminalreporter.write_line(f"unruly broker: --broker-seed={BROKER.seed} repeats it")


def pytest_collection_finish(session):
    """What collection made is never garbage, and is not looked through for it again.

    What tests make is looked through less often, which took a twentieth of their time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """File by file, in the order that leaves no core idle."""
    files = dict.fromkeys(_file(each) for each in items)
    place = {file: n for n, file in enumerate(in_order(files, seconds()))}
    items.sort(key=lambda each: place[_file(each)])


def _file(item):
    return item.nodeid.partition("::")[0]


def log_plainly():
    """As structlog does by itself, but for tracebacks: where `rich` is installed it paints one in 1.6 s."""
    structlog.reset_defaults()
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


@pytest.fixture(autouse=True)
def plain_logs():
    """A command that ran in this process leaves its way of logging to nobody."""
    yield
    log_plainly()


@pytest.fixture(scope="session")
def postgres():
    with databases() as shared:
        yield shared


@pytest.fixture
def database_url(postgres):
    """A migrated database of this test alone."""
    with postgres.fresh() as url:
        yield url


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def site():
    return Site(public_url="https://tcma.test", signer=Signer(SECRET), secret=SECRET)


@pytest.fixture
def files(tmp_path):
    return DiskFiles(tmp_path / "files")


@pytest.fixture(scope="session")
def turns(postgres):
    made = Turns(postgres)
    yield made
    made.close()


@pytest.fixture
def db(turns, clock, site, files):
    """An installation on an empty database: `with db() as work:`, `db(principal)`, `db.queue`."""
    with turns.turn() as (url, engine):
        yield World(url=url, engine=engine, clock=clock, site=site, files=files)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    server = redis.start(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server):
    """A real Redis, empty."""
    from redis import Redis

    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    server = s3.start(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def s3_url(s3_server):
    """A real S3 server's TCMA_FILES_URL with an empty bucket."""
    return s3_server.url(f"tcma-{os.getpid()}-{next(_buckets)}")


@pytest.fixture(scope="session")
def demo_world(tmp_path_factory):
    """The data folder of the demo world at rest, one for all processes: to be copied."""
    own = tmp_path_factory.getbasetemp()
    return demo_worlds.made_in(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture
def smtp_sink():
    """A real SMTP server that keeps what it takes and can be told what to answer."""
    with SmtpSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def chromium():
    """Path of a real Chromium; installed when missing."""
    return chromium_of_machine.ensure()


@pytest.fixture(scope="session")
def browser(chromium):
    """A headless browser for this process; tests open their own contexts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium,
            headless=True,
            # A page is open for a second: what the optimising compiler makes of it comes too late.
            args=[*chromium_of_machine.ARGUMENTS, "--js-flags=--no-opt"],
        )
        yield running
        running.close()


@pytest.fixture
def authority():
    """A time authority that nobody has asked yet and that answers as one should."""
    from tests.time_authority import known

    made = known()
    made.asked.clear()
    made.answer = None
    yield made
    made.answer = None
