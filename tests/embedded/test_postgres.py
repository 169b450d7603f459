"""The embedded PostgreSQL: shared, adopted after kill -9, never confused by a stale pid file."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tcma.embedded import postgres
from tcma.errors import Unavailable


@pytest.fixture
def data():
    folder = Path(tempfile.mkdtemp(prefix="tcma-"))
    yield folder
    cluster = folder / "postgres" / "cluster"
    if pid := postgres._postmaster(cluster):
        os.kill(pid, signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)


def one_row(server):
    engine = create_engine(server.url())
    try:
        with engine.connect() as connection:
            return connection.scalar(text("select 1"))
    finally:
        engine.dispose()


def test_it_starts_keeps_its_rows_and_stops(data):
    server = postgres.start(data, settings=postgres.FAST)
    engine = create_engine(server.url())
    with engine.begin() as connection:
        connection.execute(text("create table kept (n int)"))
    engine.dispose()
    assert postgres.stop(server)
    again = postgres.start(data, settings=postgres.FAST)
    engine = create_engine(again.url())
    with engine.connect() as connection:
        assert connection.scalar(text("select count(*) from kept")) == 0
    engine.dispose()
    assert postgres.stop(again)


def test_the_last_one_out_stops_it(data):
    first = postgres.start(data, settings=postgres.FAST)
    second = postgres.start(data)
    assert not postgres.stop(first)
    assert one_row(second) == 1
    assert postgres.stop(second)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=make_url(second.url()).query["host"], user="postgres")


def test_a_killed_owner_leaves_a_server_that_the_next_start_adopts(data):
    code = (
        "import sys, os, signal; from pathlib import Path; from tcma.embedded import postgres as p\n"
        "p.start(Path(sys.argv[1]), settings=p.FAST); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(data)], check=False)
    assert killed.returncode == -signal.SIGKILL
    server = postgres.start(data)
    assert one_row(server) == 1
    assert postgres.stop(server)


def test_a_pid_file_that_names_another_process_does_not_stop_the_start(data):
    server = postgres.start(data, settings=postgres.FAST)
    postgres.stop(server)
    cluster = data / "postgres" / "cluster"
    (cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster}\n")
    server = postgres.start(data, settings=postgres.FAST)
    assert one_row(server) == 1
    postgres.stop(server)


def test_a_killed_server_comes_back(data):
    server = postgres.start(data, settings=postgres.FAST)
    pid = postgres._postmaster(data / "postgres" / "cluster")
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    again = postgres.start(data, settings=postgres.FAST)
    assert one_row(again) == 1
    server.hold.close()
    assert postgres.stop(again)


def test_a_long_path_gets_a_short_socket(data):
    deep = data / ("long-" * 20)
    deep.mkdir()
    server = postgres.start(deep, settings=postgres.FAST)
    assert len(str(server.socket_folder / postgres.SOCKET)) <= postgres.LONGEST_SOCKET_PATH
    assert one_row(server) == 1
    assert postgres.stop(server)
    shutil.rmtree(server.socket_folder)


def test_a_server_that_cannot_start_says_why(data):
    server = postgres.start(data, settings=postgres.FAST)
    postgres.stop(server)
    with pytest.raises(Unavailable, match="no_such_setting"):
        postgres.start(data, settings={"no_such_setting": "1"})


def test_a_folder_in_tmp_that_is_not_ours_is_refused(data, tmp_path):
    deep = data / ("long-" * 20)
    deep.mkdir()
    server = postgres.start(deep, settings=postgres.FAST)
    postgres.stop(server)
    shutil.rmtree(server.socket_folder)
    server.socket_folder.symlink_to(tmp_path)
    try:
        with pytest.raises(Unavailable, match="not a private folder"):
            postgres.start(deep, settings=postgres.FAST)
    finally:
        server.socket_folder.unlink()


def test_a_half_made_cluster_is_made_anew(data):
    half = data / "postgres" / "cluster"
    half.mkdir(parents=True)
    (half / "postgresql.conf").write_text("cut off by a power failure")
    server = postgres.start(data, settings=postgres.FAST)
    assert one_row(server) == 1
    assert postgres.stop(server)
