"""A server as our child: free port, log file, wait until it answers, and it dies with us."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tcma.errors import Unavailable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Child:
    """A running child process and where it writes what it says."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, *, patience: float = 10.0) -> int:
        """Ask it to end (SIGTERM), insist after `patience` seconds; return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait(5)

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def listens(port: int) -> bool:
    """Say whether something on 127.0.0.1 accepts connections on `port`."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def spawn(
    command: Sequence[str | Path], *, name: str, log: Path, env: Mapping[str, str] | None = None
) -> Child:
    """Start `command`; on Linux it is killed when the thread that started it ends."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            preexec_fn=_die_with_parent if _libc else None,  # noqa: PLW1509 - one system call
        )
    return Child(name=name, process=process, log=log)


def wait_until(child: Child, ready: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Return when `ready()` holds; Unavailable with the child's words when it ends or is late."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.process.poll() is not None:
            raise Unavailable(f"{child.name} ended at once: {child.said()}")
        if time.monotonic() > deadline:
            child.stop(patience=1)
            raise Unavailable(f"{child.name} did not answer in {seconds:.0f} s: {child.said()}")
        time.sleep(0.02)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask Linux to send us this signal when the thread that started us ends."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, number)


def _die_with_parent() -> None:
    die_with_parent(signal.SIGKILL)
