"""A programme's TOML, read value by value: what is wrong is kept with its line and what would mend it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar

from tcma.errors import Invalid
from tcma.mdf.programme.conditions import Condition, number_of, read_condition
from tcma.mdf.programme.terms import Span, Term, read_span, read_term
from tcma.rendering.findings import Finding, error, nearest, warning

Value = TypeVar("Value")
Path = tuple[str | int, ...]
LARGEST = 256 * 1024
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")
_HEAD = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r'\s*((?:"[^"]*"|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|[\w-]+))*)\s*=')


@dataclass(slots=True)
class Reading:
    """One file being read: its text, where each key stands, and what was found."""

    file: str
    lines: Mapping[Path, int]
    findings: list[Finding] = field(default_factory=list)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip('"') for part in re.findall(r'"[^"]*"|[^."\s]+', dotted))


def places(source: str) -> dict[Path, int]:
    """Return the line of every heading and key, as far as the text shows it."""
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    for number, text in enumerate(source.split("\n"), 1):
        if head := _HEAD.match(text):
            path: Path = ()
            names = _parts(head[2])
            for depth, name in enumerate(names):
                path = (*path, name)
                last = depth == len(names) - 1
                if head[1] == "[[" and last:
                    counts[path] = counts.get(path, -1) + 1
                if path in counts:
                    path = (*path, counts[path])
                found.setdefault(path, number)
            here = path
        elif key := _KEY.match(text):
            path = here
            for name in _parts(key[1]):
                path = (*path, name)
                found.setdefault(path, number)
    return found


def load(source: str, file: str) -> tuple[dict[str, Any], Reading]:
    """Read TOML with exact numbers; raises nothing: a file that is none holds nothing."""
    reading = Reading(file, places(source))
    if len(source) > LARGEST:
        words = "The file is larger than a programme can be."
        reading.findings.append(error(file, "large", words, remedy="keep it under 256 kB"))
        return {}, reading
    try:
        return tomllib.loads(source.replace("\r\n", "\n"), parse_float=Decimal), reading
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        place = _AT_LINE.search(str(problem))
        line = int(place[1]) if place else source.count("\n") + 1
        said = _AT_LINE.sub("", str(problem)).removesuffix(" (at end of document)")
        words = f"Not TOML: {said}."
        reading.findings.append(error(file, "toml", words, line=line, remedy="mend this line"))
        return {}, reading


@dataclass(slots=True)
class Sheet:
    """One table of the file; `under` are the places its values may come from, newest first."""

    values: Mapping[str, Any]
    reading: Reading
    path: Path = ()
    under: tuple[Path, ...] = ((),)
    used: set[str] = field(default_factory=set)

    def line(self, key: str = "") -> int:
        """Return the line of a key, of its table when it is absent, 0 when unknown."""
        path = (*self.path, key) if key else self.path
        for length in range(len(path), 0, -1):
            for prefix in self.under:
                if at := self.reading.lines.get((*prefix, *path[:length])):
                    return at
        return 0

    def wrong(self, key: str, message: str, remedy: str = "", code: str = "value") -> None:
        """Keep a finding that stops, at the line of `key`."""
        found = error(self.reading.file, code, message, line=self.line(key), remedy=remedy)
        self.reading.findings.append(found)

    def doubt(self, key: str, message: str, remedy: str = "") -> None:
        """Keep a finding that is shown and stays."""
        found = warning(self.reading.file, "doubt", message, line=self.line(key), remedy=remedy)
        self.reading.findings.append(found)

    def get(self, key: str) -> Any:
        """Return the raw value, None when absent."""
        self.used.add(key)
        return self.values.get(key)

    def text(self, key: str, default: str = "", *, needed: bool = False) -> str:
        """Return a text."""
        value = self.get(key)
        if value is None:
            if needed:
                self.wrong(key, f"“{key}” is missing.", f'write {key} = "…"', "missing")
            return default
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, f"“{key}” must be text.", f'write {key} = "…"')
            return default
        return value.strip()

    def choice(self, key: str, allowed: Iterable[str], default: str) -> str:
        """Return a text out of a list."""
        value, names = self.text(key, default), list(allowed)
        if value not in names:
            self.wrong(key, f"“{key}” cannot be “{value}”.", nearest(value, names), "choice")
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text is a list of one."""
        value = self.get(key)
        value = [value] if isinstance(value, str) else value
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            self.wrong(key, f"“{key}” must be a list of texts.", f'write {key} = ["…", "…"]')
            return ()
        return tuple(v.strip() for v in value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, f"“{key}” must be true or false.", f"write {key} = true")
            return default
        return default if value is None else value

    def whole(self, key: str, default: int | None = None, *, most: int = 10_000) -> int | None:
        """Return a whole number from 1."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            self.wrong(key, f"“{key}” must be a whole number from 1 to {most}.", f"write {key} = 1")
            return default
        return value

    def percent(self, key: str, *, most: int = 100) -> Decimal | None:
        """Return a percentage above 0: 50, 12.5 or "50%"."""
        value = self.get(key)
        if value is None:
            return None
        number = number_of(str(value).strip().removesuffix("%").strip())
        if number is None or isinstance(value, bool) or not 0 < number <= most:
            self.wrong(
                key, f"“{key}” must be a percentage above 0, at most {most}.", f"write {key} = 50"
            )
            return None
        if number != round(number, 2):
            self.wrong(key, f"“{key}” has more than two digits after the point.", "round it")
        return number

    def amount(self, key: str) -> Decimal | None:
        """Return a sum of money in major units, above 0."""
        value = self.get(key)
        if value is None:
            return None
        number = number_of(value)
        if number is None or number <= 0 or isinstance(value, bool):
            self.wrong(
                key, f"“{key}” must be a sum above 0.", f'write {key} = "2500.00", digits and point'
            )
            return None
        return number

    def day(self, key: str) -> date | None:
        """Return a day: 2026-07-01, with or without quotes."""
        value = self.get(key)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = False
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.wrong(key, f"“{key}” must be a day.", f"write {key} = 2026-07-01")
        return None

    def days(self, key: str) -> frozenset[date]:
        """Return a list of days."""
        value = self.get(key) or []
        if not isinstance(value, list) or not all(
            isinstance(v, date) and not isinstance(v, datetime) for v in value
        ):
            self.wrong(key, f"“{key}” must be a list of days.", f"write {key} = [2026-12-24]")
            return frozenset()
        return frozenset(value)

    def clock(self, key: str) -> time | None:
        """Return a time of day: 17:00:00, or "17:00"."""
        value = self.get(key)
        if isinstance(value, str):
            try:
                value = time.fromisoformat(value)
            except ValueError:
                value = False
        if value is None or isinstance(value, time):
            return value
        self.wrong(key, f"“{key}” must be a time of day.", f'write {key} = "17:00"')
        return None

    def _read(self, key: str, read: Callable[[str], Value]) -> Value | None:
        text = self.text(key)
        if not text:
            return None
        try:
            return read(text)
        except Invalid as refused:
            self.wrong(key, refused.message, refused.remedy or "", refused.code)
            return None

    def span(self, key: str) -> Span | None:
        """Return a length of time."""
        return self._read(key, read_span)

    def condition(self, key: str) -> Condition | None:
        """Return a condition."""
        return self._read(key, read_condition)

    def terms(self, key: str, *, base: str) -> tuple[Term, ...]:
        """Return deadlines that all hold: one text, one day, or a list of them."""
        value = self.get(key)
        found = []
        for each in value if isinstance(value, list) else [] if value is None else [value]:
            text = each.isoformat() if isinstance(each, date) else each
            if not isinstance(text, str):
                self.wrong(key, f"“{key}” must be a deadline in words or a day.")
                continue
            try:
                found.append(read_term(text, base=base))
            except Invalid as refused:
                self.wrong(key, refused.message, refused.remedy or "", refused.code)
        return tuple(found)

    def table(self, key: str) -> Sheet:
        """Return a table inside; absent reads as empty."""
        value = self.get(key)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, f"“{key}” must be a table.", f"write [{key}]")
            value = None
        return Sheet(value or {}, self.reading, (*self.path, key), self.under)

    def tables(self, key: str) -> list[Sheet]:
        """Return a list of tables."""
        value = self.get(key)
        value = [] if value is None else value
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            name = ".".join(str(p) for p in (*self.path, key))
            self.wrong(key, f"“{key}” must be a list of tables.", f"write [[{name}]]")
            return []
        return [
            Sheet(row, self.reading, (*self.path, key, n), self.under)
            for n, row in enumerate(value)
        ]

    def done(self) -> None:
        """Keep a finding for every key nobody asked for."""
        for key in self.values:
            if key not in self.used:
                remedy = nearest(key, self.used)
                self.wrong(key, f"“{key}” is not known here.", remedy, "unknown")
