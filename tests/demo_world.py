"""The demo world: made once per run by `tcma demo`, copied for each test that works in it."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory


def made_in(shared):
    """The data folder of a filled installation, at rest; nobody works in it, all copy it."""
    kept = shared / "demo-world"
    with (shared / "demo-world.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            with TemporaryDirectory(prefix="tcma-demo-") as folder:
                make(Path(folder) / "d")
                copied(Path(folder) / "d", shared / "demo-world.half")
            (shared / "demo-world.half").rename(kept)
    return kept


def make(data):
    told = subprocess.run(
        [sys.executable, "-m", "tcma.cli.main", "demo", "--json"],
        env={"PATH": os.environ["PATH"], "HOME": str(data.parent), "TCMA_DATA": str(data)},
        capture_output=True, text=True, check=False, timeout=400,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(told.stdout)["made"] is True


def copied(data, to):
    """Copy it with its owners: the embedded database may be another user's."""
    subprocess.run(["cp", "-a", data, to], check=True)
    return to
