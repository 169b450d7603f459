"""One crowd for each file of tests."""

import pytest

from tests.domain.nurture.crowd import crowd


@pytest.fixture(scope="module")
def ground_of_file(postgres, tmp_path_factory):
    with crowd(postgres, tmp_path_factory.mktemp("crowd")) as made:
        yield made


@pytest.fixture
def people(ground_of_file):
    ground_of_file.clear()
    return ground_of_file
