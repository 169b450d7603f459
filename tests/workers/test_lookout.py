"""While the queue is away a worker looks itself: mail goes, and whatever stops mail is not forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.delivery import claims
from tcma.delivery.reactions import note
from tcma.jobs import Job
from tcma.ports import Result, SendResult
from tests.faults.posting import a_mailing, services_of, sums
from workers import delivery
from workers.lookout import LOOKS_FOR, PERIODS, Lookout
from workers.main import import_handlers
from workers.runtime import Run
from workers.schedule import SCHEDULE

WAITS = {
    Job.ADS_FETCH, Job.CAMPAIGN_TURN, Job.CONTACTS_FIELD, Job.CONTACTS_IMPORT, Job.CONTACTS_UNDO, Job.COPY_REBASE, Job.CRM_SYNC,
    Job.FUNDS_RELEASE, Job.FUNDS_REMIND, Job.HOST_CHECK, Job.IMAGE_DRAW, Job.INVOICE_READ,
    Job.DECISIONS_REPLAY, Job.LEAD_IDLE, Job.LEDGER_VERIFY, Job.OUTBOX_SEND, Job.PAGE_DRAW, Job.PARTNER_NUDGE,
    Job.PROOF_COLLECT, Job.PROOF_LOOK, Job.REACTIONS_AUDIT, Job.SCORE_LEARN, Job.SENDER_CHECK,
    Job.SESSIONS_PURGE, Job.SOCIAL_SEND,
}  # fmt: skip
"""What may wait for the queue; a new duty is named here or looked for."""


@pytest.fixture
def post(db, tmp_path, smtp_sink):
    import_handlers()
    run = Run(services=services_of(db, tmp_path, smtp_sink.url), stopping=lambda: False)
    yield Lookout(run, away=lambda: True)
    delivery.close_office(run)


def test_every_duty_of_the_schedule_is_looked_for_or_may_wait():
    assert {each.job for each in SCHEDULE} == {*LOOKS_FOR} | WAITS
    assert not {*LOOKS_FOR} & WAITS
    assert {*LOOKS_FOR} <= {*PERIODS}


def test_doubts_are_swept_budgets_hold_and_mail_goes(db, post, smtp_sink, clock):
    with db() as work:
        bad, good, lost = (a_mailing(work, n, domain=f"d{n}.example") for n in (8, 5, 1))
        lease = claims.register_worker(work, host="gone", pid=1, journal="gone") << 32
        [held] = claims.claim(work, lost, lease=lease, most=1)
        assert claims.intend(work, [held.id], lease=lease)
        lease += 1
        some = [each.id for each in claims.claim(work, bad, lease=lease, most=4)]
        claims.intend(work, some, lease=lease)
        answers = [SendResult(each, Result.SENT, 250) for each in some]
        claims.acknowledge(work, answers, dict.fromkeys(some, 0), lease=lease)
        for each in some:
            note(work, each, bad, "complained")
    clock.move(timedelta(minutes=16))
    post.look()
    assert sums(db, good).sent == 5
    assert sums(db, lost).uncertain == 1
    assert (sums(db, bad).sent, sums(db, bad).waiting) == (4, 4), "its budget was spent"
    with db() as work:
        reason = work.session.scalar(
            text("select paused_reason from mailing where id = :m"), {"m": bad}
        )
    assert "marked it as spam" in reason


def test_each_duty_has_its_own_pace(post):
    now, done = [0.0], []

    def of(job):
        return lambda run: done.append((now[0], job))

    each = {job: of(job) for job in LOOKS_FOR}
    here = Lookout(post._run, lambda: True, handlers=each, steady=lambda: now[0])
    while now[0] < 61:
        here.look()
        now[0] += 5
    assert [at for at, job in done if job is Job.MAILING_SEND] == list(range(0, 61, 5))
    assert [at for at, job in done if job is Job.MESSAGE_SWEEP] == [0, 60]
    assert [at for at, job in done if job is Job.NURTURE_STOP] == [0, 30, 60]
