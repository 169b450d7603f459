"""The scaled-out form, running."""

import pytest

from tests.scale_out import processes


@pytest.fixture
def servers(redis_url, s3_url, smtp_sink, tmp_path):
    """The addresses of real servers, as `processes.scaled_out` takes them."""
    return {
        "redis_url": redis_url,
        "s3_url": s3_url,
        "smtp_url": smtp_sink.url,
        "folder": tmp_path,
    }


@pytest.fixture
def scaled_out(servers, postgres):
    """web, worker and scheduler of compose.yaml on real servers; `scaled_out.base_url`."""
    with (
        postgres.empty() as database_url,
        processes.scaled_out(**servers, database_url=database_url) as running,
    ):
        yield running


@pytest.fixture
def a_worker(servers, database_url):
    """Only a worker of compose.yaml, on a database that is migrated."""
    told = {"database_url": database_url, "services": ("worker",), "is_migrated": True}
    with processes.scaled_out(**servers, **told) as running:
        yield running


@pytest.fixture
def nobody_yet(servers, database_url):
    """The migrated installation of compose.yaml, before its services start."""
    told = {"database_url": database_url, "services": (), "is_migrated": True}
    with processes.scaled_out(**servers, **told) as running:
        yield running
