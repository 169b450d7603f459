"""A launch at everybody's own clock, from its plan to its last wave."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tcma.jobs import Job
from tcma.launches import actions
from tcma.launches.choices import Choices
from tcma.launches.hours import Hours
from tcma.launches.preflight import preflight
from tcma.launches.rules import LaunchState
from tests.faults.posting import posting

MOVED = {"p0": ("US", "10001"), "p1": ("Japan", ""), "p2": ("United Kingdom", "LS1 4AP")}
"""Where three of the four live; of the fourth nothing is known."""


@pytest.fixture
def stage(db, staged):
    made = staged()
    with db() as work:
        for name, (country, postcode) in MOVED.items():
            work.session.execute(
                text(
                    "update contact set country = :c, fields = jsonb_build_object('postcode', cast(:z as text))"
                    " where address = :a"
                ),
                {"c": country, "z": postcode, "a": f"{name}@example.org"},
            )
    return made


def test_everybody_gets_it_at_nine_by_their_own_clock(db, tmp_path, smtp_sink, clock, stage):
    nine = datetime(2026, 3, 5, 9, tzinfo=UTC)
    ref = stage.planned(send_at=nine, mails="first", choices=Choices(local_time=True))
    with db(stage.alice) as work:
        verdict = preflight(work, ref)
    assert (verdict.zones_n, verdict.last_at) == (3, nine + timedelta(hours=5))
    assert any("the first on 5 March, 00:00" in each.message for each in verdict.findings)
    with db(stage.alice) as work:
        actions.start_launch(work, ref)
    in_tokyo = datetime(2026, 3, 5, 0, tzinfo=UTC)
    assert stage.detail(ref).line.due_at == in_tokyo
    left = []
    with posting(db, tmp_path, smtp_sink.url) as ring:
        for hour in (0, 9, 14):
            clock.move(datetime(2026, 3, 5, hour, 0, 1, tzinfo=UTC) - clock.now())
            ring(Job.LAUNCH_START)
            ring()
            ring(Job.LAUNCH_SETTLE)
            detail = stage.detail(ref)
            left.append(detail.equation.sent)
            assert detail.equation.holds
            if hour == 0:
                assert detail.why_waiting == (
                    "3 wait for their own hour. The next leave on Thu 5 Mar, 09:00 (London), the last"
                    " on Thu 5 Mar, 14:00 (London)."
                )
                waves = [(w.place, w.people, w.sent, w.there.hour) for w in detail.waves]
                assert waves == [("Tokyo", 1, 1, 9), ("London", 2, 0, 9), ("New York", 1, 0, 9)]
    assert left == [1, 3, 4]
    assert stage.detail(ref).line.state is LaunchState.FINISHED


def test_what_is_due_at_night_waits_for_the_morning_there(db, tmp_path, smtp_sink, clock, stage):
    friday = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
    clock.move(friday - clock.now())
    ref = stage.started(mails="first", choices=Choices(hours=Hours.WORKING))
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        assert stage.detail(ref).equation.sent == 3
        clock.move(timedelta(days=2, hours=5, minutes=31))  # Monday, 08:01 in Tokyo
        ring()
        ring(Job.LAUNCH_SETTLE)
    assert stage.detail(ref).line.state is LaunchState.FINISHED


def rung(wire, *jobs):
    for job in jobs or (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE, Job.MAILING_SEND):
        wire(job)


def test_what_was_paused_over_the_end_of_its_hours_waits_for_the_next_wherever_it_goes(
    db, tmp_path, smtp_sink, clock, stage
):
    clock.move(datetime(2026, 3, 5, 17, 30, tzinfo=UTC) - clock.now())
    ref = stage.started(mails="first", choices=Choices(hours=Hours.WORKING))
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        with db(stage.alice) as work:
            actions.pause_launch(work, ref)
        clock.move(timedelta(hours=2))  # half past seven in the evening in London
        with db(stage.alice) as work:
            actions.resume_launch(work, ref)
        rung(ring, Job.MAILING_SEND, Job.LAUNCH_SETTLE, Job.MAILING_SEND)
        assert [mail.recipient for mail in smtp_sink.kept] == ["p0@example.org"], "New York alone"
        with db() as work:  # who is gone meanwhile still comes to an end
            work.session.execute(text("delete from list_member"))
            work.session.execute(text("delete from contact where address = 'p3@example.org'"))
        clock.move(datetime(2026, 3, 6, 7, 59, tzinfo=UTC) - clock.now())
        rung(ring)
        assert stage.detail(ref).equation.sent == 2, "it was morning in Tokyo"
        clock.move(timedelta(minutes=1))
        rung(ring)
    done = stage.detail(ref)
    assert (done.equation.sent, done.equation.skipped) == (3, 1)
    assert done.line.state is LaunchState.FINISHED


def test_another_try_keeps_the_hours_too(db, tmp_path, smtp_sink, clock, stage):
    clock.move(datetime(2026, 3, 5, 17, 59, 30, tzinfo=UTC) - clock.now())
    smtp_sink.script.rcpt["p2@example.org"] = ["451 4.7.1 later"]
    stage.started(mails="first", choices=Choices(hours=Hours.WORKING))
    with posting(db, tmp_path, smtp_sink.url) as ring:
        rung(ring, Job.LAUNCH_START, Job.MAILING_SEND)
        for _ in range(4):
            clock.move(timedelta(minutes=2))
            rung(ring)
        assert "p2@example.org" not in {mail.recipient for mail in smtp_sink.kept}
        clock.move(datetime(2026, 3, 6, 8, 0, tzinfo=UTC) - clock.now())
        rung(ring)
    assert "p2@example.org" in {mail.recipient for mail in smtp_sink.kept}


def test_a_cancelled_launch_cancels_the_waves_that_have_not_left(
    db, tmp_path, smtp_sink, clock, stage
):
    ref = stage.started(mails="first", choices=Choices(local_time=True))
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
    assert stage.detail(ref).equation.sent == 2
    with db(stage.alice) as work:
        assert actions.cancel_launch(work, ref) == 2
    done = stage.detail(ref).equation
    assert (done.sent, done.cancelled, done.waiting, done.holds) == (2, 2, 0, True)
