"""`tcma up` as a stranger meets it: broken off, started again, its database killed, stopped."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tcma.embedded.process import free_port

pytestmark = pytest.mark.timeout(900)
PATIENCE = 240


@pytest.fixture
def data():
    """A folder that the embedded database of another user may enter, unlike pytest's."""
    with TemporaryDirectory(prefix="tcma-up-") as folder:
        yield Path(folder) / "d"


class Product:
    """One `tcma up`; what it says is in a file."""

    def __init__(self, data, port):
        self.said_in = data.parent / f"said-{time.monotonic_ns()}"
        self.port = port
        with self.said_in.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tcma.cli.main", "up"],
                stdout=out,
                stderr=subprocess.STDOUT,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(data.parent),
                    "TCMA_DATA": str(data),
                    "PORT": str(port),
                },
            )

    @property
    def said(self):
        return self.said_in.read_text()

    def says(self, words):
        """Wait until it has said `words`."""
        until = time.monotonic() + PATIENCE
        while words not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.1)

    def stop(self):
        """Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as got:
                return got.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code


@contextmanager
def product(data, port):
    running = Product(data, port)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.wait()


def postmaster(data):
    pid_file = data / "postgres" / "cluster" / "postmaster.pid"
    return int(pid_file.read_text().split("\n", 1)[0]) if pid_file.exists() else None


def wait_for_vendor(data):
    """Return once the demo world has begun: its vendor is committed."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(0.1)
        with suppress(psycopg.Error):
            cluster = str(data / "postgres" / "cluster")
            with psycopg.connect(host=cluster, user="postgres", dbname="tcma") as database:
                if database.execute("SELECT 1 FROM vendor").fetchone():
                    return
    raise AssertionError("the demo world has not begun")


def test_broken_off_then_whole_then_robbed_of_its_database_then_stopped(data):
    port = free_port()
    with product(data, port) as first:
        wait_for_vendor(data)
        assert first.stop() == 1
        assert "Stopped before it was ready." in first.said
    assert postmaster(data) is None
    with product(data, port) as second:
        second.says("is running")
        assert "half-made demo world" in second.said
        assert "maren@fenwright.example" in second.said
        assert second.answers() == 200
        with product(data, free_port()) as other:
            assert other.process.wait(PATIENCE) == 1
            assert "is running already" in other.said
        with product(data.parent / "other", port) as other:
            assert other.process.wait(PATIENCE) == 1
            assert f"Port {port} cannot be used" in other.said
            assert "PORT=" in other.said
        os.kill(postmaster(data), signal.SIGKILL)
        second.says("The database is back.")
        until = time.monotonic() + 30
        while second.answers() != 200:
            assert time.monotonic() < until
        assert second.stop() == 0
        assert second.said.endswith("Stopped. Your data is kept.\n")
    assert postmaster(data) is None
