"""A suspended partner launches nothing: drafts are stopped, what runs is paused with the reason."""

import pytest
from sqlalchemy import text

from tcma.delivery.second_try import Again
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.launches import actions, second_try
from tcma.launches.preflight import preflight
from tcma.launches.rules import Area, LaunchState
from tcma.partners.actions import change_enrolment
from tcma.partners.rules import EnrolmentState
from tests.builders import mira
from tests.faults.posting import posting


def standing(stage, state):
    with stage.db() as work:
        manager = mira(work, stage.vendor_id)
    with stage.db(manager) as work:
        change_enrolment(work, partner_id=stage.partner_id, state=state)


@pytest.mark.parametrize("state", [EnrolmentState.SUSPENDED, EnrolmentState.ENDED])
def test_a_draft_of_a_partner_that_may_not_launch_does_not_start(stage, state):
    ref = stage.planned()
    standing(stage, state)
    with stage.db(stage.alice) as work:
        first = preflight(work, ref).findings[0]
        assert first.area is Area.LAW
        assert f"has {state.value} your partnership" in first.message
        with pytest.raises(Invalid, match="your partnership"):
            actions.start_launch(work, ref)


def test_what_runs_is_paused_with_the_reason_and_goes_on_when_the_partner_says_so(
    stage, tmp_path, smtp_sink
):
    ref, later = stage.started(mails="first"), stage.planned(key="later")
    with stage.db(stage.alice) as work:
        actions.start_launch(work, later)
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring(Job.LAUNCH_SETTLE)
        assert stage.detail(ref).line.state is LaunchState.SENDING
        standing(stage, EnrolmentState.SUSPENDED)
        assert stage.db.queue.of(Job.LAUNCH_SETTLE)
        for job in (Job.LAUNCH_START, Job.LAUNCH_SETTLE, Job.MAILING_SEND):
            ring(job)
        for each in (ref, later):
            assert stage.detail(each).line.state is LaunchState.PAUSED
            assert "has suspended your partnership" in stage.detail(each).why_waiting
        assert not [mail for mail in smtp_sink.kept if mail.recipient.startswith("p")]
        assert any("is paused" in mail.message["Subject"] for mail in smtp_sink.kept)
        with stage.db(stage.alice) as work, pytest.raises(Conflict, match="suspended"):
            actions.resume_launch(work, ref)
        standing(stage, EnrolmentState.ACTIVE)
        ring(Job.LAUNCH_SETTLE)
        assert stage.detail(ref).line.state is LaunchState.PAUSED
        with stage.db(stage.alice) as work:
            actions.resume_launch(work, ref)
        ring()
        ring(Job.LAUNCH_SETTLE)
    assert stage.detail(ref).line.state is LaunchState.FINISHED
    assert stage.detail(ref).equation.sent == 4


def test_nothing_is_made_or_sent_again_meanwhile(stage, tmp_path, smtp_sink):
    stage.started(mails="first")
    with stage.db() as work:
        work.session.execute(text("update enrolment set state = 'suspended'"))
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
    with stage.db(stage.alice) as work:
        assert work.session.scalar(text("select count(*) from mailing where kind = 0")) == 0
        ref = work.session.scalar(text("select ref from launch"))
        with pytest.raises(Conflict, match="suspended"):
            second_try.send_again(work, ref, Again.DOUBT)
