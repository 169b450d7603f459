"""A partner's launch from plan to the end of its series, with a real campaign and mail server."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import actions as delivery
from tcma.delivery.reactions import note
from tcma.delivery.rules import MessageState
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.jobs import Job
from tcma.launches import actions, answers, queries
from tcma.launches.expansion import claim_due, compile_due, freeze_due, give_up, send_test, settle
from tcma.launches.preflight import preflight
from tcma.launches.rules import LaunchState, Severity
from tcma.words import in_language
from tests.builders import charlie, mira, sam
from tests.faults.posting import posting
from tests.faults.stage import Stage


def test_a_launch_runs_through_its_series_and_finishes_with_a_sum_that_holds(
    stage, tmp_path, smtp_sink, clock
):
    ref = stage.started()
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        assert stage.detail(ref).line.state is LaunchState.SENDING
        ring()
        ring(Job.LAUNCH_SETTLE)
        after_first = stage.detail(ref)
        assert after_first.line.state is LaunchState.SCHEDULED
        assert after_first.equation.sent == 4
        assert after_first.why_waiting.startswith("The next mail leaves on")
        for _ in range(len(after_first.mails)):
            clock.move(timedelta(days=30))
            ring(Job.LAUNCH_START)
            ring()
            ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert done.line.state is LaunchState.FINISHED
    assert all(mail.equation.holds and not mail.equation.waiting for mail in done.mails)
    assert len(set(smtp_sink.keys)) == done.equation.sent == 4 * len(done.mails)
    assert stage.db.queue.of(Job.PROOF_COLLECT)


def test_s14_pressing_launch_twice_is_launching_once(stage, tmp_path, smtp_sink):
    first, second = stage.planned(key="same"), stage.planned(key="same")
    assert first == second
    for _ in range(2):
        with stage.db(stage.alice) as work:
            actions.start_launch(work, first)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring(Job.LAUNCH_START)
        ring()
    assert len(smtp_sink.kept) == 4
    with stage.db() as work:
        assert work.session.scalar(text("select count(*) from launch")) == 1


def test_an_unsubscribed_contact_is_left_out_and_the_reason_is_shown(stage, tmp_path, smtp_sink):
    with stage.db() as work:
        work.session.execute(
            text(
                "insert into suppression (address_hash, vendor_id, partner_id, reason, at)"
                " select address_hash, :v, :p, 'unsubscribed', :at from contact"
                " where address = 'p2@example.org'"
            ),
            {"v": stage.vendor_id, "p": stage.partner_id, "at": work.now},
        )
    ref = stage.started(mails="first")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert done.line.state is LaunchState.FINISHED
    assert (done.equation.sent, done.equation.skipped) == (3, 1)
    assert [reason.words for reason in done.reasons] == ["has unsubscribed"]
    with stage.db(stage.alice) as work:
        page = queries.launch_people(work.session, stage.alice, ref, states=(MessageState.SKIPPED,))
    assert [(row.address, row.reason) for row in page.rows] == [("p2@example.org", "unsubscribed")]


def test_a_list_without_a_basis_stops_the_launch_before_it_starts(db):
    stage = Stage(db, basis="unknown")
    ref = stage.planned()
    with db(stage.alice) as work:
        verdict = preflight(work, ref)
    assert not verdict.ready
    assert verdict.findings[0].severity is Severity.STOP
    assert "no consent on record" in verdict.findings[0].message
    with db(stage.alice) as work, pytest.raises(Invalid, match="can be mailed"):
        actions.start_launch(work, ref)


def test_a_later_mail_leaves_out_who_answered_and_who_did_not_get_the_first(
    stage, tmp_path, smtp_sink, clock
):
    smtp_sink.script.rcpt["p0@example.org"] = ["550 5.1.1 nobody"]
    ref = stage.started()
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
        with stage.db() as work:
            work.session.execute(text("update launch_mail set audience = 'no_form' where no = 2"))
            contact = work.session.scalar(
                text("select id from contact where address = 'p1@example.org'")
            )
            assert answers.answered(work, stage.detail(ref).line.id, contact) == 1
        clock.move(timedelta(days=30))
        ring(Job.LAUNCH_START)
    second = stage.detail(ref).mails[1]
    assert second.equation.expected == 2


def test_s22_what_is_launched_stays_as_it_was_whatever_the_copy_becomes(
    stage, tmp_path, smtp_sink, clock
):
    ref = stage.started()
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
        with stage.db() as work:  # the second mail is gone from the campaign, the words changed
            work.session.execute(text("update launch_mail set mail = 'gone' where no = 2"))
            work.session.execute(text("update partner_copy set language = 'de'"))
        before = stage.detail(ref)
        clock.move(timedelta(days=30))
        ring(Job.LAUNCH_START)
        ring()
    after = stage.detail(ref)
    assert after.mails[1].equation.sent == 4
    assert after.line.state is LaunchState.SENDING
    assert after.mails[1].subject == before.mails[1].subject != ""
    assert after.content_hash == before.content_hash


def test_pausing_and_going_on_loses_nobody(stage, tmp_path, smtp_sink):
    ref = stage.started(mails="first")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        with stage.db(stage.alice) as work:
            actions.pause_launch(work, ref)
            assert actions.pause_launch(work, ref).state is LaunchState.PAUSED
        ring()
        assert not smtp_sink.kept
        said = stage.detail(ref).why_waiting
        assert said == "Alice paused it."
        assert (
            in_language(said, "de") != said
        )  # it lay in a row, and is told as if it were said now
        with stage.db(stage.alice) as work:
            actions.resume_launch(work, ref)
        ring()
        ring(Job.LAUNCH_SETTLE)
    assert stage.detail(ref).line.state is LaunchState.FINISHED
    assert len(smtp_sink.kept) == 4


def test_pausing_between_two_mails_and_going_on_keeps_the_series(stage, tmp_path, smtp_sink):
    ref = stage.started()
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
        with stage.db(stage.alice) as work:
            actions.pause_launch(work, ref)
        with stage.db(stage.alice) as work:
            assert actions.resume_launch(work, ref).state is LaunchState.SCHEDULED
    assert stage.detail(ref).mails[1].mailing_id is None


def test_cancelling_spares_the_rest_and_cannot_be_undone(stage):
    ref = stage.started()
    with stage.db(stage.alice) as work:
        actions.cancel_launch(work, ref)
        assert actions.cancel_launch(work, ref) == 0
    with stage.db(stage.alice) as work, pytest.raises(Conflict):
        actions.resume_launch(work, ref)


def test_a_mail_that_cannot_be_made_stops_the_launch_with_the_reason(stage, tmp_path, smtp_sink):
    ref = stage.started()
    with stage.db() as work:
        work.session.execute(text("update launch_mail set mail = 'not-there' where no = 1"))
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
    stopped = stage.detail(ref)
    assert stopped.line.state is LaunchState.FAILED
    assert "not-there" in stopped.failure


def test_a_worker_that_died_while_compiling_is_followed_by_another(
    stage, tmp_path, smtp_sink, clock
):
    from tcma.launches.expansion import claim_due

    ref = stage.started(mails="first")
    with stage.db() as work:
        assert claim_due(work) is not None
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        assert stage.detail(ref).line.state is LaunchState.EXPANDING
        clock.move(timedelta(seconds=61))
        ring(Job.LAUNCH_START)
        ring()
    assert len(smtp_sink.kept) == 4


def test_a_test_mail_goes_to_one_address_only(stage, tmp_path, smtp_sink):
    with stage.db(stage.alice) as work:
        mail = stage.detail(stage.planned()).mails[0].mail
        send_test(work, stage.copy_id, mail, to="me@own.example", sender_id=stage.sender_id)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring()
    assert [kept.recipient for kept in smtp_sink.kept] == ["me@own.example"]


def test_nobody_else_sees_or_steers_a_launch(stage):
    ref = stage.started()
    with stage.db() as work:
        stranger = charlie(work, stage.vendor_id)
    with stage.db(stranger) as work:
        for step in (actions.start_launch, actions.pause_launch, actions.cancel_launch):
            with pytest.raises(NotFound):
                step(work, ref)
        with pytest.raises(NotFound):
            queries.launch_detail(work.session, stranger, ref, now=work.now)
        assert not queries.launches(work.session, stranger).rows


def test_the_vendor_sees_sums_and_no_people(stage):
    ref = stage.started()
    with stage.db() as work:
        manager = mira(work, stage.vendor_id)
    with stage.db(manager) as work:
        assert queries.launch_detail(work.session, manager, ref, now=work.now).line.ref == ref
        with pytest.raises(NotFound):
            queries.launch_people(work.session, manager, ref)
        assert actions.pause_launch(work, ref).state is LaunchState.PAUSED


def test_a_seller_cannot_launch(stage):
    with stage.db() as work:
        seller = sam(work, stage.partner_id)
    with stage.db(seller) as work, pytest.raises(Forbidden):
        actions.plan_launch(work, stage.plan(), idempotency_key="x")


def test_another_partners_list_or_sender_is_not_found(stage, db):
    other = Stage(db)
    for facts in ({"list_ids": (other.list_id,)}, {"sender_id": other.sender_id}):
        with db(stage.alice) as work, pytest.raises(NotFound):
            actions.plan_launch(work, stage.plan(**facts), idempotency_key="x")


def test_a_launch_that_paused_itself_tells_whoever_launched_it_once(stage, tmp_path, smtp_sink):
    ref = stage.started(mails="first")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        with stage.db() as work:
            launch_id, mailing_id = work.session.execute(
                text("select launch_id, mailing_id from launch_mail")
            ).one()
            delivery.pause_mailing(work, mailing_id, reason="40 of 200 mails came back")
        for _ in range(2):
            with stage.db() as work:
                settle(work, launch_id)
        ring()
    (mail,) = [kept.message for kept in smtp_sink.kept]
    assert mail["Subject"] == f"{stage.detail(ref).line.name} is paused"
    plain = mail.get_body(("plain",)).get_content()
    assert "40 of 200 mails came back." in plain
    assert "4 mails wait until you go on." in plain
    assert f"https://tcma.test/console/launches/{ref}" in plain


def test_a_launch_that_cannot_go_on_tells_whoever_launched_it(stage):
    stage.started(mails="first")
    with stage.db() as work:
        due = claim_due(work)
    for _ in range(2):
        with stage.db() as work:
            give_up(work, due, "The mail “day-1” could not be made: the file is gone")
    with stage.db() as work:
        told = work.session.scalars(text("select plain from message_body")).all()
    assert len(told) == 1
    assert "could not be made: the file is gone." in told[0]


def test_pausing_while_the_mails_are_made_freezes_nobody_and_it_goes_on_at_once(
    stage, tmp_path, smtp_sink
):
    ref = stage.started(mails="first")
    with stage.db() as work:
        due = claim_due(work)
        made = compile_due(work, due)
    with stage.db(stage.alice) as work:
        assert actions.pause_launch(work, ref).state is LaunchState.PAUSED
    with stage.db() as work:
        assert freeze_due(work, due, made) is None
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        assert stage.detail(ref).line.state is LaunchState.PAUSED
        with stage.db(stage.alice) as work:
            actions.resume_launch(work, ref)
        ring(Job.LAUNCH_START)
        assert stage.detail(ref).line.state is LaunchState.SENDING


def test_a_launch_that_stopped_is_tried_again_at_once(stage, tmp_path, smtp_sink):
    ref = stage.started(mails="first")
    with stage.db() as work:
        give_up(work, claim_due(work), "The file store was away")
    with stage.db(stage.alice) as work:
        assert actions.resume_launch(work, ref).state is LaunchState.SCHEDULED
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert (done.line.state, done.failure) == (LaunchState.FINISHED, None)


def test_a_sender_to_whom_too_much_came_back_after_the_end_begins_no_other_launch(
    stage, tmp_path, smtp_sink
):
    ref = stage.started(mails="first")
    planned, other = stage.planned(key="next"), stage.planned(key="third")
    with stage.db(stage.alice) as work:
        actions.start_launch(work, planned)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        for job in (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE):
            ring(job)
        assert stage.detail(ref).line.state is LaunchState.FINISHED
    begun = stage.started(mails="first", key="fourth")
    with stage.db() as work:
        sent = work.session.execute(text("select id, mailing_id from message where state = 3"))
        for number, mailing_id in sent.all()[:3]:
            note(work, number, mailing_id, "complained")
    with stage.db(stage.alice) as work:
        verdict = preflight(work, other)
        assert "people marked it as spam" in verdict.findings[0].message
        with pytest.raises(Invalid, match="marked it as spam"):
            actions.start_launch(work, other)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        before = len(smtp_sink.kept)
        ring()
        assert not [k for k in smtp_sink.kept[before:] if k.recipient.startswith("p")]
    assert "their sender is held" in stage.detail(begun).why_waiting
