"""Sums of reactions are what their rows say at every moment, whatever commits in whatever order,
whoever is killed, however many roll (ENGINE T8). The model is a plain count.
"""

import contextlib
import itertools
import threading
from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, pool, text
from sqlalchemy.exc import DBAPIError

from tcma.delivery import reaction_sums
from tcma.delivery.reaction_sums import REACTIONS
from tcma.errors import Unavailable
from tests.domain.delivery.summing import JUDGED, START, UPSERT, agree

WRITERS, ROLLERS, EACH = 3, 2, 4
writers = st.integers(0, WRITERS - 1)
rollers = st.integers(0, ROLLERS - 1)
messages = st.integers(0, EACH - 1)
hours = st.integers(0, 90)
steps = st.one_of(
    st.tuples(st.just("react"), writers, messages, st.sampled_from(REACTIONS), hours),
    st.tuples(st.just("react"), writers, messages, st.sampled_from(REACTIONS), hours),
    st.tuples(st.just("judge"), writers, messages, st.one_of(st.none(), hours)),
    st.tuples(st.just("delete"), writers, messages),
    st.tuples(st.just("end"), st.just("writer"), writers, st.sampled_from(["commit", "rollback", "kill"])),
    st.tuples(st.just("end"), st.just("writer"), writers, st.just("commit")),
    st.tuples(st.just("roll"), rollers, st.integers(1, 5)),
    st.tuples(st.just("roll"), rollers, st.just(1_000)),
    st.tuples(st.just("end"), st.just("roller"), rollers, st.sampled_from(["commit", "kill"])),
    st.tuples(st.just("spoil"), st.integers(-2, 3)),
)  # fmt: skip


class Crowd:
    """Connections in the middle of their transactions; a roller that would wait gives up."""

    def __init__(self, db, mailings):
        self.db, self.mailings, self.open = db, mailings, {}
        self.engine = create_engine(
            db.url, poolclass=pool.NullPool, connect_args={"options": "-c lock_timeout=20ms"}
        )

    def at(self, *who):
        if who not in self.open:
            connection = self.engine.connect()
            connection.begin()
            self.open[who] = connection
        return self.open[who]

    def message(self, writer, number):
        own = writer * EACH + number
        return {"id": own, "mailing": self.mailings[own % len(self.mailings)]}

    def react(self, writer, number, name, hour):
        values = {**self.message(writer, number), "at": START + timedelta(hours=hour)}
        self.at("writer", writer).execute(text(UPSERT.format(name)), values)

    def judge(self, writer, number, hour):
        at = None if hour is None else START + timedelta(hours=hour)
        self.at("writer", writer).execute(
            text(JUDGED), {"id": self.message(writer, number)["id"], "at": at}
        )

    def delete(self, writer, number):
        self.at("writer", writer).execute(
            text("delete from message_reaction where message_id = :id"),
            {"id": self.message(writer, number)["id"]},
        )

    def roll(self, roller, most):
        try:
            self.at("roller", roller).execute(reaction_sums.ROLL, {"most": most})
        except DBAPIError:
            self.end("roller", roller, "rollback")

    def spoil(self, n):
        """Somebody changes a sum by hand; mending finds it while the others are under way."""
        with self.db() as work:
            work.session.execute(
                text(
                    "insert into reaction_change (mailing_id, on_day, opened) values (:m, :on, :n)"
                ),
                {"m": self.mailings[0], "on": START.date(), "n": n},
            )
        with self.db() as work:
            assert reaction_sums.audit(work, mend=True) == bool(n)

    def end(self, *who_and_how):
        *who, how = who_and_how
        connection = self.open.pop(tuple(who), None)
        if connection is None:
            return
        if how == "kill":
            pid = connection.connection.driver_connection.info.backend_pid
            with self.db() as work:
                work.session.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
            connection.invalidate()
        elif how == "commit":
            connection.commit()
        connection.close()

    def done(self):
        for who in list(self.open):
            self.end(*who, "commit")


@settings(
    max_examples=8,
    deadline=None,
    phases=(
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ),  # shrinking against a database takes hours
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=st.lists(steps, min_size=25, max_size=45))
def test_t8_whatever_commits_in_whatever_order_the_sums_are_what_the_rows_say(db, mailings, plan):
    with db() as work:
        work.session.execute(text("delete from message_reaction"))
    crowd = Crowd(db, mailings)
    try:
        for step, *values in plan:
            getattr(crowd, step)(*values)
            agree(db, mailings)
    finally:
        crowd.done()
    agree(db, mailings)
    with db() as work:
        reaction_sums.roll(work)
    with db() as work:
        assert work.session.scalar(text("select count(*) from reaction_change")) == 0
    agree(db, mailings)


def write(db, mailings, ids, hand):
    """Forty transactions of three reactions with late verdicts; every seventh is taken back."""
    with db.engine.connect() as connection:
        for turn in range(40):
            for own in itertools.islice(ids, 3):
                at = START + timedelta(hours=own % 90)
                name = REACTIONS[(own + hand) % len(REACTIONS)]
                values = {"id": own, "mailing": mailings[own % 3], "at": at}
                connection.execute(text(UPSERT.format(name)), values)
                connection.execute(text(JUDGED), {"id": own, "at": at})
            (connection.rollback if turn % 7 == 0 else connection.commit)()


def roll_on(db, writing):
    while writing.is_set():
        with contextlib.suppress(DBAPIError, Unavailable), db() as work:  # killed: another goes on
            reaction_sums.roll(work, most=7)


def kill_and_look(db, writing, seen):
    while writing.is_set():
        with db() as work:
            work.session.execute(text(KILL))
        with db() as work:
            seen.append(work.session.scalar(reaction_sums.COMPARE, {"since": None}))


KILL = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
  and query like '%WITH taken AS%' and pid <> pg_backend_pid() and random() < 0.3
"""


def test_t8_rollers_that_are_killed_and_writers_at_work_never_show_a_wrong_number(db, mailings):
    """All at once: whoever looks in one statement finds no day that differs."""
    writing, seen, ids = threading.Event(), [], itertools.count(1)
    writing.set()
    others = [threading.Thread(target=roll_on, args=[db, writing]) for _ in range(2)]
    others.append(threading.Thread(target=kill_and_look, args=[db, writing, seen]))
    hands = [threading.Thread(target=write, args=[db, mailings, ids, n]) for n in range(3)]
    for each in (*others, *hands):
        each.start()
    for each in hands:
        each.join()
    writing.clear()
    for each in others:
        each.join()
    assert seen
    assert set(seen) == {0}
    with db() as work:
        reaction_sums.roll(work)
    agree(db, mailings)
