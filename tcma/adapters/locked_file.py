"""Files that one process appends to and keeps locked for its life.

They survive `kill -9` (page cache), not power loss. The kernel frees the lock at death, so whoever
gets it has proof that the writer is gone.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from tcma.ids import new_id


def create(folder: Path, suffix: str) -> tuple[int, Path]:
    """Make and lock a file of a name of its own; return its descriptor, which reads and appends, and its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{new_id()}{suffix}"
    unlocked = path.with_suffix(".new")  # nobody finds a file before it is locked
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    file = os.open(unlocked, flags, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    unlocked.rename(path)
    return file, path


@contextlib.contextmanager
def left_behind(path: Path) -> Iterator[bool]:
    """Hold a dead process's file for the length of a block; False while its process lives, or
    somebody else holds it, or it is gone.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield False
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        yield False
        return
    try:
        yield path.exists()  # whoever held it before may have taken it away
    finally:
        os.close(file)
