"""One lived-in world per test process, to be looked at and rehearsed on, never changed."""

import os

import pytest

from tests import lived_world
from tests.web.rehearsal import rehearsal_of


@pytest.fixture(scope="session")
def lived_copy(postgres, tmp_path_factory):
    """`with lived_copy(public_url=…) as world:` a lived-in world of one's own, to be changed at will."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def copied(**address):
        folder = tmp_path_factory.mktemp("lived-in")
        return lived_world.one_of(postgres, shared, folder, **address)

    return copied


@pytest.fixture(scope="session")
def lived(lived_copy):
    with lived_copy() as world:
        yield world


@pytest.fixture(scope="session")
def rehearsal(lived):
    """The app over the lived-in world, and who is signed in to it; what is sent is undone."""
    return rehearsal_of(lived)
