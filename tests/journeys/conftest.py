"""One installation for the journey, and where its pictures go."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.demo_world import copied
from tests.journeys.installation import installation
from tests.services import ROOT

for part in ("money", "outreach", "people", "setting_out", "story"):
    pytest.register_assert_rewrite(f"tests.journeys.{part}")


@pytest.fixture(scope="module")
def product(demo_world):
    """Its data is where an embedded database of another user may go, unlike pytest's folders."""
    with TemporaryDirectory(prefix="tcma-journey-") as folder:
        copied(demo_world, Path(folder) / "data")
        with installation(Path(folder)) as running:
            yield running


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A temporary folder; the README's own with TCMA_PICTURES=1."""
    if os.environ.get("TCMA_PICTURES") == "1":
        return ROOT / "brand_assets" / "screenshots"
    return tmp_path_factory.mktemp("pictures")
