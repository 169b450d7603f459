"""M3: whoever is killed between two statements leaves books as they were, or as they shall be."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, text

from tcma.mdf.rules import TransferKind
from tests.domain.mdf.verbs.tour import WAYS
from tests.services import ROOT

MOST = int(os.environ.get("TCMA_TEST_KILLS", "6"))
"""At how many of a verb's statements it is killed, from the first written row to the commit: both
ends, and evenly between. 0 is each of them, for a soak.
"""


@pytest.mark.timeout(1_800 if not MOST else 400)
def test_m3_a_kill_between_two_statements_of_any_verb_that_moves_money_moves_none(
    postgres, tmp_path
):
    with ExitStack() as lent:
        urls = [lent.enter_context(postgres.fresh()) for _ in WAYS]
        given = {"urls": urls, "files": str(tmp_path), "most": MOST}
        done = subprocess.run(
            [sys.executable, "-m", "tests.domain.mdf.killed"], input=json.dumps(given),
            capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3_000:]
        kinds = {kind for url in urls for kind in moved(url)}
    assert kinds == set(TransferKind), "each way money moves was walked"
    for line in map(json.loads, done.stdout.splitlines()):
        at, count = line["killed_at"], line["statements"]
        assert (at[0], at[-1]) == (1, count), line
        assert len(at) == (min(count, MOST) if MOST else count), line


def moved(url):
    engine = create_engine(url)
    with engine.connect() as connection:
        found = set(connection.scalars(text("SELECT DISTINCT kind FROM ledger_transfer")))
    engine.dispose()
    return found
