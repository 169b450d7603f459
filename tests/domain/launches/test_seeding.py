"""Copies of each launch to seed addresses: first, marked, in no sum and no report."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery.rules import MailingKind
from tcma.errors import Forbidden, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.launches import queries, seeding
from tcma.launches.rules import LaunchState
from tests.builders import mira, vera
from tests.faults.posting import posting
from tests.faults.stage import Stage


@pytest.fixture
def stage(db, staged):
    made = staged()
    with db() as work:
        manager = mira(work, made.vendor_id)
    with db(manager) as work:
        seeding.set_seeds(work, ["probe@seeds.example", "inbox@seeds.example", ""])
    with db(made.alice) as work:
        seeding.set_seeds(work, ["alice@home.example", "inbox@seeds.example"])
    return made


def test_a_launch_goes_to_the_seeds_of_both_sides_first_and_counts_its_people_alone(
    stage, tmp_path, smtp_sink
):
    ref = stage.started(mails="first")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert done.line.state is LaunchState.FINISHED
    assert (done.equation.expected, done.equation.sent) == (4, 4)
    to = [each.recipient for each in smtp_sink.kept]
    copies = {"alice@home.example", "inbox@seeds.example", "probe@seeds.example"}
    assert set(to) > copies
    assert len(to) == 7
    with stage.db() as work:
        first = text("select kind from mailing where kind <> 2 order by priority desc, id limit 1")
        assert work.session.scalar(first) == MailingKind.SEED
    marked = {each.recipient for each in smtp_sink.kept if each.message["X-Tcma-Seed"] == "yes"}
    assert marked == copies
    with stage.db(stage.alice) as work:
        assert seeding.accepted(work.session, done.line.id) == (3, 3)
        people = queries.launch_people(work.session, stage.alice, ref)
        assert len(people.rows) == 4
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.MESSAGE_SWEEP)
    with stage.db() as work:  # nothing is left that a worker would look through for ever
        assert (
            work.session.scalar(text("select count(*) from mailing where state = 'running'")) == 0
        )


def test_a_copy_that_is_refused_is_not_accepted_and_harms_nothing(stage, tmp_path, smtp_sink):
    smtp_sink.script.rcpt["probe@seeds.example"] = ["550 5.1.1 nobody"]
    ref = stage.started(mails="first")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert (done.line.state, done.equation.failed) == (LaunchState.FINISHED, 0)
    with stage.db() as work:
        assert seeding.accepted(work.session, done.line.id) == (2, 3)


def test_each_side_sees_and_replaces_its_own(stage):
    with stage.db(stage.alice) as work:
        assert seeding.seeds(work.session, stage.alice) == [
            "alice@home.example", "inbox@seeds.example",
        ]  # fmt: skip
        seeding.set_seeds(work, [])
    with stage.db() as work:
        author = vera(work, stage.vendor_id)
        left = work.session.scalars(text("select address from seed_address order by 1")).all()
    assert left == ["inbox@seeds.example", "probe@seeds.example"]
    with stage.db(author) as work, pytest.raises(Forbidden):
        seeding.set_seeds(work, [])


@pytest.mark.parametrize(
    ("lines", "words"),
    [(["nobody"], "“nobody” is no address"), ([f"a{n}@b.example" for n in range(21)], "20 addr")],
)
def test_what_is_no_address_or_too_many_is_refused(stage, lines, words):
    with stage.db(stage.alice) as work, pytest.raises(Invalid, match=words):
        seeding.set_seeds(work, lines)


def copies(smtp_sink):
    return Counter(
        (each.recipient, each.message["From"].addresses[0].domain)
        for each in smtp_sink.kept
        if each.message["X-Tcma-Seed"] == "yes"
    )


def test_of_a_run_over_many_partners_a_vendors_seed_gets_each_mail_once_and_a_partners_its_own(
    stage, tmp_path, smtp_sink, clock
):
    run_id = new_id()
    several = [stage, *(Stage(stage.db, beside=stage, domain=f"{n}.example") for n in range(2))]
    with stage.db(several[1].alice) as work:
        seeding.set_seeds(work, ["second@home.example"])
    refs = [each.started(run_id=run_id) for each in several]
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        for _ in range(3):
            for job in (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE):
                ring(job)
        first = Counter(each for each, _ in copies(smtp_sink).elements())
        assert first == {
            "probe@seeds.example": 1, "inbox@seeds.example": 1, "alice@home.example": 1,
            "second@home.example": 1,
        }  # fmt: skip
        clock.move(timedelta(days=30))
        for _ in range(3):
            for job in (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE):
                ring(job)
    mails = len(several[0].detail(refs[0]).mails)
    assert mails > 1
    each = Counter(each for each, _ in copies(smtp_sink).elements())
    assert set(each.values()) == {mails}, "each mail of the series comes once"
    assert stage.detail(refs[0]).equation.holds


def test_launches_of_their_own_and_other_languages_are_copied_each(stage, tmp_path, smtp_sink):
    run_id = new_id()
    second, third = (Stage(stage.db, beside=stage, domain=f"{n}.example") for n in range(2))
    stage.started(run_id=run_id, mails="first")
    with stage.db() as work:
        second.started(run_id=run_id, mails="first")
        work.session.execute(
            text("update launch set language = 'de' where partner_id = :p"),
            {"p": second.partner_id},
        )
    third.started(mails="first")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        for _ in range(3):
            for job in (Job.LAUNCH_START, Job.MAILING_SEND):
                ring(job)
    each = Counter(each for each, _ in copies(smtp_sink).elements())
    assert each["probe@seeds.example"] == 3
