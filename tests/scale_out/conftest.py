"""The scaled-out form, running."""

import pytest

from tests.scale_out import processes


@pytest.fixture
def servers(postgres, redis_url, s3_url, smtp_sink, tmp_path):
    """The addresses of real servers, as `processes.scaled_out` takes them."""
    with postgres.empty() as database_url:
        yield {
            "database_url": database_url,
            "redis_url": redis_url,
            "s3_url": s3_url,
            "smtp_url": smtp_sink.url,
            "folder": tmp_path,
        }


@pytest.fixture
def scaled_out(servers):
    """web, worker and scheduler of compose.yaml on real servers; `scaled_out.base_url`."""
    with processes.scaled_out(**servers) as running:
        yield running


@pytest.fixture
def a_worker(servers):
    """Only a worker of compose.yaml."""
    with processes.scaled_out(**servers, services=("worker",)) as running:
        yield running


@pytest.fixture
def nobody_yet(servers):
    """The migrated installation of compose.yaml, before its services start."""
    with processes.scaled_out(**servers, services=()) as running:
        yield running
