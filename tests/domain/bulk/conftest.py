"""The house of the fund's tests, to which files of partners and parts come."""

from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
