"""One `tcma up` for each data folder: who holds it, and whether somebody does."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tcma.errors import Unavailable

LOCK = "up.lock"


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Hold the data folder; Unavailable when another `tcma up` does."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        held = (data / LOCK).open("w")
    except OSError as error:
        raise Unavailable(
            f"The data folder {data} cannot be written ({error.strerror})",
            remedy="Name a folder that is yours: TCMA_DATA=/path/to/folder",
        ) from None
    with held as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                f"The product is running already on the data in {data}",
                remedy="Stop it with Ctrl-C, or name another folder in TCMA_DATA.",
            ) from None
        yield


def is_up(data: Path) -> bool:
    """Say whether a `tcma up` works on this data folder."""
    try:
        with alone(data):
            return False
    except Unavailable:
        return True
