"""A partner ready to launch: made once per process, its rows and files put back after that."""

import pytest

from tcma.library.compiling import problems_of_copy
from tcma.library.models import PartnerCopy
from tests.faults.stage import Stage


@pytest.fixture
def staged(db, turns):
    """`staged(count=30)`: such a stage, whose mails somebody looked at already."""

    def standing(**facts):
        stage = turns.kept(f"stage {sorted(facts.items())}", db, lambda: _looked_at(db, facts))
        stage.db = db
        return stage

    return standing


def _looked_at(db, facts):
    stage = Stage(db, **facts)
    with db() as work:
        assert problems_of_copy(work, work.session.get_one(PartnerCopy, stage.copy_id)) == []
    stage.db = None
    return stage


@pytest.fixture
def stage(staged):
    return staged()
