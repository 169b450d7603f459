"""The database goes away or its answer is lost, hints come in any order, the relay refuses all."""

import random
import threading
from contextlib import suppress
from functools import partial

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from tcma.adapters.storage_disk import DiskFiles
from tcma.delivery import actions, claims
from tcma.delivery.rules import PAUSE_WINDOW, MailingState, MessageState
from tcma.errors import Unavailable
from tcma.guidance.rules import is_hour_for_mail
from tcma.jobs import Job
from tcma.launches.rules import LaunchState
from tests.faults.posting import (
    REST_S,
    START_S,
    Plant,
    Sink,
    a_mailing,
    counted,
    in_real_time,
    posting,
    rows,
    sums,
    until,
)
from tests.faults.stage import Stage
from tests.services import World, engine_of


def running(real, count, **facts):
    with real() as work:
        return a_mailing(work, count, **facts)


def at_work(real, ring, over):
    """A worker that falls with its connection and begins again, as leases end, until it is over."""
    while not over.is_set():
        with suppress(DBAPIError, Unavailable):
            ring()
            ring(Job.MESSAGE_RECOVER)
            with real() as work:
                work.session.execute(text("update message set lease_until = now() where state = 1"))


def test_s9_every_connection_to_the_database_dies_and_nobody_gets_two(real, tmp_path, sink):
    mailing_id, over = running(real, 150), threading.Event()
    sink.order("slow")
    with posting(real, tmp_path, sink.url) as ring:
        worker = threading.Thread(target=at_work, args=[real, ring, over])
        worker.start()
        for enough in (10, 40):
            until(lambda seen=enough: sink.count() > seen, START_S, what="mail at the sink")
            with real.engine.connect() as connection:
                connection.execute(
                    text(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        " where datname = current_database() and pid <> pg_backend_pid()"
                    )
                )
        sink.order("go")
        until(lambda: sums(real, mailing_id).sent == 150, REST_S, what="the last mail")
        over.set()
        worker.join(REST_S)
        assert not worker.is_alive()
    found = sums(real, mailing_id)
    assert found.holds
    assert (found.sent, found.waiting, found.uncertain) == (150, 0, 0)
    assert len(sink.kept()) == 150
    assert max(sink.kept().values()) == 1


@pytest.mark.parametrize(
    ("steps", "intends"),
    [(lambda _, mailing_id: mailing_id, "judged.stop"), (counted, "mine.stop")],
)
def test_s10_a_lost_answer_to_the_intents_commit_sends_nobody_twice(
    real, tmp_path, sink, steps, intends
):
    with real() as work:
        mailing_id = steps(work, a_mailing(work, 1_000))
    lost = []

    def note(connection, cursor, statement, *_):
        if intends in statement and statement.lstrip().startswith("WITH"):
            connection.info["intends"] = True

    def lose(connection):
        if connection.info.pop("intends", False) and len(lost) < 3:
            lost.append(connection)
            connection.connection.dbapi_connection.commit()
            raise OperationalError("COMMIT", None, ConnectionError("the answer was lost"))

    event.listen(real.engine, "before_cursor_execute", note)
    event.listen(real.engine, "commit", lose)
    with posting(real, tmp_path, sink.url) as ring:
        ring()
    assert len(lost) == 3
    assert sums(real, mailing_id).sent == 1_000
    assert len(sink.kept()) == 1_000
    assert max(sink.kept().values()) == 1


def test_s12_hints_that_are_doubled_dropped_and_shuffled_change_nothing(real, tmp_path, sink):
    stage, chance = Stage(real, count=40), random.Random(12)
    ref = stage.started(mails="first")
    with posting(real, tmp_path, sink.url) as ring:
        for _ in range(30):
            hints = [Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE, Job.MESSAGE_RECOVER] * 2
            chance.shuffle(hints)
            for job in hints:
                if chance.random() > 0.1:
                    ring(job)
            if stage.detail(ref).line.finished_at:
                break
    found = stage.detail(ref).equation
    assert (found.sent, found.waiting, found.holds) == (40, 0, True)
    launched = [key for key, n in sink.kept().items() if n > 1]
    assert launched == []


def test_s17_a_relay_that_refuses_all_pauses_the_mailing_and_it_goes_on_where_it_was(
    db, tmp_path, smtp_sink
):
    real, count = in_real_time(db), PAUSE_WINDOW + 500  # what is on its way arrives
    mailing_id = running(real, count)
    for n in range(count):
        smtp_sink.script.rcpt[f"p{n}@example.org"] = ["554 5.7.1 not you"]
    with posting(real, tmp_path, smtp_sink.url) as ring:
        ring()
        with real() as work:
            state = claims.mailing_state(work, mailing_id)
            why = work.session.scalar(text("select paused_reason from mailing"))
        assert state == MailingState.PAUSED
        assert "mails came back" in why
        left = sums(real, mailing_id)
        assert PAUSE_WINDOW <= left.failed < count
        waiting = [r for r in rows(real, mailing_id) if r["state"] == MessageState.READY]
        assert len(waiting) == left.waiting > 0
        smtp_sink.script.rcpt.clear()
        with real() as work:
            actions.resume_mailing(work, mailing_id)
        for _ in range(count):  # who leaves mail behind rings again
            if sums(real, mailing_id).waiting:
                ring()
    found = sums(real, mailing_id)
    assert (found.failed, found.sent, found.waiting) == (left.failed, left.waiting, 0)


LEFT = (
    "select state, count(*) from launch group by 1 order by 1",
    "select state, expected_n, sent_n, skipped_n, failed_n from mailing where kind = 0 order by id",
    """select g.kind, m.state, m.reason, m.attempt, count(*) from message m
    join mailing g on g.id = m.mailing_id left join message_body b on b.message_id = m.id
    where b.subject is null or b.subject not like '%“Started”%' group by 1, 2, 3, 4 order by 1, 2, 3, 4""",
    "select subject, count(*) from message_body where subject not like '%“Started”%' group by 1 order by 1",
)
"""A level that rises is told by the next look at all partners, before or after the end."""


def everything(db):
    """What a launch left: launches, mails and messages by their states, letters by their subject."""
    with db() as work:
        found = [work.session.execute(text(each)).all() for each in LEFT]
    return [[tuple(row) for row in rows] for rows in found]


@pytest.mark.timeout(300)
def test_s12_real_processes_end_with_the_same_database_under_a_broker_that_is_unruly(
    postgres, tmp_path, redis_url
):
    ends = []
    for unruly in (False, True):
        folder = tmp_path / f"{unruly}"
        with postgres.fresh() as url, engine_of(url) as engine, Sink(folder / "sink") as sink:
            files = DiskFiles(folder / "files")
            db = in_real_time(World(url=url, engine=engine, clock=None, site=None, files=files))
            stage = Stage(db, count=60)
            ref = stage.started(mails="first")
            with Plant(db, folder, redis_url, sink, unruly=unruly) as plant:
                plant.start("workers.scheduler")
                plant.start()
                plant.start()
                for job in (Job.LAUNCH_START, Job.MAILING_SEND, Job.LAUNCH_SETTLE) * 3:
                    plant.ring(job)
                until(lambda at=stage, it=ref: finished(at, it), REST_S, what="the end")
                over = partial(letters_left, db, plant)
                until(over, REST_S, every=0.5, what="the letters")
            ends.append(everything(db))
            assert max(sink.kept().values()) == 1
    assert ends[0] == ends[1]


def finished(stage, ref):
    return stage.detail(ref).line.state is LaunchState.FINISHED


def letters_left(db, plant):
    """Whether all letters have left, and both of the campaign's playbook are made by a look that is rung for.

    Outside a partner's hours there are none.
    """
    plays = "select count(*) from message_body where subject like '%: “One steady arch at a time”'"
    with db() as work:
        due = 2 * is_hour_for_mail(work.now, "Europe/London")
        made = work.session.scalar(text(plays))
    if made < due:
        plant.ring(Job.PARTNER_NUDGE)
    return made >= due and not unsent(db)


def unsent(db):
    with db() as work:
        return work.session.scalar(text("select count(*) from message where state in (0, 1, 2)"))
