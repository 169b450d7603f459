"""How jobs run: over a real Redis and in the process; refusals dropped, faults tried again."""

import threading
import time
from functools import partial

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tcma.adapters.queue_dramatiq import in_process, to_redis
from tcma.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound, Unavailable
from tcma.jobs import Job, Queue
from tcma.permissions import SYSTEM
from workers.broker import Crew, add_middleware, redis_broker
from workers.policies import LANES, OTHER_TRIES, UNAVAILABLE_TRIES, tries_again
from workers.runtime import (
    MOST_AWAY,
    Run,
    apart,
    in_one_transaction,
    one_by_one,
    perform,
    register,
    together,
)


class Seen:
    """What the handlers were given, waited for."""

    def __init__(self):
        self.calls = []
        self._more = threading.Condition()

    def __call__(self, what):
        with self._more:
            self.calls.append(what)
            self._more.notify_all()

    def wait(self, count, seconds=60):
        with self._more:
            assert self._more.wait_for(lambda: len(self.calls) >= count, seconds), self.calls
        return self.calls


@pytest.fixture(params=["redis", "in process"])
def crew_of(request, db):
    """Start worker threads for some handlers; returns the queue to send to."""
    crews = []

    def start(handlers):
        if request.param == "redis":
            url = request.getfixturevalue("redis_url")
            queue, broker = to_redis(url), redis_broker(url)
        else:
            queue = in_process()
            broker = queue.broker
        register(broker, Run(services=db, stopping=add_middleware(broker)), handlers=handlers)
        crews.append(Crew(broker, timeout_ms=50))
        crews[-1].start()
        return queue

    yield start
    for crew in crews:
        crew.stop()


def test_a_job_runs_as_the_house_in_one_transaction(crew_of):
    seen = Seen()

    def route(work, *, lead_id):
        seen((work.principal, lead_id))

    queue = crew_of({Job.LEAD_ROUTE: in_one_transaction(route)})
    queue.send(Job.LEAD_ROUTE, {"lead_id": "42"})
    assert seen.wait(1) == [(SYSTEM, "42")]


def test_a_job_that_found_the_outside_away_runs_again(crew_of):
    seen = Seen()

    def once_away(run):
        seen("tried")
        if len(seen.calls) == 1:
            raise Unavailable("the relay is away")

    queue = crew_of({Job.LEAD_ROUTE: once_away})
    queue.send(Job.LEAD_ROUTE, {})
    assert seen.wait(2) == ["tried", "tried"]


def test_bulk_work_does_not_hold_up_an_answer(crew_of):
    seen, release = Seen(), threading.Event()

    def long_send(run):
        seen("bulk")
        release.wait(60)

    queue = crew_of({Job.MAILING_SEND: long_send, Job.LEAD_ROUTE: lambda run: seen("urgent")})
    for _ in range(LANES[Queue.BULK].threads + 3):
        queue.send(Job.MAILING_SEND, {})
    seen.wait(LANES[Queue.BULK].threads)
    queue.send(Job.LEAD_ROUTE, {})
    calls = seen.wait(LANES[Queue.BULK].threads + 1)
    release.set()
    assert calls[-1] == "urgent"


def test_a_long_job_hears_that_the_process_wants_to_end(db):
    queue = in_process()
    run = Run(services=db, stopping=add_middleware(queue.broker))
    seen = Seen()

    def until_asked(run):
        seen("begun")
        deadline = time.monotonic() + 60
        while not run.stopping():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        seen("ended")

    register(queue.broker, run, handlers={Job.MAILING_SEND: until_asked})
    crew = Crew(queue.broker, timeout_ms=50)
    crew.start()
    queue.send(Job.MAILING_SEND, {})
    seen.wait(1)
    crew.stop()
    assert seen.calls == ["begun", "ended"]


@pytest.mark.parametrize(
    "refusal",
    [NotFound(), Conflict("lost the race"), Forbidden("no"), Invalid("no"), LimitReached("no")],
)
def test_a_refusal_is_logged_and_dropped(db, refusal):
    def refuses(run, **ids):
        raise refusal

    with capture_logs() as logs:
        perform(refuses, Job.LEAD_ROUTE, Run(services=db, stopping=bool), {"lead_id": "1"})
    assert [line["event"] for line in logs] == ["job dropped"]


@pytest.mark.parametrize("fault", [Unavailable("away"), ZeroDivisionError()])
def test_a_fault_is_raised_for_the_broker_to_try_again(db, fault):
    def fails(run):
        raise fault

    with pytest.raises(type(fault)):
        perform(fails, Job.LEAD_ROUTE, Run(services=db, stopping=bool), {})


@pytest.mark.parametrize(
    ("error", "tries"), [(Unavailable("x"), UNAVAILABLE_TRIES), (KeyError("x"), OTHER_TRIES)]
)
def test_the_outside_gets_more_patience_than_our_own_faults(error, tries):
    assert [tries_again(n, error) for n in (0, tries - 1, tries)] == [True, True, False]


def raising(error):
    def do(work):
        work.audit("tried", "row", 1)
        raise error

    return do


def audits(verb):
    return lambda work: work.audit(verb, "row", 1)


def written(db):
    with db() as work:
        return work.session.scalars(text("select verb from audit_entry order by id")).all()


def test_what_fails_at_one_row_is_raised_when_the_others_are_done(db):
    run = Run(services=db, stopping=lambda: False)
    rows = [raising(KeyError("ours")), audits("a"), raising(Conflict("No.")), audits("b")]
    with capture_logs() as logs, pytest.raises(KeyError):
        one_by_one(run, rows)
    assert written(db) == ["a", "b"]
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("row failed", "error"), ("row left out", "info"),
    ]  # fmt: skip


def test_one_row_whose_outside_is_away_holds_up_no_other_and_is_raised_in_the_end(db):
    run = Run(services=db, stopping=lambda: False)
    away = raising(Unavailable("Away."))
    with pytest.raises(Unavailable):
        one_by_one(run, [away, away, audits("a"), away, away, audits("b")])
    assert written(db) == ["a", "b"]


def test_the_outside_that_is_away_for_several_rows_in_a_row_ends_a_job(db):
    run = Run(services=db, stopping=lambda: False)
    with pytest.raises(Unavailable):
        one_by_one(run, [audits("a"), *[raising(Unavailable("Away."))] * MOST_AWAY, audits("b")])
    assert written(db) == ["a"]


def test_rows_are_done_together_and_one_by_one_only_where_that_fails(db):
    tried = []

    def do(work, row):
        tried.append(row)
        work.audit(row, "row", 1)
        if row == "odd":
            raise KeyError(row)

    run = Run(services=db, stopping=lambda: False)
    together(run, ["a", "b"], do)
    assert tried == ["a", "b"]
    with capture_logs() as logs, pytest.raises(KeyError):
        together(run, ["odd", "c"], do)
    assert written(db) == ["a", "b", "c"]
    assert tried == ["a", "b", "odd", "odd", "c"]
    assert logs[-1]["row"] == "odd"


def test_a_process_that_ends_begins_no_other_row(db):
    asked = iter([False, True])
    one_by_one(Run(services=db, stopping=lambda: next(asked)), [audits("a"), audits("b")])
    assert written(db) == ["a"]


def test_a_process_that_ends_takes_nothing_that_it_would_not_do(db):
    taken, done = [], []
    run = Run(services=db, stopping=lambda: bool(done))

    def claims():
        for each in (1, 2):
            taken.append(each)
            yield partial(done.append, each)

    apart(run, claims())
    assert taken == done == [1]


def test_every_lane_has_a_policy():
    assert set(LANES) == set(Queue)
