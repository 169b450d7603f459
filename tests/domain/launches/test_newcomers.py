"""A finished launch goes to those who joined its lists since, and nobody gets two."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.contacts import actions as contacts
from tcma.errors import Conflict, Forbidden
from tcma.jobs import Job
from tcma.launches import actions, newcomers, rebasing
from tcma.launches.preflight import preflight
from tcma.launches.rules import LaunchState
from tests.builders import sam
from tests.faults.posting import posting


@pytest.fixture
def wire(stage, tmp_path, smtp_sink):
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        yield ring


def all_of(wire):
    for job in (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE):
        wire(job)


def joins(stage, *addresses):
    with stage.db() as work:
        ids = [
            contacts.capture_contact(
                work, partner_id=stage.partner_id, address=each, first_name="N", last_name="N",
                company="N",
            )
            for each in addresses
        ]  # fmt: skip
        contacts.add_to_list(work, stage.list_id, ids)


def followed(stage, ref):
    with stage.db(stage.alice) as work:
        return newcomers.plan_for_newcomers(work, ref)


def launched(stage, ref):
    with stage.db(stage.alice) as work:
        actions.start_launch(work, ref)


def test_who_joined_since_gets_the_same_mail_once_and_the_others_nothing(
    stage, wire, smtp_sink, clock
):
    ref = stage.started(mails="first")
    all_of(wire)
    joins(stage, "new1@example.org", "new2@example.org")
    follower = followed(stage, ref)
    assert followed(stage, ref) == follower, "pressing twice is one draft"
    with stage.db(stage.alice) as work:
        verdict = preflight(work, follower)
        assert verdict.ready
        assert (verdict.reach.people, verdict.reach.sendable) == (2, 2)
    launched(stage, follower)
    all_of(wire)
    done = stage.detail(follower)
    assert (done.line.state, done.equation.expected, done.equation.sent) == (
        LaunchState.FINISHED, 2, 2,
    )  # fmt: skip
    assert done.content_hash == stage.detail(ref).content_hash
    assert done.mails[0].subject == stage.detail(ref).mails[0].subject
    joins(stage, "new3@example.org")
    again = followed(stage, follower)
    assert again != follower
    launched(stage, again)
    all_of(wire)
    got = Counter(kept.recipient for kept in smtp_sink.kept)
    assert got["new3@example.org"] == 1
    assert (len(got), max(got.values())) == (7, 1), "nobody gets two"


def test_nobody_new_is_said_and_no_draft_is_left(stage, wire):
    ref = stage.started(mails="first")
    all_of(wire)
    with pytest.raises(Conflict, match="Nobody has joined"):
        followed(stage, ref)
    with stage.db() as work:
        assert work.session.scalar(text("select count(*) from launch")) == 1


def test_whoever_is_imported_again_under_a_new_number_is_no_newcomer(stage, wire, smtp_sink):
    ref = stage.started(mails="first")
    all_of(wire)
    with stage.db() as work:
        gone = work.session.scalar(text("select id from contact where address = 'p1@example.org'"))
        work.session.execute(text("delete from list_member where contact_id = :c"), {"c": gone})
        work.session.execute(text("delete from contact where id = :c"), {"c": gone})
    joins(stage, "p1@example.org", "new1@example.org")
    follower = followed(stage, ref)
    launched(stage, follower)
    all_of(wire)
    got = Counter(kept.recipient for kept in smtp_sink.kept)
    assert (got["p1@example.org"], got["new1@example.org"]) == (1, 1)


def test_who_was_skipped_then_is_no_newcomer_and_a_cancelled_follower_spares_nobody(
    stage, wire, smtp_sink
):
    with stage.db() as work:
        work.session.execute(
            text(
                "insert into suppression (address_hash, partner_id, reason, at) select address_hash,"
                " :p, 'unsubscribed', :at from contact where address = 'p2@example.org'"
            ),
            {"p": stage.partner_id, "at": work.now},
        )
    ref = stage.started(mails="first")
    all_of(wire)
    with stage.db() as work:
        work.session.execute(text("delete from suppression"))
    joins(stage, "new1@example.org")
    first = followed(stage, ref)
    launched(stage, first)
    wire(Job.LAUNCH_START)
    with stage.db(stage.alice) as work:
        assert actions.cancel_launch(work, first) == 1
    second = followed(stage, ref)
    launched(stage, second)
    all_of(wire)
    got = Counter(kept.recipient for kept in smtp_sink.kept)
    assert got["new1@example.org"] == 1
    assert "p2@example.org" not in got


def test_a_series_goes_to_newcomers_from_its_first_mail_on(stage, wire, smtp_sink, clock):
    ref = stage.started()
    for _ in stage.detail(ref).mails:
        all_of(wire)
        clock.move(timedelta(days=30))
    all_of(wire)
    assert stage.detail(ref).line.state is LaunchState.FINISHED
    joins(stage, "new1@example.org")
    follower = followed(stage, ref)
    with stage.db() as work:  # what the campaign has become meanwhile changes nothing of it
        work.session.execute(text("update partner_copy set language = 'de'"))
    launched(stage, follower)
    with stage.db(stage.alice) as work:
        assert rebasing.waiting(work.session, stage.copy_id) == [], "no new version moves it"
    days = [mail.due_at for mail in stage.detail(follower).mails]
    assert (
        days[1] - days[0] == stage.detail(ref).mails[1].due_at - stage.detail(ref).mails[0].due_at
    )
    all_of(wire)
    clock.move(timedelta(days=30))
    all_of(wire)
    theirs = [k for k in smtp_sink.kept if k.recipient == "new1@example.org"]
    assert len(theirs) == 2


def test_a_launch_that_runs_has_no_followers_a_plan_stays_and_a_seller_may_not(stage, wire):
    ref = stage.started()
    all_of(wire)
    with pytest.raises(Conflict, match="not finished"):
        followed(stage, ref)
    with stage.db() as work:
        seller = sam(work, stage.partner_id)
        work.session.execute(text("update launch set state = 'finished'"))
    with stage.db(seller) as work, pytest.raises(Forbidden):
        newcomers.plan_for_newcomers(work, ref)
    joins(stage, "new1@example.org")
    follower = followed(stage, ref)
    with stage.db(stage.alice) as work:
        with pytest.raises(Conflict, match="as the first one went"):
            actions.change_plan(work, follower, stage.plan())
        assert [each.ref for each in newcomers.relatives(work.session, stage.detail(follower).line.id)] == [ref]  # fmt: skip
