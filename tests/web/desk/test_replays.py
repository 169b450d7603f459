"""What the night found in the decisions, on finance's desk."""

from sqlalchemy import text

from tcma.jobs import Job
from tests.domain.mdf.conftest import house  # noqa: F401 - the fixture
from tests.faults.posting import rung
from tests.workers.test_mdf import OneWorld
from workers.main import import_handlers
from workers.runtime import Run


def night(counter):
    import_handlers()
    run = Run(services=OneWorld(counter.house.db), stopping=lambda: False)
    rung(run, Job.DECISIONS_REPLAY)


def test_finance_reads_that_decisions_hold_or_which_come_out_otherwise(counter):
    house = counter.house  # noqa: F811 - the counter's
    claim = house.claimed(house.proven(house.approved()), ("1", 500))
    assert "come out" not in counter.finn.get("/desk/finance").words
    night(counter)
    page = counter.finn.get("/desk/finance")
    assert "All 3 decisions come out the same again" in page.words
    with house.db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("update judgement set case_text = replace(case_text, '800.00', '700.00')")
        )
    house.db.clock.at = house.db.clock.at.replace(day=4)
    night(counter)
    page = counter.finn.get("/desk/finance")
    assert "decisions come out otherwise when made again." in page.words
    assert f"/desk/claims/{claim}" in page.links()
    assert all(counter.finn.get(link).status == 200 for link in page.links() if claim in link)
    assert "the same again" not in page.words
