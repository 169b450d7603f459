"""The caught mails: one file each and an index line, the newest 10,000."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from tcma.errors import NotFound
from tcma.ports import Caught

KEEP = 10_000
SLACK = 1_000  # trimmed when this many too many, not at every mail
BLOCK = 64 * 1024


class Mailbox:
    """Reads and writes `folder`; one process writes (the catcher), any may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index.jsonl"
        self._lock = threading.Lock()
        self._count: int | None = None

    def add(self, mail: Caught, data: bytes) -> None:
        """Keep one mail under its key; its file stands before its line does."""
        with self._lock:
            path = self._path(mail.key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            line = json.dumps({**asdict(mail), "at": mail.at.isoformat()}, ensure_ascii=False)
            with self.index.open("a", encoding="utf-8") as index:
                index.write(line + "\n")
            self._count = self.count() if self._count is None else self._count + 1
            if self._count >= KEEP + SLACK:
                self._trim()

    def newest(
        self, *, limit: int = 50, before: str | None = None, containing: str = ""
    ) -> list[Caught]:
        """Return up to `limit` mails, newest first, older than key `before`.

        `containing` filters by recipient, sender or subject, in any case.
        """
        found: list[Caught] = []
        wanted = containing.casefold()
        for mail in self._backwards():
            if before is not None and mail.key >= before:
                continue
            if wanted in f"{mail.recipient}\n{mail.sender}\n{mail.subject}".casefold():
                found.append(mail)
                if len(found) == limit:
                    break
        return found

    def read(self, key: str) -> bytes:
        """Return the mail as it came; NotFound when there is none (any more)."""
        if not key.replace("-", "").isalnum():
            raise NotFound("There is no such mail.", code="mail.not_found")
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("There is no such mail.", code="mail.not_found") from None

    def count(self) -> int:
        """Return how many mails are kept."""
        try:
            with self.index.open("rb") as index:
                return sum(block.count(b"\n") for block in iter(lambda: index.read(BLOCK), b""))
        except FileNotFoundError:
            return 0

    def _path(self, key: str) -> Path:
        return self.folder / "messages" / key[:8] / f"{key}.eml"

    def _backwards(self) -> Iterator[Caught]:
        for line in _lines_from_the_end(self.index):
            try:
                fields = json.loads(line)
                yield Caught(**{**fields, "at": datetime.fromisoformat(fields["at"])})
            except (ValueError, TypeError):
                continue  # a line cut by a power failure

    def _trim(self) -> None:
        lines = self.index.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = self.index.with_suffix(".new")
        kept.write_text("".join(lines[-KEEP:]), encoding="utf-8")
        kept.replace(self.index)
        for line in lines[:-KEEP]:
            self._path(json.loads(line)["key"]).unlink(missing_ok=True)
        self._count = KEEP


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, last first, without reading all of it."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        position, rest = file.seek(0, os.SEEK_END), b""
        while position:
            size = min(BLOCK, position)
            position -= size
            file.seek(position)
            head, *lines = (file.read(size) + rest).split(b"\n")
            yield from (line for line in reversed(lines) if line)
            rest = head
        if rest:
            yield rest
