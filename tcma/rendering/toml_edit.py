"""Changes one value in an author's TOML and leaves every other letter of it as it was."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

Value = str | list[str] | list[list[str]]
_HEADING = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?\Z")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Statement:
    """A heading or a key with its value: lines `start` up to, not including, `end`."""

    table: str
    key: str
    start: int
    end: int


def statements(lines: list[str]) -> Iterator[Statement]:
    """Every heading (key "") and every value; a value may take several lines."""
    table, n = "", 0
    while n < len(lines):
        heading, key = _HEADING.match(lines[n]), _KEY.match(lines[n])
        end = n + 1
        if heading:
            table = heading[1].strip()
            yield Statement(table, "", n, end)
        elif key:
            while end < len(lines) and not _is_whole("\n".join(lines[n:end])):
                end += 1
            yield Statement(table, key[1], n, end)
        n = end


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def with_value(text: str, table: str, key: str, value: Value | None) -> str:
    """The text with `key` of `[table]` set to the value, added to the table's end, or, None, gone."""
    lines = text.split("\n")
    known = list(statements(lines))
    at = next((each for each in known if (each.table, each.key) == (table, key)), None)
    fresh = [] if value is None else f"{key} = {written(value)}".split("\n")
    if at is not None:
        return "\n".join([*lines[: at.start], *fresh, *lines[at.end :]])
    if value is None:
        return text
    own = [each for each in known if each.table == table]
    if not own:
        head = [*lines[:-1], ""] if lines[-1] == "" else [*lines, ""]
        return "\n".join([*head, f"[{table}]", *fresh, ""])
    end = own[-1].end
    return "\n".join([*lines[:end], *fresh, *lines[end:]])


def written(value: Value) -> str:
    """A value as TOML: texts quoted, a list of lists one entry a line."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if value and isinstance(value[0], list):
        rows = "".join(f"  {written(each)},\n" for each in value)
        return f"[\n{rows}]"
    return f"[{', '.join(written(each) for each in value)}]"
