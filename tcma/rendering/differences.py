"""What two versions of a campaign differ in: file by file, texts line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

CONTEXT = 3
TEXTS = (".toml", ".mjml", ".html", ".css", ".txt", ".svg")


class Change(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a difference: `sign` is "+", "-", " " or "…" where lines were left out."""

    sign: str
    before: int
    after: int
    text: str


@dataclass(frozen=True, slots=True)
class FileDifference:
    """One file; `lines` is empty for pictures, whose sizes in bytes are told instead."""

    path: str
    change: Change
    lines: tuple[Line, ...]
    size_before: int
    size_after: int

    @property
    def added(self) -> int:
        """Lines that are new."""
        return sum(line.sign == "+" for line in self.lines)

    @property
    def removed(self) -> int:
        """Lines that are gone."""
        return sum(line.sign == "-" for line in self.lines)


def differences(
    before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> tuple[FileDifference, ...]:
    """Every file that is not the same, in path order."""
    return tuple(
        _file(path, before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )


def _file(path: str, old: bytes | None, new: bytes | None) -> FileDifference:
    change = Change.ADDED if old is None else Change.REMOVED if new is None else Change.CHANGED
    lines = tuple(_lines(old or b"", new or b"")) if path.endswith(TEXTS) else ()
    return FileDifference(path, change, lines, len(old or b""), len(new or b""))


def _lines(old: bytes, new: bytes) -> Iterator[Line]:
    a, b = (each.decode("utf-8-sig", "replace").splitlines() for each in (old, new))
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number:
            yield Line("…", 0, 0, "")
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                for n in range(i2 - i1):
                    yield Line(" ", i1 + n + 1, j1 + n + 1, a[i1 + n])
                continue
            yield from (Line("-", n + 1, 0, a[n]) for n in range(i1, i2))
            yield from (Line("+", 0, n + 1, b[n]) for n in range(j1, j2))
