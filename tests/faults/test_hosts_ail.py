"""A message that kills whoever makes it, a host without memory, a full disk: the others are unaffected."""

import resource
import time

import pytest
from sqlalchemy import text

from tcma.delivery.rules import ATTEMPTS, MessageState, Reason
from tcma.jobs import Job
from tests.builders import ada
from tests.faults.nursery import POISON
from tests.faults.posting import REST_S, START_S, a_mailing, rows, sums, until
from tests.pages import Visitor, app_of
from tests.scale_out.processes import composed
from workers.lines import LINES

pytestmark = pytest.mark.timeout(400)


def mailing_of(db, count, **facts):
    with db() as work:
        return a_mailing(work, count, **facts)


def rung(plant):
    for job in (Job.MESSAGE_RECOVER, Job.MAILING_SEND):
        plant.ring(job)


def is_over(db, mailing_id):
    return not sums(db, mailing_id).waiting


def ended(worker):
    return worker.poll() is not None


def test_s25_a_message_that_kills_its_worker_ends_as_poison_after_five_and_alone(real, plant, sink):
    mailing_id = mailing_of(real, 100)
    plant.environment[POISON] = "p50@example.org"
    plant.start("workers.scheduler")
    deaths = 0
    while not is_over(real, mailing_id):
        worker = plant.start()
        rung(plant)
        until(lambda it=worker: ended(it) or is_over(real, mailing_id), REST_S, what="an end")
        deaths += ended(worker)
        assert deaths <= 2 * ATTEMPTS
    (poison,) = [row for row in rows(real, mailing_id) if row["address"] == "p50@example.org"]
    assert (poison["state"], poison["reason"]) == (MessageState.FAILED, Reason.POISON)
    assert deaths == ATTEMPTS
    found, kept = sums(real, mailing_id), sink.kept()
    assert (found.failed, found.holds) == (1, True)
    assert found.uncertain <= ATTEMPTS * LINES
    assert found.sent + found.uncertain == 99
    assert max(kept.values()) == 1


def test_s26_a_worker_at_its_memory_limit_is_restarted_and_the_others_are_unaffected(
    real, plant, sink
):
    """Beyond its limit the kernel kills it; who restarts it in production is compose."""
    assert composed()["worker"]["restart"] == "unless-stopped"
    sink.order("slow")
    mailing_id = mailing_of(real, 900, size=4_000)
    plant.start("workers.scheduler")
    starved = plant.start()
    plant.start()
    rung(plant)
    until(lambda: sink.count() > 20, START_S, what="mail at the sink")
    resource.prlimit(starved.pid, resource.RLIMIT_AS, (1, 1))  # whatever it asks for is refused
    time.sleep(0.5)
    starved.kill()
    starved.wait()
    then = sink.count()
    until(lambda: sink.count() > then + 20, REST_S, what="the other goes on")
    plant.start()
    sink.order("go")
    until(lambda: is_over(real, mailing_id), REST_S, what="rest")
    found, kept = sums(real, mailing_id), sink.kept()
    assert found.holds
    assert found.uncertain <= LINES
    assert found.sent + found.uncertain == 900
    assert max(kept.values()) == 1
    assert found.sent <= len(kept) <= found.sent + found.uncertain


def in_trouble_alone(db, mailing_id):
    """Whether the mailing waits for its host, and all of it is put back."""
    with db() as work:
        trouble = work.session.scalar(
            text("select trouble_n from mailing where id = :m"), {"m": mailing_id}
        )
    moving = (MessageState.LEASED, MessageState.SENDING)
    return trouble and not any(row["state"] in moving for row in rows(db, mailing_id))


def health(db, tmp_path):
    """What the desk's page says about mailings."""
    with db() as work:
        ada(work, work.session.scalar(text("select vendor_id from mailing")))
        email = work.session.scalar(text("select email from user_account order by created_at desc"))
    return Visitor(app_of(db, tmp_path), email).get("/desk/health").words


@pytest.mark.parametrize("full", ["in the middle", "from the first"])
def test_s27_on_a_full_disk_nothing_is_sent_health_says_so_and_it_goes_on_by_itself(
    passing, moved_plant, sink, tmp_path, full
):
    """Its log is on that disk as well, as often in production."""
    db = passing.db
    sink.order("slow")
    mailing_id = mailing_of(db, 400)
    moved_plant.start("workers.scheduler")
    worker = moved_plant.start()
    if full == "in the middle":
        rung(moved_plant)
        until(lambda: sink.count() > 20, START_S, what="mail at the sink")
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    rung(moved_plant)
    until(lambda: in_trouble_alone(db, mailing_id), START_S, what="nothing in hand")
    then = sink.count()
    passing.later(seconds=61)
    time.sleep(2)
    found = sums(db, mailing_id)
    assert (sink.count(), found.sent, found.uncertain) == (then, then, 0)
    assert {row["attempt"] for row in rows(db, mailing_id)} <= {0, 1}
    assert "get no further" in health(db, tmp_path)
    sink.order("go")
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    passing.later(minutes=5)
    until(lambda: is_over(db, mailing_id), REST_S, what="rest")
    assert (sums(db, mailing_id).sent, len(sink.kept())) == (400, 400)
    assert "None waits for a relay" in health(db, tmp_path)
