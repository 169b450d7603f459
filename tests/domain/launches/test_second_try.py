"""Sending again to those in doubt and to those whose refusal can be cured, also when all is over."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tcma.delivery.second_try import Again
from tcma.errors import Conflict, Forbidden
from tcma.jobs import Job
from tcma.launches import actions, second_try
from tcma.launches.recipients import everybody
from tcma.launches.rules import LaunchState
from tests.builders import sam
from tests.faults.posting import posting


@pytest.fixture
def wire(stage, tmp_path, smtp_sink):
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        yield ring


def all_of(wire, clock):
    """Do what is due, long enough for a relay that hung up to be tried again."""
    for _ in range(3):
        for job in (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE):
            wire(job)
        clock.move(timedelta(seconds=15))


def again(stage, ref, what=Again.DOUBT):
    with stage.db(stage.alice) as work:
        return second_try.send_again(work, ref, what)


def terms(stage, ref):
    sum_of = stage.detail(ref).equation
    return sum_of.expected, sum_of.sent, sum_of.failed, sum_of.skipped, sum_of.uncertain


def test_those_in_doubt_get_it_again_after_the_end_and_the_sum_stays_whole(
    stage, wire, smtp_sink, clock
):
    smtp_sink.script.after = ["hang up"]
    ref = stage.started(mails="first")
    all_of(wire, clock)
    assert stage.detail(ref).line.state is LaunchState.FINISHED
    assert terms(stage, ref) == (4, 3, 0, 0, 1)
    assert again(stage, ref) == 1
    under_way = stage.detail(ref)
    assert under_way.line.state is LaunchState.SENDING
    assert under_way.equation.holds
    all_of(wire, clock)
    done = stage.detail(ref)
    assert done.line.state is LaunchState.FINISHED
    assert terms(stage, ref) == (4, 4, 0, 0, 0)
    assert sorted(Counter(smtp_sink.keys).values()) == [1, 1, 1, 2], "with the same Message-ID"
    assert again(stage, ref) == 0
    assert stage.detail(ref).line.state is LaunchState.FINISHED


def test_a_refusal_that_can_be_cured_is_tried_again_and_a_dead_address_is_not(
    stage, wire, smtp_sink, clock
):
    smtp_sink.script.rcpt["p0@example.org"] = ["550 5.1.1 nobody"]
    smtp_sink.script.rcpt["p1@example.org"] = ["554 5.7.1 not from you"]
    ref = stage.started(mails="first")
    all_of(wire, clock)
    assert terms(stage, ref) == (4, 2, 2, 0, 0)
    assert again(stage, ref, Again.FAILED) == 1
    all_of(wire, clock)
    assert terms(stage, ref) == (4, 3, 1, 0, 0)
    assert max(Counter(smtp_sink.keys).values()) == 1


def test_whoever_said_stop_meanwhile_is_left_out_with_the_reason(stage, wire, smtp_sink, clock):
    smtp_sink.script.rcpt["p1@example.org"] = ["554 5.7.1 not from you"]
    ref = stage.started(mails="first")
    all_of(wire, clock)
    with stage.db() as work:
        work.session.execute(
            text(
                "insert into suppression (address_hash, vendor_id, reason, at)"
                " select address_hash, :v, 'unsubscribed', :at from contact"
                " where address = 'p1@example.org'"
            ),
            {"v": stage.vendor_id, "at": work.now},
        )
    again(stage, ref, Again.FAILED)
    all_of(wire, clock)
    assert terms(stage, ref) == (4, 3, 0, 1, 0)


def test_an_earlier_mail_of_a_series_is_tried_again_and_the_series_goes_on(
    stage, wire, smtp_sink, clock
):
    smtp_sink.script.after = ["hang up"]
    ref = stage.started()
    all_of(wire, clock)
    before = stage.detail(ref)
    assert before.line.state is LaunchState.SCHEDULED
    assert again(stage, ref) == 1
    all_of(wire, clock)
    after = stage.detail(ref)
    assert (after.line.state, after.line.due_at) == (LaunchState.SCHEDULED, before.line.due_at)
    clock.move(timedelta(days=30))
    all_of(wire, clock)
    assert stage.detail(ref).mails[1].equation.sent == 4


def test_a_paused_launch_keeps_its_second_try_until_it_goes_on(stage, wire, smtp_sink, clock):
    smtp_sink.script.after = ["hang up"]
    ref = stage.started()
    all_of(wire, clock)
    with stage.db(stage.alice) as work:
        actions.pause_launch(work, ref)
    assert again(stage, ref) == 1
    all_of(wire, clock)
    assert stage.detail(ref).line.state is LaunchState.PAUSED
    assert len(smtp_sink.keys) == 4
    with stage.db(stage.alice) as work:
        actions.resume_launch(work, ref)
    all_of(wire, clock)
    assert stage.detail(ref).line.state is LaunchState.SCHEDULED
    assert terms(stage, ref) == (4, 4, 0, 0, 0)


def test_the_database_lets_nothing_begin_again_under_a_sum_that_stands(
    stage, wire, smtp_sink, clock
):
    smtp_sink.script.after = ["hang up"]
    stage.started(mails="first")
    all_of(wire, clock)
    for state in ("6", "3"):
        with stage.db() as work:
            with pytest.raises(IntegrityError):
                work.session.execute(
                    text("update message set state = 0, lease = null where state = " + state)
                )
            work.session.rollback()


def test_what_was_cancelled_or_has_ended_is_not_sent_again_and_a_seller_may_not(stage, wire, clock):
    ref = stage.started()
    all_of(wire, clock)
    with stage.db() as work:
        seller = sam(work, stage.partner_id)
        work.session.execute(text("update campaign set state = 'retired'"))
    with stage.db(seller) as work, pytest.raises(Forbidden):
        second_try.send_again(work, ref, Again.DOUBT)
    with pytest.raises(Conflict, match="has ended"):
        again(stage, ref)
    with stage.db(stage.alice) as work:
        actions.cancel_launch(work, ref)
    with pytest.raises(Conflict):
        again(stage, ref)


def test_everybody_of_a_launch_comes_as_rows_with_state_reason_and_time(
    stage, wire, smtp_sink, clock
):
    smtp_sink.script.rcpt["p1@example.org"] = ["554 5.7.1 not from you"]
    ref = stage.started(mails="first")
    all_of(wire, clock)
    with stage.db(stage.alice) as work:
        head, *rows = (
            dict(zip(("mail", "address", *"fhlsrdta"), row, strict=True))
            for row in everybody(work.session, stage.alice, ref)
        )
    assert head["address"] == "address"
    told = {row["address"]: (row["s"], row["r"], bool(row["t"])) for row in rows}
    assert told["p1@example.org"] == ("failed", "their mail server refused", False)
    assert told["p2@example.org"] == ("sent", "", True)
    assert len(told) == 4
