"""Sweeps where one row cannot be written or asked about: what stands behind it has its turn all the same."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tcma.adapters.journal import journals_in
from tcma.contacts.models import ContactImport
from tcma.db.documents import Document
from tcma.delivery import claims
from tcma.hosts import actions as hosts
from tcma.jobs import Job
from tcma.launches import actions as launches
from tcma.launches import approving
from tcma.launches.approval_rules import Policy
from tcma.launches.rules import LaunchState
from tcma.mdf import queries
from tcma.mdf.funds import opening
from tcma.mdf.requests import decisions
from tcma.mdf.requests.decisions import Answer
from tcma.mdf.rules import RequestState
from tcma.ports import NameAnswer
from tcma.senders import actions as senders
from tests.builders import a_partner, a_vendor, alice
from tests.domain.contacts.test_imports import confirmed, uploaded
from tests.domain.delivery.test_budgets import sent
from tests.domain.launches.test_approving import House as Approvals
from tests.domain.mdf.conftest import gbp, house  # noqa: F401 - a fixture
from tests.domain.on_behalf import test_runs
from tests.faults.posting import a_mailing, posting, rung, services_of
from tests.odd_rows import REFUSED, odd
from workers.main import import_handlers
from workers.runtime import Run


@pytest.fixture
def run(db, tmp_path):
    import_handlers()
    return Run(services=services_of(db, tmp_path, "smtp://127.0.0.1:9"), stopping=lambda: False)


def looked(run, job):
    """One look of the clock, at the end of which what failed is raised."""
    with pytest.raises(DBAPIError, match=REFUSED):
        rung(run, job)


def column(db, words, **values):
    with db() as work:
        return list(work.session.scalars(text(words), values))


class OddNames:
    """Names that know of nothing, and that break off at one name."""

    def __init__(self, odd_one):
        self.odd_one, self.asked = odd_one, []

    def ask(self, name, kind):
        if name.endswith(self.odd_one):
            raise ValueError(f"cannot read {name}")
        self.asked.append(name)
        return NameAnswer()


@pytest.mark.parametrize(
    ("add", "job", "table"),
    [
        (senders.add_domain, Job.SENDER_CHECK, "sender_domain"),
        (hosts.add_host, Job.HOST_CHECK, "page_host"),
    ],
)
def test_a_name_whose_records_cannot_be_read_keeps_no_other_waiting(db, run, add, job, table):
    with db() as work:
        owner = alice(work, a_partner(work, a_vendor(work)))
    names = [f"go{n}.fenwright.example" for n in range(3)]
    for each in names:
        with db(owner) as work:
            add(work, each)
        db.clock.move(timedelta(seconds=1))
    run = replace(run, services=replace(run.services, names=OddNames(names[0])))
    with pytest.raises(ValueError, match="cannot read"):
        rung(run, job)
    looked_at = f"SELECT name FROM {table} WHERE checked_at IS NOT NULL ORDER BY name"
    assert column(db, looked_at) == names[1:]


def test_a_host_that_is_given_up_while_it_is_looked_at_is_no_fault(db, run):
    with db() as work:
        owner = alice(work, a_partner(work, a_vendor(work)))
    names = [f"go{n}.fenwright.example" for n in range(2)]
    for each in names:
        with db(owner) as work:
            hosts.add_host(work, each)
        db.clock.move(timedelta(seconds=1))

    class GivesUp(OddNames):
        def ask(self, name, kind):
            if name == names[0] and not self.asked:
                with db(owner) as work:
                    hosts.remove_host(work, name)
            return super().ask(name, kind)

    rung(replace(run, services=replace(run.services, names=GivesUp("-"))), Job.HOST_CHECK)
    assert column(db, "SELECT name FROM page_host WHERE checked_at IS NOT NULL") == names[1:]


def test_an_import_whose_file_is_gone_keeps_no_other_waiting(db, run):
    with db() as work:
        owner = alice(work, a_partner(work, a_vendor(work), profile=False))
    ids = [uploaded(db, owner, f"E-Mail;Firma\nines{n}@priory.example;Priory\n") for n in range(2)]
    for each in ids:
        confirmed(db, owner, each)
    with db() as work:
        row = work.session.get_one(ContactImport, ids[0])
        db.files.delete(work.session.get_one(Document, row.document_id).key)
    rung(run, Job.CONTACTS_IMPORT)
    with db() as work:
        assert work.session.get_one(ContactImport, ids[1]).state == "done"


def test_a_reminder_that_cannot_be_written_settles_every_launch_all_the_same(
    db, tmp_path, smtp_sink
):
    asking = Approvals(db, asks_first=True)
    asking.asked()
    with db(asking.mira) as work:
        approving.set_policy(work, Policy())
    later = asking.planned(key="later", mails="first")
    with db(asking.tom) as work:
        launches.start_launch(work, later)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        db.clock.move(timedelta(days=2))
        with (
            odd(db, "launch_approval", "r.reminders > 0"),
            pytest.raises(DBAPIError, match=REFUSED),
        ):
            ring(Job.LAUNCH_SETTLE)
    assert asking.state(later) is LaunchState.FINISHED


def test_an_arranged_launch_that_cannot_be_checked_keeps_no_other_waiting(db):
    world = test_runs.ground(db, partners=4)
    for partner in world.partners[:3]:
        world.join(partner)
    plan = {"campaign_slug": "cloud-migration", "send_at": db.clock.now() + timedelta(3)}
    with world.by(world.vera) as work:
        test_runs.runs.draft_run(work, test_runs.runs.RunPlan(**plan))
    first = column(db, "SELECT id FROM arranged_launch ORDER BY due_at, id")[0]
    with (
        odd(db, "arranged_launch", f"r.id = '{first}' AND r.state <> 'checking'"),
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        world.ring()
    assert column(db, "SELECT id FROM arranged_launch WHERE state = 'checking'") == [first]


def test_a_pilot_that_cannot_be_judged_holds_up_nobody_elses_launch(db):
    world = test_runs.ground(db, partners=4)
    for partner in world.partners[:3]:
        world.join(partner)
    held = test_runs.scheduled(world, pilots=2, wait_hours=24)
    db.clock.move(timedelta(30))  # nobody has sent: there is nothing to judge by
    with world.by(world.vera) as work:
        plan = {"campaign_slug": "cloud-migration", "send_at": db.clock.now() + timedelta(3)}
        later = test_runs.runs.draft_run(work, test_runs.runs.RunPlan(**plan))
    with (
        odd(db, "partner_run", f"r.ref = '{held}'"),
        pytest.raises(DBAPIError, match=REFUSED),
    ):
        world.ring()
    states = (
        "SELECT DISTINCT a.state FROM arranged_launch a JOIN partner_run r ON r.id = a.run_id"
        " WHERE r.ref = :ref"
    )
    assert "checking" not in column(db, states, ref=later)


def test_housekeeping_that_fails_at_one_thing_keeps_nobodys_data_longer(db, run):
    with db() as work:
        number = a_mailing(work, 3)
        old = "INSERT INTO cap_hit VALUES (gen_random_uuid(), 'x', 1, 1)"
        work.session.execute(text(old))
    sent(db, number, 3)
    db.clock.move(timedelta(days=3_650))
    with odd(db, "cap_hit", "true", on="DELETE"):
        looked(run, Job.SESSIONS_PURGE)
    assert column(db, "SELECT count(*) FROM message WHERE address <> ''") == [0]


KILLED = """
import os, signal, sys
from pathlib import Path
from tcma.adapters.journal import FileJournal
journals = [FileJournal(Path(sys.argv[1])) for _ in range(2)]
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_journal_that_cannot_be_replayed_keeps_no_other_mail_in_doubt(db, run):
    folder = run.services.journals
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    names = journals_in(folder)
    for each in names:
        with db() as work:
            claims.register_worker(work, host="h", pid=1, journal=each)
    with odd(db, "worker", f"r.journal = '{names[0]}'"):
        looked(run, Job.MESSAGE_RECOVER)
    assert column(db, "SELECT journal FROM worker WHERE ended_at IS NOT NULL") == names[1:]
    assert journals_in(folder) == names[:1]


def test_a_launch_that_cannot_be_paused_lets_no_other_burn_its_budget(db, run):
    with db() as work:
        numbers = [a_mailing(work, 120), a_mailing(work, 120, domain="example.net")]
    for each in numbers:
        sent(db, each, 100, bounced=10)
    with odd(db, "mailing", f"r.id = {numbers[0]}"):
        looked(run, Job.MESSAGE_SWEEP)
    assert column(db, "SELECT id FROM mailing WHERE paused_reason <> ''") == numbers[1:]
    assert len(column(db, "SELECT id FROM sender WHERE held_at IS NOT NULL")) == 2


def test_a_held_plan_that_cannot_be_reserved_keeps_no_other_fund_waiting(house, run):  # noqa: F811
    with house.db(house.finn) as work:
        plan = opening.FundPlan(
            name="Second", total=gbp(40_000), starts_on=date(2026, 1, 1),
            ends_on=date(2026, 12, 31), notice_days=10, claim_days=45,
        )  # fmt: skip
        second = opening.create_fund(work, plan)
        opening.allocate(work, second, house.partner, gbp(10_000))
    houses = [house, replace(house, fund_ref=second.ref)]
    refs = [each.sent(5_000) for each in houses]
    for each, ref in zip(houses, refs, strict=True):
        each.approved(9_900)
        with house.db(house.mira) as work:
            request = queries.request_by_ref(work.session, house.mira, ref)
            decisions.hold(work, request, [Answer()])
        with house.db(house.finn) as work:
            fund = queries.fund_by_ref(work.session, house.finn, each.fund_ref)
            opening.allocate(work, fund, house.partner, gbp(9_000))
    with odd(house.db, "fund_request", f"r.ref = '{refs[0]}'"):
        looked(run, Job.FUNDS_RELEASE)
    state = "SELECT state FROM fund_request WHERE ref = :ref"
    states = [column(house.db, state, ref=ref) for ref in refs]
    assert states == [[RequestState.HELD], [RequestState.APPROVED]]
