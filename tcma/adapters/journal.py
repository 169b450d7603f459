"""The send journal: one append-only file per process, locked for its life.

It survives `kill -9` (page cache), not power loss. The kernel frees the lock at death, so whoever
gets it has proof that the writer is gone. Lines: `P ids` being made, `B ids` the final dot is
about to leave, `S ids` the relay took them.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tcma.ids import new_id

SUFFIX = ".journal"


class FileJournal:
    """The journal of this process; `name` stands in its worker's row. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{new_id()}{SUFFIX}"
        self.path = folder / self.name
        unlocked = self.path.with_suffix(".new")  # nobody finds a journal before it is locked
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(unlocked, flags, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        unlocked.rename(self.path)

    def preparing(self, ids: Sequence[int]) -> None:
        """Write that these messages are being made."""
        self._write(b"P", ids)

    def begun(self, ids: Sequence[int]) -> None:
        """Write that the final dot of these messages is about to leave."""
        self._write(b"B", ids)

    def answered(self, ids: Sequence[int]) -> None:
        """Write that the relay took these messages."""
        self._write(b"S", ids)

    def size(self) -> int:
        """Return how many bytes are written."""
        return os.fstat(self._file).st_size

    def close(self) -> None:
        """Leave in good order: everything is committed, the file is not needed."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        os.close(self._file)

    def _write(self, mark: bytes, ids: Sequence[int]) -> None:
        os.write(self._file, mark + b"".join(b" %d" % each for each in ids) + b"\n")


@dataclass(frozen=True, slots=True)
class DeadJournal:
    """What a dead process left behind."""

    name: str
    prepared: frozenset[int]
    begun: frozenset[int]
    answered: frozenset[int]


@contextlib.contextmanager
def dead_journal(folder: Path, name: str) -> Iterator[DeadJournal | None]:
    """Hold and read the journal of a dead process for the length of a block.

    Gives None when its process lives (it has the lock) or the file is not in this folder. After
    the block, if it raised nothing, the file is removed: what it said is committed.
    """
    path = folder / name
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        yield None
        return
    try:
        yield _read(path)
        path.unlink(missing_ok=True)
    finally:
        os.close(file)


def journals_in(folder: Path) -> list[str]:
    """Return the names of the journals here, oldest first."""
    return sorted(path.name for path in folder.glob(f"*{SUFFIX}"))


def _read(path: Path) -> DeadJournal:
    marks: dict[bytes, set[int]] = {b"P": set(), b"B": set(), b"S": set()}
    for line in path.read_bytes().splitlines():
        mark, _, numbers = line.partition(b" ")
        if mark in marks:
            marks[mark].update(int(each) for each in numbers.split() if each.isdigit())
    return DeadJournal(
        path.name, frozenset(marks[b"P"]), frozenset(marks[b"B"]), frozenset(marks[b"S"])
    )
