"""Reads authors' TOML with refusals that name file, line and remedy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tcma.rendering.findings import TemplateRefused, nearest, refusal

_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML table of a file; every reader names the key that is wrong."""

    values: Mapping[str, Any]
    file: str
    source: str
    name: str = ""
    start: int = 0

    def refuse(self, key: str, message: str, remedy: str) -> TemplateRefused:
        """A refusal that points at the line of `key`."""
        return refusal(self.file, "source", message, line=self.line(key), remedy=remedy)

    def line(self, key: str) -> int:
        """Where the key stands in this table, as near as the text shows it; 0 when absent."""
        lines = self.source.split("\n")
        start = self.start
        if self.name:
            heading = re.compile(rf"^\s*\[+\s*{re.escape(self.name)}\s*\]+")
            start = next((n for n, text in enumerate(lines) if heading.match(text)), start)
        wanted = re.compile(rf'^\s*\[*(?:[\w.-]+\.)?"?{re.escape(key)}"?\s*[=\]]')
        hit = next((n for n in range(start, len(lines)) if wanted.match(lines[n])), None)
        return (start if hit is None else hit) + 1

    def text(self, key: str, default: str | None = None) -> str:
        """A non-empty text; with a default it may be absent."""
        value = self.values.get(key, default)
        if value is None:
            raise self.refuse(key, f"“{key}” is missing.", f'write {key} = "…"')
        if not isinstance(value, str):
            raise self.refuse(key, f"“{key}” must be text.", f'write {key} = "…"')
        if default is None and not value.strip():
            raise self.refuse(key, f"“{key}” is empty.", "write its text")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | None = None) -> str:
        """A text out of a list."""
        value = self.text(key, default)
        names = list(allowed)
        if value not in names:
            raise self.refuse(key, f"“{key}” cannot be “{value}”.", nearest(value, names))
        return value

    def texts(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise self.refuse(key, f"“{key}” must be a list of texts.", f'write {key} = ["…", "…"]')
        if needed and not value:
            raise self.refuse(key, f"“{key}” is missing or empty.", f'write {key} = ["…"]')
        return tuple(value)

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse(key, f"“{key}” must be a whole number.", f"write {key} = 1")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.refuse(key, f"“{key}” must be true or false.", f"write {key} = true")
        return value

    def table(self, key: str) -> Table:
        """A table inside; absent reads as empty."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.refuse(key, f"“{key}” must be a table.", f"write [{self._below(key)}]")
        return Table(value, self.file, self.source, self._below(key))

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise self.refuse(key, f"“{key}” must be a list of tables.", f"write [[{key}]]")
        heading = re.compile(rf"^\s*\[\[\s*{re.escape(key)}\s*\]\]")
        places = [n for n, text in enumerate(self.source.split("\n")) if heading.match(text)]
        places += [0] * (len(value) - len(places))
        rows = zip(value, places, strict=False)
        return [Table(row, self.file, self.source, start=place) for row, place in rows]

    def _below(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key


def parse(files: Mapping[str, bytes], path: str) -> Table:
    """A file of the folder as a table.

    Raises `TemplateRefused` when it is not there, not UTF-8 or not TOML.
    """
    data = files.get(path)
    if data is None:
        raise refusal(path, "missing_file", "The file is not there.", remedy="add it")
    try:
        source = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise refusal(
            path, "encoding", "The file is not UTF-8.", line=line, remedy="save it as UTF-8"
        ) from problem
    try:
        return Table(tomllib.loads(source), path, source)
    except tomllib.TOMLDecodeError as problem:
        place = _AT_LINE.search(str(problem))
        line = int(place[1]) if place else source.count("\n") + 1
        message = _AT_LINE.sub("", str(problem)).removesuffix(" (at end of document)")
        raise refusal(
            path, "toml", f"Not TOML: {message}.", line=line, remedy="mend this line"
        ) from problem
