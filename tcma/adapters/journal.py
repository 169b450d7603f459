"""The send journal: one append-only file per process, locked for its life (see `locked_file`).

Lines: `P ids` being made, `B ids` the final dot is about to leave, `S ids` the relay took them. `P` begins
a message anew: what it had begun before was answered, else nobody would have it in hand again.
"""

import contextlib
import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tcma.adapters.locked_file import create, left_behind

SUFFIX = ".journal"


class FileJournal:
    """The journal of this process; `name` stands in its worker's row. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._file, self.path = create(folder, SUFFIX)
        self.name = self.path.name

    def preparing(self, ids: Sequence[int]) -> None:
        """Write that these messages are being made."""
        self._write(b"P", ids)

    def begun(self, ids: Sequence[int]) -> None:
        """Write that the final dot of these messages is about to leave."""
        self._write(b"B", ids)

    def answered(self, ids: Sequence[int]) -> None:
        """Write that the relay took these messages."""
        self._write(b"S", ids)

    def told(self) -> "DeadJournal":
        """Return what stands in it: for whoever leaves and has nothing in hand any more."""
        return _read(self.path)

    def size(self) -> int:
        """Return how many bytes are written."""
        return os.fstat(self._file).st_size

    def close(self) -> None:
        """Leave in good order: everything is committed, the file is not needed."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        os.close(self._file)

    def _write(self, mark: bytes, ids: Sequence[int]) -> None:
        line = b"\n" + mark + b"".join(b" %d" % each for each in ids) + b"\n"
        if os.write(self._file, line) < len(line):  # the next one begins a line of its own
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
    with left_behind(path) as is_dead:
        yield _read(path) if is_dead else None
        if is_dead:
            path.unlink(missing_ok=True)


def journals_in(folder: Path) -> list[str]:
    """Return the names of the journals here, oldest first."""
    return sorted(path.name for path in folder.glob(f"*{SUFFIX}"))


def _read(path: Path) -> DeadJournal:
    marks: dict[bytes, set[int]] = {b"P": set(), b"B": set(), b"S": set()}
    lines = path.read_bytes().split(b"\n")
    for line, after in pairwise([*lines, b"cut"]):
        mark, _, numbers = line.partition(b" ")
        if mark not in marks:
            continue
        ids = {int(each) for each in numbers.split() if each.isdigit()}
        if after and mark != b"B":  # cut off: its last number may be the beginning of another
            continue
        if mark == b"P":
            marks[b"B"] -= ids
        marks[mark] |= ids
    return DeadJournal(
        path.name, frozenset(marks[b"P"]), frozenset(marks[b"B"]), frozenset(marks[b"S"])
    )
