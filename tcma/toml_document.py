"""A document an author writes in TOML, walked once: every fault with its line and what mends it."""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line of a document, and what would mend it; `key` is where, for a form."""

    line: int
    words: str
    remedy: str = ""
    key: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}" + (f" — {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Tried:
    """A test that stands beside rules: whether it passes, and what came of it."""

    name: str
    ok: bool
    words: str
    line: int


def parsed(text: str) -> dict[str, Any] | Fault:
    """Return the raw tables, or the fault at the line where this is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        at = int(line[1]) if line else text.count("\n") + 1
        return Fault(at, f"This is no TOML: {str(error).split(' (at')[0]}.", "mend this line")


class Walk:
    """Walks raw tables and writes down every fault; `at` is the line of the table it stands in."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.faults: list[Fault] = []
        self.at = 1

    def each(
        self, raw: Mapping[str, Any], key: str, make: Callable[[dict[str, Any]], Any]
    ) -> list[Any]:
        """Make something of each `[[key]]`, standing at its line."""
        rows = raw.get(key, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.at = self.header(f"[{key}]")
            self.say(key, f"There may be several {key}.", f"write [[{key}]] with two brackets")
            return []
        found = []
        for nth, row in enumerate(rows):
            self.at = self.header(f"[[{key}]]", nth)
            found.append(make(row))
        return found

    def words(self, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """Return a word or list of words; nothing where there is none."""
        value = raw.get(key, [])
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            self.say(key, f"{key} is a list of words.", f'write {key} = ["…", "…"]')
            return ()
        return tuple(value)

    def table(self, raw: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Return the table under a key; an empty one where there is none."""
        value = raw.get(key, {})
        if isinstance(value, dict):
            return value
        self.say(key, f"{key} is a table.", f"write {key} = {{ … }}")
        return {}

    def only(self, raw: Any, allowed: Sequence[str], where: str) -> None:
        """Name every key that means nothing there, with the nearest that does."""
        for key in raw if isinstance(raw, dict) else ():
            if key not in allowed:
                self.say(key, f"“{key}” means nothing in {where}.", near(key, allowed))

    def header(self, words: str, nth: int = 0) -> int:
        """Return the line of the nth header that begins with `words`."""
        found = [n for n, line in enumerate(self.lines, 1) if line.strip().startswith(words)]
        return found[nth] if nth < len(found) else 1

    def say(self, key: str, words: str, remedy: str = "") -> None:
        """Write down a fault at the line of `key` in this table, else at the table's own."""
        named = re.compile(rf"(^|[\s{{,\[]){re.escape(key)}\"?\s*(=|\.|\]|$)")
        for n in range(self.at - 1, len(self.lines)):
            if n > self.at - 1 and self.lines[n].lstrip().startswith("["):
                break
            if named.search(self.lines[n]):
                self.faults.append(Fault(n + 1, words, remedy, key))
                return
        self.faults.append(Fault(self.at, words, remedy, key))


def near(word: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown word: the nearest known one, else all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean “{close[0]}”?" if close else f"use one of: {', '.join(names)}"
