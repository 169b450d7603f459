"""Signs of life of worker and scheduler, for the health checks of `compose.yaml`."""

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

EVERY = 5  # seconds
TOO_OLD = 30


def sign(role: str) -> Path:
    """Return the file that a living process of this role touches."""
    return Path(tempfile.gettempdir()) / f"tcma-{os.getuid()}-{role}.alive"


def beat(role: str) -> None:
    """Say that we live; where no file can be made the work goes on, and only the health check misses it."""
    with contextlib.suppress(OSError):
        sign(role).touch()


def lives(role: str, *, at: float) -> bool:
    """Say whether the sign is younger than TOO_OLD seconds at `at` (Unix time)."""
    try:
        return at - sign(role).stat().st_mtime < TOO_OLD
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(0 if lives(sys.argv[1], at=time.time()) else 1)
