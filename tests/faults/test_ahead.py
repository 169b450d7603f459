"""A worker killed with -9 between planning and starting: every partner is told once, launched once."""

import pytest
from sqlalchemy import text

from tcma.jobs import Job
from tests.domain.on_behalf.world import ground
from tests.faults.posting import REST_S, START_S, until

pytestmark = pytest.mark.timeout(400)
PARTNERS = 6
LAUNCHED = "select count(*) from arranged_launch where state = 'launched'"
PLANNED = "select count(*) from launch"
TOLD = "select count(*) from message_body where subject like '%goes to your customers%'"
STARTED = "select count(*) from audit_entry where subject = 'launch' and verb = 'started'"
OF_ONE = "select max(n) from (select count(*) as n from launch group by partner_id) as each"


@pytest.fixture
def house(real):
    made = ground(real, partners=PARTNERS, people=2)
    slug = made.calendar(on=10)
    for partner in made.partners:
        made.join(partner, slug)
    with real() as work:  # their day has come, and nobody has been told yet
        work.session.execute(text("update arranged_launch set due_at = now(), send_at = now()"))
    return made


def test_each_is_launched_once_whatever_is_killed(house, plant):
    plant.start("workers.scheduler")
    for planned in (1, 3, 5):
        worker = plant.start()
        plant.ring(Job.LAUNCH_ARRANGE)
        until(lambda least=planned: house.one(PLANNED) >= least, START_S, what="a launch planned")
        worker.kill()
        worker.wait()
        with house.db() as work:  # what the dead worker held is free at once, not in five minutes
            work.session.execute(
                text("update arranged_launch set due_at = now() where state <> 'launched'")
            )
    plant.start()
    plant.ring(Job.LAUNCH_ARRANGE)
    until(lambda: house.one(LAUNCHED) == PARTNERS, REST_S, what="everybody launched")
    assert (house.one(PLANNED), house.one(STARTED)) == (PARTNERS, PARTNERS)
    assert (house.one(OF_ONE), house.one(TOLD)) == (1, PARTNERS)
