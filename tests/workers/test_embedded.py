"""Workers and scheduler as threads of one process: they start, lead, and all of them end."""

import threading
import time
from dataclasses import replace

from tcma.adapters.queue_dramatiq import in_process
from tcma.jobs import Queue
from workers.embedded import start_embedded
from workers.policies import LANES
from workers.runtime import HANDLERS

DRAMATIQS_OWN_CLOCK = "_CtypesTimeoutManager"  # a daemon thread that Dramatiq has no way to end


def test_it_starts_works_the_schedule_off_and_ends_without_a_thread_left(db):
    before = set(threading.enumerate())
    queue = in_process()
    embedded = start_embedded(replace(db, queue=queue), queue.broker)
    try:
        assert embedded.scheduler.leads.wait(60)
        assert set(queue.broker.actors) == {job.value for job in HANDLERS}
        threads = sum(len(worker.workers) for worker in embedded.crew.workers)
        assert threads == sum(LANES[lane].threads for lane in Queue)
        deadline = time.monotonic() + 60
        while any(queue.broker.queues[lane.value].unfinished_tasks for lane in Queue):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        begun = time.monotonic()
        embedded.stop()
    assert time.monotonic() - begun < 20
    left = set(threading.enumerate()) - before
    assert {each for each in left if type(each).__name__ != DRAMATIQS_OWN_CLOCK} == set()
