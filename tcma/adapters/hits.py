"""What comes back by mailed links, on disk before anybody is answered: one append-only file per
process, read in batches from the place that the database remembers.

A line: kind, microseconds, message, slot, method@network, user agent. A file that is read to its end, and
will not grow, is taken away. Its room is taken at once and written through memory, which survives
`kill -9` as a write does and never waits: a write let other threads in at each hit.
"""

import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tcma.adapters.locked_file import create, left_behind
from tcma.ports import Hit, HitKind

ROOM = 8_000_000
"""Octets of a file; when they are full another one begins."""
LARGEST = 4_000_000
"""Octets after which a file that is read to its end makes room for a new one."""
LONGEST_AGENT = 400
LONGEST_LINE = 8_192
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class HitFiles:
    """The hits of one kind in an installation's folder; threads may share it. A file begins with its
    first hit; one that its process has left is as long as what it holds, or filled up with zeros.
    """

    def __init__(self, folder: Path, suffix: str = ".hits") -> None:
        self.folder, self._suffix = folder, suffix
        self.written = 0
        self._lock = threading.Lock()
        self._file: int | None = None
        self._map: mmap.mmap | None = None
        self._end = 0
        self._path: Path | None = None

    def write(self, hit: Hit) -> None:
        """Append a hit; it is on disk, though not through a power cut, when this returns.

        Raises OSError when there is no room for a file.
        """
        at = (hit.at - EPOCH) // MICROSECOND
        how = f"{_word(hit.method)}@{hit.network}" if hit.network else _word(hit.method)
        words = f"{hit.kind} {at} {hit.message_id} {hit.slot} {how} {_line(hit.user_agent)}\n"
        line = words.encode()
        with self._lock:
            if self._map is None or self._end + len(line) > ROOM:
                self._close()
                self._begin()
            assert self._map is not None
            end = self._end + len(line)
            self._map[self._end : end] = line
            self._end = end  # readers come as far as this
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
        with self._lock:  # a copy keeps the lock, should the file be full and left meanwhile
            own = os.dup(self._file) if self._file is not None and path == self._path else None
        if own is None:
            with left_behind(path) as is_dead:
                yield is_dead
            return
        try:
            yield True
        finally:
            os.close(own)

    def read(self, path: Path, *, start: int, most: int) -> tuple[Sequence[Hit], int]:
        """Return up to `most` hits of a held file from octet `start` on, and the octet after the last.

        A line that breaks off in the middle waits for its end; one that says nothing is passed over.
        """
        with self._lock:
            end = self._end if path == self._path else None
        hits: list[Hit] = []
        with path.open("rb") as file:
            file.seek(start)
            while len(hits) < most and (end is None or start < end):
                line = file.readline(LONGEST_LINE)
                if not line.endswith(b"\n"):
                    break
                start += len(line)
                if hit := _hit(line.decode(errors="replace")):
                    hits.append(hit)
        return hits, start

    def let_go(self) -> None:
        """Write no more into the file that stands: whoever reads next may take it away."""
        with self._lock:
            self._close()

    def remove(self, path: Path, *, read_to: int, all_of_it: bool = False) -> bool:
        """Take a file away that is read to its end; our own only when it is large, or `all_of_it`."""
        with self._lock:
            if path == self._path:
                if read_to < self._end or not (all_of_it or read_to > LARGEST):
                    return False
                self._close()
            elif _goes_on(path, read_to):
                return False
            path.unlink()
            return True

    def _begin(self) -> None:
        file, path = create(self.folder, self._suffix)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file, 0, ROOM)  # a full disk says so here, not at some later hit
            else:
                os.ftruncate(file, ROOM)
            self._map = mmap.mmap(file, ROOM)
        except OSError:
            path.unlink()
            os.close(file)
            raise
        self._file, self._path, self._end = file, path, 0

    def _close(self) -> None:
        if self._map is not None:
            self._map.close()
        if self._file is not None:
            os.ftruncate(self._file, self._end)
            os.close(self._file)
        self._file = self._map = self._path = None


def _goes_on(path: Path, place: int) -> bool:
    """Say whether a file holds something at `place`: neither its end nor room that nobody used."""
    with path.open("rb") as file:
        file.seek(place)
        return file.read(1) not in {b"", b"\0"}


def _hit(line: str) -> Hit | None:
    words = line.rstrip("\n").split(" ", 5)
    try:
        kind, at, message_id, slot, method, agent = words
        moment = EPOCH + int(at) * MICROSECOND
        method, _, network = method.partition("@")
        return Hit(HitKind(kind), int(message_id), int(slot), moment, method, agent, network)
    except ValueError:
        return None


def _word(text: str) -> str:
    return text[:16] if text.isalnum() else "-"


def _line(text: str) -> str:
    return " ".join(text[:LONGEST_AGENT].replace("\x00", "").split())
