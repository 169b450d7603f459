"""Each job of the schedule by two workers at the same instant, in a house that is lived in."""

import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from sqlalchemy import event, text

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import FixedClock, SystemClock
from tcma.db.work import Site
from tcma.ids import Signer
from tcma.jobs import Job
from tests.lived_in import lived_in
from tests.services import World, engine_of
from tests.smtp import SmtpSink
from workers.runtime import HANDLERS, Run
from workers.schedule import SCHEDULE

SLOW_COMMIT_S = 0.03
"""So long both have read before either has written."""
ASK_OTHERS = {
    Job.SENDER_CHECK, Job.HOST_CHECK, Job.CRM_SYNC, Job.SOCIAL_SEND, Job.ADS_FETCH,
    Job.OUTBOX_SEND, Job.PAGE_DRAW,
}  # fmt: skip
"""They speak to hosts outside, and have stands and tests of their own."""
ONE_OFFICE = {Job.MAILING_SEND, Job.MESSAGE_RECOVER}
"""A process has one office; those of two stand against each other in `test_kills`."""
LETTERS = """
select count(*), m.address, b.subject, b.plain from message m join message_body b on b.message_id = m.id
group by 2, 3, 4 having count(*) > 1"""
STORY = """
select count(*), verb, subject, subject_id, at from audit_entry where at >= :since
group by 2, 3, 4, 5 having count(*) > 1"""
COMPARED = (
    "select count(*), at from reaction_audit where at >= :since group by 2 having count(*) > 1"
)


@pytest.fixture
def world(postgres, tmp_path):
    with postgres.fresh() as url, engine_of(url) as engine, SmtpSink() as sink:
        site = Site(public_url="https://tcma.test", signer=Signer(b"x" * 32), secret=b"x" * 32)
        files = DiskFiles(tmp_path / "files")
        db = World(url=url, engine=engine, clock=SystemClock(), site=site, files=files)
        yield lived_in(db, tmp_path, sink)


def at_once(run, job):
    """Two workers begin a job together; the faults of both."""
    faults, gate = [], threading.Barrier(2)

    def work():
        gate.wait(10)
        try:
            HANDLERS[job](run)
        except Exception as fault:  # noqa: BLE001 - it is looked at below
            faults.append(fault)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(120)
        assert not each.is_alive(), job
    return faults


def counted(db, query, **values):
    with db() as work:
        return Counter(
            {tuple(row[1:]): row[0] for row in work.session.execute(text(query), values)}
        )


@pytest.mark.timeout(600)
def test_each_job_of_the_schedule_twice_at_the_same_instant_does_all_of_it_once(world):
    db = world.db
    event.listen(db.engine, "commit", lambda _: time.sleep(SLOW_COMMIT_S))
    begun = db.clock.now()
    known = counted(db, LETTERS)
    for days in (1, 8, 45, 200):
        at = (begun + timedelta(days=days)).astimezone(UTC).replace(hour=10, minute=5)
        run = Run(services=replace(world.services, clock=FixedClock(at)), stopping=lambda: False)
        for job in dict.fromkeys(each.job for each in SCHEDULE):
            if job in ASK_OTHERS | ONE_OFFICE:
                continue
            assert at_once(run, job) == [], (days, job)
            assert counted(db, LETTERS) == known, (days, job)
            assert counted(db, STORY, since=at) == {}, (days, job)
            assert counted(db, COMPARED, since=at) == {}, (days, job)
