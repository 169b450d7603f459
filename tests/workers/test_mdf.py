"""The jobs of funds: each finds its own work, and a broken ledger is an error that names itself."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tcma.jobs import Job
from tcma.mdf.funds import proof as ledger_proof
from tcma.mdf.judging import nightly
from tcma.mdf.ledger import booking
from tests.domain.mdf.conftest import house  # noqa: F401 - a fixture
from tests.faults.posting import rung
from workers import mdf
from workers.main import import_handlers
from workers.runtime import HANDLERS, Run


class OneWorld:
    """Services as far as a job's transaction needs them."""

    proof_reader = None

    def __init__(self, db):
        self.transaction = db


@pytest.fixture
def run(db):
    import_handlers()
    return Run(services=OneWorld(db), stopping=lambda: False)


def test_a_whole_ledger_says_nothing_and_a_broken_one_names_fund_and_place(house, run):  # noqa: F811
    with capture_logs() as quiet:
        rung(run, Job.LEDGER_VERIFY)
    assert quiet == []
    rung(run, Job.LEDGER_VERIFY)
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
        rung(run, Job.LEDGER_VERIFY)
    assert (logs[0]["log_level"], logs[0]["fund"], logs[0]["seq"]) == ("error", house.fund_ref, 2)
    with house.db(house.finn) as work:
        broken = {(fault.fund, fault.seq, fault.fault) for fault in booking.verify(work.session)}
        told = ledger_proof.last_proof(work.session, house.finn, house.fund_ref)
    assert {(each["fund"], each["seq"], each["fault"]) for each in logs} == broken
    assert told.entries == 2
    assert told.faults[0] == "row changed (2)"


def test_unclaimed_money_is_reminded_of_by_its_job(house, run):  # noqa: F811
    house.approved()
    house.db.clock.at = house.db.clock.at.replace(month=5, day=20)
    with capture_logs() as logs:
        rung(run, Job.FUNDS_REMIND)
        rung(run, Job.FUNDS_REMIND)
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
        rung(run, Job.FUNDS_REMIND)
    assert {entry["what"] for entry in logs if entry["log_level"] == "error"} == {
        "funds settled by date"
    }
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
        rung(run, Job.PROOF_COLLECT)
    assert logs == []
    assert mdf.collect_proof in HANDLERS.values()


def test_a_proof_whose_wake_up_was_lost_is_looked_at_by_the_sweep(house, run):  # noqa: F811
    house.proven(house.approved())
    with capture_logs() as logs:
        rung(run, Job.PROOF_LOOK)
        rung(run, Job.PROOF_LOOK)
    assert [(entry["event"], entry["done"]) for entry in logs] == [("proof looked at", "none")]


def _rewritten(house, change):  # noqa: F811 - the value of the fixture
    with house.db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(change)).rowcount


def test_each_night_all_is_decided_again_and_what_differs_is_named(house, run):  # noqa: F811
    claim = house.claimed(house.proven(house.approved()), ("1", 500))
    house.decided(claim)
    with capture_logs() as quiet:
        rung(run, Job.DECISIONS_REPLAY)
        rung(run, Job.DECISIONS_REPLAY)
    assert quiet == []

    def told():
        with house.db(house.finn) as work:
            kept = text("select count(*) from audit_entry where subject = 'decisions'")
            return nightly.last_replay(work.session, house.finn), work.session.scalar(kept)

    last, kept = told()
    assert (last.at, last.decisions, last.differ, kept) == (house.db.clock.now(), 4, 0, 1)
    _rewritten(
        house,
        "update judgement set answer = jsonb_set(answer, '{amount}', '\"9.00\"')"
        " where subject = 'claim' and event = 'approved'",
    )
    rung(run, Job.DECISIONS_REPLAY)
    assert told()[0].differ == 0
    house.db.clock.move(timedelta(hours=21))
    with capture_logs() as logs:
        rung(run, Job.DECISIONS_REPLAY)
    assert [(each["log_level"], each["of"], each["event"], each["event_of"]) for each in logs] == [
        ("error", claim, "decision differs", "approved")
    ]
    last, kept = told()
    assert (last.decisions, last.differ, kept) == (4, 1, 2)
    assert last.named == (nightly.Differing("claim", claim, "approved", "amount"),)


def test_many_decisions_are_made_again_in_parts_and_none_twice(house, run):  # noqa: F811
    house.sent()
    copies = (
        "insert into judgement (id, vendor_id, partner_id, subject, subject_id, event, version_id,"
        " case_text, answer, at) select gen_random_uuid(), vendor_id, partner_id, subject,"
        " subject_id, event, version_id, case_text, answer, at"
        f" from judgement, generate_series(1, {2 * nightly.AT_ONCE - 1})"
    )
    _rewritten(house, copies)
    _rewritten(
        house,
        "update judgement set case_text = 'x' where id = (select id from judgement order by id desc limit 1)",
    )
    rung(run, Job.DECISIONS_REPLAY)
    with house.db(house.finn) as work:
        last = nightly.last_replay(work.session, house.finn)
    assert (last.decisions, last.differ) == (2 * nightly.AT_ONCE, 1)
    assert last.named[0].place == ""


def test_a_night_that_is_cut_short_says_nothing(house, run):  # noqa: F811
    house.sent()
    rung(Run(services=run.services, stopping=lambda: True), Job.DECISIONS_REPLAY)
    with house.db(house.finn) as work:
        assert nightly.last_replay(work.session, house.finn) is None
