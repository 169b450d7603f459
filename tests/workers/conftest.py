"""Jobs of this process whose mail goes to the test's own server."""

import pytest

from tests.faults.posting import services_of
from workers import delivery
from workers.runtime import Run


@pytest.fixture
def run(db, tmp_path, smtp_sink):
    made = Run(services=services_of(db, tmp_path, smtp_sink.url), stopping=lambda: False)
    yield made
    delivery.close_office(made)


@pytest.fixture
def office(run):
    return delivery._living_office(run)
