"""The house of the fund's tests, to which files of partners and parts come."""

import pytest

from tcma.partners import actions
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture


@pytest.fixture
def areas(house):  # noqa: F811 - the fixture
    with house.db(house.mira) as work:
        for code in ("DE-N", "DE-S"):
            actions.save_territory(work, code=code, name=code, country="DE")
    return house
