"""Somebody of a partner with nothing but its contacts."""

import pytest

from tests import builders


@pytest.fixture
def alice(db):
    with db() as work:
        vendor = builders.a_vendor(work)
        return builders.alice(work, builders.a_partner(work, vendor, profile=False))
