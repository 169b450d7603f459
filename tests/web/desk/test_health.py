"""Health says when numbers of results are late, held up or wrong, and how they are brought in step."""

import json
import os
import subprocess
import sys

import pytest
from sqlalchemy import text

from tcma.delivery import reaction_sums
from tcma.permissions import Role
from tests.builders import a_user


@pytest.fixture
def ada(counter):
    with counter.house.db() as work:
        person = a_user(work, Role.ADMINISTRATOR, name="Ada", vendor_id=counter.house.vendor)
    return counter.visitor(person)


def change(house, more):
    with house.db() as work:
        work.session.execute(
            text(
                "insert into reaction_change (mailing_id, on_day, opened, at)"
                " values (1, '2026-03-02', 1, now() - interval '5 minutes')"
            )
        )
        more(work)


def tcma(db, folder, *words):
    done = subprocess.run(
        [sys.executable, "-m", "tcma.cli.main", "sums", *words, "--json"],
        capture_output=True, timeout=240, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TCMA_DATA": str(folder / "data"),
             "TCMA_DATABASE_URL": db.url},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout or done.stderr)


def test_sums_that_are_behind_say_so_and_that_numbers_are_right(counter, ada):
    assert "Opens, clicks and answers are summed" in ada.get("/desk/health").words
    change(counter.house, lambda work: None)
    page = ada.get("/desk/health").words
    assert "The sums are 5 minutes behind. Numbers are right" in page


def test_a_difference_stands_there_until_the_command_has_mended_it(counter, ada, tmp_path):
    change(counter.house, reaction_sums.audit)
    assert "1 sum differs from its rows" in ada.get("/desk/health").words
    db = counter.house.db
    assert tcma(db, tmp_path, "check") == (1, {"whole": False, "wrong": 1})
    assert tcma(db, tmp_path, "mend", "--since", "2026-03-02") == (0, {"mended": 1})
    assert "differs from" not in ada.get("/desk/health").words
