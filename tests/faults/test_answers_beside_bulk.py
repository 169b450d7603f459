"""N9: people of journeys who are due at one instant are not held up by a bulk launch that runs."""

from datetime import timedelta

import pytest

from tests.bench.journeys import OPEN, WAITING
from tests.domain.nurture.crowd import PLAIN, settled
from tests.faults.posting import REST_S, START_S, a_mailing, sums, until

pytestmark = pytest.mark.timeout(400)
WAIT, DUE, BULK = 5_000, 400, 6_000


def test_n9_a_crowd_that_is_due_at_once_takes_its_steps_while_a_bulk_launch_runs(real, plant, sink):
    made = settled(real, partners=2)
    made.publish(PLAIN + OPEN)
    made.mailings()
    with real() as work:
        work.session.execute(
            WAITING,
            {"sequence": made.sequence_id, "version": made.version_id, "vendor": made.vendor_id,
             "partner": made.partners[0], "n": WAIT},
        )  # fmt: skip
        bulk = a_mailing(work, BULK, domain="bulk.example")
    sink.order("slow")
    plant.start("workers.scheduler")
    plant.start()
    until(lambda: sink.count() > 10, START_S, what="bulk mail at the sink")
    now = real.clock.now()
    runs = made.people(DUE // 2, due=now) + made.people(DUE // 2, partner=1, due=now)

    def taken():
        steps = "SELECT count(DISTINCT run_id) FROM nurture_step WHERE run_id = ANY(:runs)"
        return made.value(steps, runs=runs) == DUE

    until(taken, REST_S, what="the crowd's steps")
    assert sums(real, bulk).waiting > 0
    last = made.value("SELECT max(at) FROM nurture_step WHERE run_id = ANY(:runs)", runs=runs)
    assert last - now <= timedelta(seconds=10)
