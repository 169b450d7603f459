"""Journeys at size: a million people waiting, ten thousand of them due at one instant for two processes that
do nothing else, then within one minute for the real ones, which carry a large launch meanwhile.
"""

import gc
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import cache

from sqlalchemy import create_engine, text

from tcma.adapters.storage_disk import DiskFiles
from tcma.clock import SystemClock
from tcma.delivery import actions
from tcma.nurture.facts import DUE
from tcma.nurture.rules import LATE_AFTER
from tcma.nurture.stepping import step_due
from tests.bench.figures import Figure
from tests.bench.ground import settled as vacuumed
from tests.bench.limits import at_least, at_most
from tests.domain.nurture.crowd import PLAIN, settled
from tests.faults.posting import REST_S, START_S, Plant, Sink, a_mailing, in_real_time, sums, until
from tests.services import World

PROCESSES = 2
WARM = 20
OPEN = '\n[window]\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\nfrom = "00:00"\nuntil = "00:00"\n'
"""So that the figures are the same at night."""
WAITING = text("""
INSERT INTO nurture_run (sequence_id, version_id, vendor_id, partner_id, contact_id, lead_id, state,
  node, since, due_at, created_at)
SELECT :sequence, :version, :vendor, :partner, -n, gen_random_uuid(), 0, 'n2', now(),
  now() + interval '1 hour' + n * interval '1 second', now() FROM generate_series(1, :n) n
""")


def measure(ground):
    """The due query, steps a second, how late the last of a crowd is, octets a step."""
    size = ground.size
    with ground.installation("nurture") as db:
        made = settled(db, partners=3)
        made.publish(PLAIN + OPEN)
        made.mailings()
        empty(made)
        with db() as work:
            values = {"sequence": made.sequence_id, "version": made.version_id,
                      "vendor": made.vendor_id, "partner": made.partners[0], "n": size.waiting}  # fmt: skip
            work.session.execute(WAITING, values)
        vacuumed(db)
        named = f"{size.waiting:,} waiting"
        rates = []
        for _ in range(size.rounds):
            crowd_due(made, size.due)
            if not rates:
                vacuumed(db)
                yield due_query(db, named)
            rates.append(all_taken(db))
        yield Figure(
            name=f"nurture.steps: mail steps carried out, {PROCESSES} processes, {named}",
            value=statistics.median(rates), unit="steps/s", peer=None, reason="no peer does this", bound=at_least(5_000),
        )  # fmt: skip
        yield Figure(
            name=f"nurture.lag_p99: {size.due:,} due within {size.minute:.0f} s, {named}, by {PROCESSES} workers"
            " and a scheduler while a launch leaves",
            value=lag(ground, made), unit="s", peer=None, reason="no peer does this", bound=at_most(10, "s"),
        )  # fmt: skip
        octets = made.value(
            "SELECT pg_total_relation_size('nurture_step')::float / count(*) FROM nurture_step"
        )
        yield Figure(name="nurture.step_bytes: a step's row with its index", value=octets,
                     unit="octets", peer=None, reason="no peer does this", bound=at_most(200))  # fmt: skip


def empty(made):
    """Take out those whose first use made the mailings."""
    with made.db() as work:
        work.session.execute(text("DELETE FROM nurture_run"))


def crowd_due(made, count, *, due=None):
    """Put so many real people of three partners at a mail that is due now, or at `due`."""
    due = due or made.db.clock.now()
    third = count // 3
    shares = ((0, count - 2 * third), (1, third), (2, third))
    return [run for partner, n in shares for run in made.people(n, partner=partner, due=due)]


def due_query(db, named):
    """The look for 200 due runs, as the worker takes it, beside all that wait."""
    taken = []
    with db() as work:
        span = {"until": work.now + timedelta(seconds=1), "after": work.now - LATE_AFTER}
        values = span | {"batch": 200, "not_these": []}
        for _ in range(20):
            begun = time.perf_counter()
            work.session.execute(text(DUE), values).all()
            taken.append(1_000 * (time.perf_counter() - begun))
        work.session.rollback()
    return Figure(name=f"nurture.due: 200 due runs found and locked, {named}",
                  value=statistics.median(taken), unit="ms", peer=None, reason="no peer does this", bound=at_most(10, "ms"))  # fmt: skip


def all_taken(db):
    """Steps a second until two worker processes, which are at work, have taken every due one."""
    given = (db.url, str(db.files.folder))
    context = multiprocessing.get_context("forkserver")  # what is imported once serves all
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        list(pool.map(warmed, [given] * PROCESSES))
        begun = time.perf_counter()
        taken = sum(pool.map(taking, [given] * PROCESSES))
        return taken / (time.perf_counter() - begun)


@cache
def installation(given):
    url, folder = given
    engine = create_engine(url)
    files = DiskFiles(folder)
    gc.freeze()  # as workers.main does
    return in_real_time(World(url=url, engine=engine, clock=SystemClock(), site=None, files=files))


def warmed(given):
    """Have a process import, connect and take one batch before the clock runs."""
    with installation(given)() as work:
        return step_due(work, batch=WARM).looked_at


def taking(given):
    """Take batches until nothing is due; how many steps they were."""
    db, taken = installation(given), 0
    while True:
        with db() as work:
            batch = step_due(work).looked_at
        if not batch:
            return taken
        taken += batch


def lag(ground, made):
    """Seconds from when a step is due to when it is taken, the 99th percentile, beside a launch."""
    db, size = made.db, ground.size
    folder = ground.folder / "nurture"
    folder.mkdir(parents=True, exist_ok=True)
    with db() as work:
        bulk = a_mailing(work, size.beside, domain="crowd.example", start=False)
    with (
        Sink(folder / "sink") as sink,
        Plant(db, folder, ground.redis_url, sink, begin=size.begin) as plant,
    ):
        sink.order(size.relay)
        plant.start("workers.scheduler")
        for _ in range(PROCESSES):
            plant.start()
        runs = crowd_due(made, size.due, due=db.clock.now() + timedelta(hours=1))
        vacuumed(db)
        with db() as work:
            actions.start_mailing(work, bulk)
        until(sink.count, START_S, what="the launch")
        begins = db.clock.now() + timedelta(seconds=1)
        with db() as work:
            values = {"runs": runs, "begins": begins, "minute": size.minute}
            dues = dict(work.session.execute(SPREAD, values).all())
        until(lambda: len(taken_at(made, runs)) == len(runs), size.minute + REST_S,
              every=1.0, what="the last step")  # fmt: skip
        waiting = sums(db, bulk).waiting
    assert waiting, "the launch was over before the last step: nothing was measured beside it"
    late = [(at - dues[run]).total_seconds() for run, at in taken_at(made, runs).items()]
    return statistics.quantiles(late, n=100, method="inclusive")[98]


SPREAD = text("""
UPDATE nurture_run r SET due_at = cast(:begins AS timestamptz) + (w.n - 1) * cast(:minute AS float8) / w.all_of * interval '1 second'
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS all_of
      FROM nurture_run WHERE id = ANY(:runs)) w
WHERE r.id = w.id RETURNING r.id, r.due_at
""")


def taken_at(made, runs):
    """When each run's step was taken, the transaction it is written by has committed."""
    return dict(
        made.rows(
            "SELECT run_id, min(at) FROM nurture_step WHERE run_id = ANY(:runs) GROUP BY 1",
            runs=runs,
        )
    )
