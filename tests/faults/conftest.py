"""Real processes for the faults: database on this machine's clock, Redis, sink, workers."""

import pytest

from tests.faults.posting import Plant, Sink, in_real_time


@pytest.fixture
def real(db):
    return in_real_time(db)


@pytest.fixture
def sink(tmp_path):
    with Sink(tmp_path / "sink") as running:
        yield running


@pytest.fixture
def plant(real, tmp_path, redis_url, sink):
    with Plant(real, tmp_path, redis_url, sink) as standing:
        yield standing
