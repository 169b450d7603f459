"""What comes back by mailed links, on disk before anybody is answered: one append-only file per
process, read in batches from the place that the database remembers.

A line: kind, microseconds, message, slot, method, user agent. A file that is read to its end, and
will not grow, is taken away.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tcma.adapters.locked_file import create, left_behind
from tcma.ports import Hit, HitKind

LARGEST = 8_000_000
"""Octets after which a file that is read to its end makes room for a new one."""
LONGEST_AGENT = 400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class HitFiles:
    """The hits of one kind in an installation's folder; threads may share it. A file begins with its
    first hit.
    """

    def __init__(self, folder: Path, suffix: str = ".hits") -> None:
        self.folder, self._suffix = folder, suffix
        self.written = 0
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path: Path | None = None

    def write(self, hit: Hit) -> None:
        """Append a hit; it is on disk, though not through a power cut, when this returns."""
        at = (hit.at - EPOCH) // MICROSECOND
        words = f"{hit.kind} {at} {hit.message_id} {hit.slot} {_word(hit.method)} {_line(hit.user_agent)}\n"
        with self._lock:
            if self._file is None:
                self._file, self._path = create(self.folder, self._suffix)
            os.write(self._file, words.encode())
            self.written += 1

    def waiting(self) -> list[Path]:
        """Return the files here, oldest first."""
        return sorted(self.folder.glob(f"*{self._suffix}"))

    def mine(self) -> list[Path]:
        """Return the file this process writes; none before its first hit."""
        mine = self._path
        return [mine] if mine else []

    @contextmanager
    def held(self, path: Path) -> Iterator[bool]:
        """Hold a file for reading; False when a living process, not this one, writes it."""
        if path == self._path:
            yield True
            return
        with left_behind(path) as is_dead:
            yield is_dead

    def let_go(self) -> None:
        """Write no more into the file that stands: whoever reads next may take it away."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file = self._path = None

    def remove(self, path: Path, *, read_to: int, all_of_it: bool = False) -> bool:
        """Take a file away that is read to its end; our own only when it is large, or `all_of_it`."""
        with self._lock:
            if path.stat().st_size > read_to:
                return False
            if path == self._path:
                if self._file is None or not (all_of_it or read_to > LARGEST):
                    return False
                os.close(self._file)
                self._file = self._path = None
            path.unlink()
            return True


def read(path: Path, *, start: int, most: int) -> tuple[Sequence[Hit], int]:
    """Return up to `most` hits from octet `start` on, and the octet after the last of them.

    A line that breaks off in the middle waits for its end; one that says nothing is passed over.
    """
    hits: list[Hit] = []
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if not line.endswith(b"\n") or len(hits) == most:
                break
            start += len(line)
            if hit := _hit(line.decode(errors="replace")):
                hits.append(hit)
    return hits, start


def _hit(line: str) -> Hit | None:
    words = line.rstrip("\n").split(" ", 5)
    try:
        kind, at, message_id, slot, method, agent = words
        moment = EPOCH + int(at) * MICROSECOND
        return Hit(HitKind(kind), int(message_id), int(slot), moment, method, agent)
    except ValueError:
        return None


def _word(text: str) -> str:
    return text[:16] if text.isalnum() else "-"


def _line(text: str) -> str:
    return " ".join(text[:LONGEST_AGENT].replace("\x00", "").split())
