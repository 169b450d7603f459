"""A house of its own, PostgreSQL and Redis with it, under faults: everybody is accounted for."""

import random
import tempfile
from pathlib import Path

import pytest

from tcma.jobs import Job
from tests.faults.posting import REST_S, START_S, a_mailing, sums, until
from tests.soak.house import house
from tests.soak.running import Plan, soaked

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def standing():
    """One for all tests here, at rest between them; its folder is one that PostgreSQL may enter."""
    with (
        tempfile.TemporaryDirectory(prefix="tcma-soak-") as folder,
        house(Path(folder), workers=2) as made,
    ):
        yield made


def test_s9_postgresql_restarts_mid_batch_and_nothing_leaves_without_an_intent(standing):
    db, sink, before = standing.db, standing.sink, standing.sink.count()
    with db() as work:
        mailing_id = a_mailing(work, 600, domain="restarted.example")
    sink.order("slow")
    standing.plant.ring(Job.MAILING_SEND)
    for enough in (20, 200):
        until(lambda seen=before + enough: sink.count() > seen, START_S, what="mail at the sink")
        standing.restart_database()
        at_the_relay = sink.count()
        intended = "SELECT count(*) FROM message WHERE state IN (2, 3, 6)"
        assert standing.ask(intended)[0][0] >= at_the_relay
    sink.order("go")
    until(lambda: not sums(db, mailing_id).waiting, REST_S, what="rest")
    found = sums(db, mailing_id)
    assert (found.sent, found.uncertain, found.holds) == (600, 0, True)
    kept = sink.kept("@restarted.example")
    assert (len(kept), max(kept.values())) == (600, 1)


def test_s5_s30_whatever_happens_nobody_gets_two_and_nobody_is_lost(standing):
    """Three thousand mails, as `make soak` sends a million."""
    seed = random.SystemRandom().randrange(10**6)
    plan = Plan(messages=3_000, launch=1_000, workers=2, every_s=0.8, seed=seed)
    found = soaked(standing, plan)
    print(f"seed {seed}\n{found.table()}")
    assert found.wrong == [], (
        f"python -m tests.soak --messages 3000 --launch 1000 --every 0.8 --seed {seed}"
    )
    assert found.kept + sum(row[6] + row[7] for row in found.rows) >= 2_999
    assert found.faults
