"""A launch from a domain that may send only so much a day: said before it leaves, and while it waits."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.jobs import Job
from tcma.launches.preflight import preflight
from tcma.launches.rules import Area, Fix, Severity
from tests.faults.posting import posting
from tests.faults.stage import Stage

WARM = """INSERT INTO sender_domain (id, partner_id, name, state, since, due_at, created_at, warm_from)
VALUES (gen_random_uuid(), :p, 'partner.example', 'verified', :at, :at, :at, :at)"""
LEFT = """INSERT INTO domain_use (domain_id, hour, accepted)
SELECT id, date_trunc('hour', CAST(:at AS timestamptz), 'UTC'), 498 FROM sender_domain"""


@pytest.fixture
def stage(db):
    """Four people, and a domain that has two mails left of its first day."""
    stage = Stage(db)
    with db() as work:
        for statement in (WARM, LEFT):
            work.session.execute(text(statement), {"p": stage.partner_id, "at": work.now})
    return stage


def said_of_sender(stage, ref):
    with stage.db(stage.alice) as work:
        found = preflight(work, ref).findings
    return [each for each in found if each.area is Area.SENDER and each.severity is Severity.LOOK]


def test_the_check_says_how_many_leave_on_the_first_day_and_when_the_last_do(stage, clock):
    [said] = said_of_sender(stage, stage.planned())
    assert "2 of 4 mails can leave on" in str(said.message)
    assert f"the last on {(clock.now() + timedelta(days=1)).day} March 2026" in str(said.message)
    assert said.fix is Fix.SENDER
    tomorrow = stage.planned(key="later", send_at=clock.now() + timedelta(days=1))
    assert said_of_sender(stage, tomorrow) == []


def test_a_launch_that_its_limit_keeps_names_a_day_and_no_minutes(
    stage, tmp_path, smtp_sink, clock
):
    ref = stage.started(mails="first")
    with posting(stage.db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
    kept = stage.detail(ref)
    assert (kept.equation.sent, kept.equation.waiting, kept.per_minute) == (2, 2, 2)
    assert (kept.minutes_left, kept.last_day) == (None, (clock.now() + timedelta(days=1)).date())
    with stage.db() as work:
        work.session.execute(text("UPDATE partner SET zone = 'Asia/Tokyo'"))
    assert stage.detail(ref).why_waiting.endswith("They go on at 09:00 (Tokyo).")
    with stage.db() as work:
        work.session.execute(text("UPDATE sender_domain SET warm_from = NULL"))
    free = stage.detail(ref)
    assert (free.minutes_left, free.last_day) == (1, None)
    with stage.db() as work:
        work.session.execute(text("UPDATE launch SET state = 'paused'"))
    assert stage.detail(ref).minutes_left is None
