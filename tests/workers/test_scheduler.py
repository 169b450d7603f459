"""One scheduler leads at a time, and another follows when it goes."""

import threading
import time

import pytest
from sqlalchemy import text

from tcma.errors import Unavailable
from tcma.jobs import Job
from tests.services import engine_of
from workers.main import import_handlers
from workers.schedule import SCHEDULE, Every
from workers.scheduler import Scheduler

TABLE = (Every(1, Job.LAUNCH_START), Every(3600, Job.LEDGER_VERIFY))


@pytest.fixture
def clockwork(db):
    running = []

    def start(queue=None, engine=None, **how):
        scheduler = Scheduler(engine or db.engine, queue or db.queue, table=TABLE, **how)
        thread = threading.Thread(target=scheduler.run)
        thread.start()
        running.append((scheduler, thread))
        return scheduler

    yield start
    for scheduler, thread in running:
        scheduler.stop()
        thread.join(60)
        assert not thread.is_alive()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_each_job_is_sent_at_its_own_pace(db, clockwork):
    clockwork()
    wait_for(lambda: len(db.queue.of(Job.LAUNCH_START)) >= 3)
    assert len(db.queue.of(Job.LEDGER_VERIFY)) == 1


def test_s13_only_one_leads_and_the_other_takes_over(clockwork):
    first = clockwork()
    assert first.leads.wait(60)
    second = clockwork()
    time.sleep(1.2)
    assert not second.leads.is_set()
    first.stop()
    assert second.leads.wait(60)


def test_s13_a_leader_whose_connection_is_cut_is_followed(db, clockwork):
    with engine_of(db.url) as own:
        first = clockwork(engine=own)
        assert first.leads.wait(60)
        second = clockwork()
        with db() as work:
            work.session.execute(
                text(
                    "select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)"
                    " where locktype = 'advisory' and granted and datname = current_database()"
                )
            )
        wait_for(lambda: first.leads.is_set() != second.leads.is_set())
        first.stop()
        assert second.leads.wait(60)


def test_s13_a_leader_that_is_frozen_is_followed(db, clockwork):
    frozen, woken = threading.Event(), threading.Event()

    def beat():
        if frozen.is_set():
            woken.wait(60)

    with engine_of(db.url) as own:
        first = clockwork(engine=own, frozen_s=3, beat=beat)
        assert first.leads.wait(60)
        second = clockwork()
        frozen.set()
        assert second.leads.wait(60)
        woken.set()
        wait_for(lambda: not first.leads.is_set())
        first.stop()


def test_a_queue_that_is_away_does_not_stop_the_clock(db, clockwork):
    class AwayAtFirst:
        tries = 0

        def send(self, job, ids):
            self.tries += 1
            if self.tries < 3:
                raise Unavailable("away")
            db.queue.send(job, ids)

    queue = AwayAtFirst()
    clockwork(queue=queue)
    wait_for(lambda: db.queue.of(Job.LAUNCH_START))
    assert queue.tries >= 3


def test_the_table_names_each_job_once():
    import_handlers()
    jobs = [entry.job for entry in SCHEDULE]
    assert len(jobs) == len(set(jobs))
