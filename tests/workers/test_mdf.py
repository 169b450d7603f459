"""The jobs of funds: each finds its own work, and a broken ledger is an error that names itself."""

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tcma.jobs import Job
from tcma.mdf.funds import proof as ledger_proof
from tcma.mdf.ledger import booking
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture
from workers import mdf
from workers.runtime import HANDLERS, Run


class OneWorld:
    """Services as far as a job's transaction needs them."""

    def __init__(self, db):
        self.transaction = db


@pytest.fixture
def run(db):
    return Run(services=OneWorld(db), stopping=lambda: False)


def test_a_whole_ledger_says_nothing_and_a_broken_one_names_fund_and_place(house, run):  # noqa: F811
    with capture_logs() as quiet:
        HANDLERS[Job.LEDGER_VERIFY](run)
    assert quiet == []
    HANDLERS[Job.LEDGER_VERIFY](run)
    with house.db(house.finn) as work:
        told = ledger_proof.last_proof(work.session, house.finn, house.fund_ref)
        proofs = work.session.scalar(
            text("select count(*) from audit_entry where subject = 'ledger'")
        )
    assert (told.entries, told.faults, proofs) == (2, (), 1)
    with house.db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE ledger_transfer SET amount = 1 WHERE seq = 2"))
    with capture_logs() as logs:
        HANDLERS[Job.LEDGER_VERIFY](run)
    assert (logs[0]["log_level"], logs[0]["fund"], logs[0]["seq"]) == ("error", house.fund_ref, 2)
    with house.db(house.finn) as work:
        assert len(booking.verify(work.session)) == len(logs)
        told = ledger_proof.last_proof(work.session, house.finn, house.fund_ref)
    assert told.entries == 2
    assert told.faults[0] == "row changed (2)"


def test_unclaimed_money_is_reminded_of_by_its_job(house, run):  # noqa: F811
    house.approved()
    house.db.clock.at = house.db.clock.at.replace(month=5, day=20)
    with capture_logs() as logs:
        HANDLERS[Job.FUNDS_REMIND](run)
        HANDLERS[Job.FUNDS_REMIND](run)
    assert [(entry["event"], entry["count"]) for entry in logs] == [("funds settled by date", 1)]
    assert house.db.queue.of(Job.MAILING_SEND)


def test_a_plan_that_cannot_be_settled_is_an_error_and_stops_no_other(house, run):  # noqa: F811
    broken, whole = house.approved(), house.approved()
    with house.db() as work:
        spoil = text("UPDATE fund_request SET trace = '{\"reminded\": 1}' WHERE ref = :ref")
        work.session.execute(spoil, {"ref": broken})
    house.db.clock.at = house.db.clock.at.replace(year=2027, month=1, day=5)
    with house.db() as work:
        keep = text("UPDATE fund_activity SET claim_by = '2027-01-08' WHERE state = 'approved'")
        work.session.execute(keep)
    with capture_logs() as logs:
        HANDLERS[Job.FUNDS_REMIND](run)
    assert [entry["what"] for entry in logs if entry["log_level"] == "error"] == [
        "funds settled by date"
    ]
    done = [(entry["event"], entry["count"]) for entry in logs if entry["log_level"] == "info"]
    assert done == [
        ("funds settled by date", 1),
        ("funds expired", 1),
        ("whole funds expired", 1),
    ]
    with house.db() as work:
        told = "SELECT ref FROM fund_request WHERE trace -> 'reminded' @> '[\"1:3\"]'"
        assert list(work.session.scalars(text(told))) == [whole]


def test_proof_is_looked_for_without_a_name(house, run):  # noqa: F811
    with capture_logs() as logs:
        HANDLERS[Job.PROOF_COLLECT](run)
    assert logs == []
    assert mdf.collect_proof in HANDLERS.values()


def test_a_proof_whose_wake_up_was_lost_is_looked_at_by_the_sweep(house, run):  # noqa: F811
    house.proven(house.approved())
    with capture_logs() as logs:
        HANDLERS[Job.PROOF_LOOK](run)
        HANDLERS[Job.PROOF_LOOK](run)
    assert [(entry["event"], entry["done"]) for entry in logs] == [("proof looked at", "none")]
