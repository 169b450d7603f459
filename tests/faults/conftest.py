"""Real processes for the faults: database on this machine's clock, Redis, sink, workers."""

import pytest

from tcma.adapters.storage_disk import DiskFiles
from tests.faults.passing import Passing
from tests.faults.posting import Plant, Sink, in_real_time
from tests.faults.running import Running
from tests.services import World, engine_of


@pytest.fixture
def real(db):
    return in_real_time(db)


@pytest.fixture
def sink(tmp_path):
    with Sink(tmp_path / "sink") as running:
        yield running


def patient(sink):
    """The sink as a relay that may be silent for a minute: that a machine in a crowd stood still is no fault."""
    return {"TCMA_SMTP_URL": f"{sink.url}?answer=60&command=60"}


@pytest.fixture
def plant(real, tmp_path, redis_url, sink):
    with Plant(real, tmp_path, redis_url, sink, **patient(sink)) as standing:
        yield standing


@pytest.fixture
def passing(postgres, tmp_path):
    """An installation whose time can be moved: `passing.later(minutes=5)`."""
    with postgres.fresh() as url, engine_of(url) as engine:
        files = DiskFiles(tmp_path / "files")
        yield Passing(World(url=url, engine=engine, clock=None, site=None, files=files), tmp_path)


@pytest.fixture
def moved_plant(passing, tmp_path, redis_url, sink):
    """Processes beside that installation, whose clocks go with its database's."""
    told = passing.environment | patient(sink)
    with Plant(passing.db, tmp_path, redis_url, sink, **told) as standing:
        yield standing


@pytest.fixture(scope="module")
def running(postgres, tmp_path_factory, redis_server):
    """A house that runs while the stories of a module happen in it."""
    folder = tmp_path_factory.mktemp("running")
    with postgres.fresh() as url, engine_of(url) as engine, Sink(folder / "sink") as sink:
        files = DiskFiles(folder / "files")
        db = in_real_time(World(url=url, engine=engine, clock=None, site=None, files=files))
        redis_url = f"{redis_server.url[:-1]}7"
        with Plant(db, folder, redis_url, sink, **patient(sink)) as plant:
            plant.queue.broker.client.flushdb()
            yield Running(db, plant, sink)
