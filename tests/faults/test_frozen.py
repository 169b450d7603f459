"""A process that is frozen in the middle of its work keeps nobody else from theirs."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from tcma.db import session
from tcma.errors import Unavailable
from tests.builders import a_vendor
from tests.faults.posting import START_S, until
from tests.services import ROOT, engine_of


@contextmanager
def freezer(url, folder):
    """A process that has stopped inside a transaction; killed at the end."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    frozen = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.freezer", url, str(folder)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert frozen.stdout.readline() == "held\n"
        yield frozen
    finally:
        frozen.kill()
        frozen.wait()
        frozen.stdout.close()


def is_free(db):
    try:
        with db() as work:
            work.session.execute(text("select 1 from vendor for update nowait"))
    except Unavailable:
        return False
    return True


def test_a_frozen_transaction_loses_its_locks_and_does_not_commit_when_it_wakes(db, tmp_path):
    with db() as work:
        a_vendor(work, name="Corbelane")
    with freezer(db.url, tmp_path) as frozen:
        assert not is_free(db)
        until(lambda: is_free(db), START_S, what="the row, free again")
        frozen.send_signal(signal.SIGCONT)
        assert frozen.stdout.readline() == "database.unavailable\n"
    with db() as work:
        assert work.session.scalar(text("select name from vendor")) == "Corbelane"


def test_every_engine_of_an_installation_has_the_limits(db):
    with db() as work:
        shown = [
            work.session.scalar(text(f"show {name}"))
            for name in ("idle_in_transaction_session_timeout", "lock_timeout")
        ]
    assert shown == ["1min", "30s"]


def test_who_waits_for_a_lock_too_long_is_told_to_try_again(db):
    from tcma.db.session import make_engine

    engine = make_engine(db.url, wait_s=1)
    with db() as holder:
        a_vendor(holder, name="Corbelane")
        holder.session.execute(text("lock table vendor in exclusive mode"))
        db.engine, own = engine, db.engine
        try:
            with pytest.raises(Unavailable, match="Somebody else") as caught, db() as work:
                work.session.execute(text("lock table vendor in exclusive mode"))
        finally:
            db.engine = own
            engine.dispose()
    assert caught.value.remedy == "Try again in a minute."


@pytest.mark.parametrize("rested_s", [0.0, 3600.0], ids=["rested", "just-used"])
def test_a_connection_whose_server_went_is_not_lent(db, monkeypatch, rested_s):
    monkeypatch.setattr(session, "RESTED_S", rested_s)
    with db() as work:
        gone = work.session.scalar(text("select pg_backend_pid()"))
    with engine_of(db.url) as other, other.connect() as killer:
        killer.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": gone})
    with db() as work:
        assert work.session.scalar(text("select pg_backend_pid()")) != gone
