"""A TOML document changed table by table: what is not changed stays letter by letter, comments too.

A document is cut at its headers into blocks, each with the comments right above it. A block is written
anew key by key: a key that says the same keeps its lines, one that changes keeps the comment behind it.
Whatever comes out is read again, and only what says exactly what was meant is handed back.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from tcma.errors import Invalid

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_\-.\"' ]+?)\s*\]\]?\s*(#.*)?$")
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A table with what stands in it; `many` is for one of several, `[[rule]]`."""

    path: Path
    many: bool
    text: str


def written(value: object) -> str:
    """Return a value as TOML."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(k)} = {written(v)}" for k, v in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(written(each) for each in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else written(name)


def put(text: str, path: Path, nth: int | None, table: Mapping[str, Any], *, many: bool) -> str:
    """Return the document with a table written: the nth of many, a new one when that is None, or
    the only one. An only one without keys is taken out.
    """
    raw, head, blocks = _cut(text)
    at = _place(blocks, path, nth if many else 0)
    if not many and not table:
        return removed(text, path, None) if at is not None else text
    told = {key: value for key, value in table.items() if value is not None}
    if at is None:
        name = ".".join(map(_key, path))
        lines = [f"[[{name}]]" if many else f"[{name}]"]
        lines += [f"{_key(key)} = {written(value)}" for key, value in told.items()]
        blocks.insert(_end(blocks, path), Block(path, many, "\n".join(lines)))
    else:
        had = _at(raw, path, nth)
        blocks[at] = replace(blocks[at], text=_rewritten(blocks[at], had, told))
    return _checked(_joined(head, blocks), _with(raw, path, nth, told, many=many))


def put_keys(text: str, told: Mapping[str, Any]) -> str:
    """Return the document with keys above its tables written; None takes one out, all others stay."""
    raw, head, blocks = _cut(text)
    meant = {key: value for key, value in {**raw, **told}.items() if value is not None}
    fresh = {k: v for k, v in told.items() if k not in raw or written(raw[k]) != written(v)}
    out: list[str] = []
    for key, chunk in _chunks(head.split("\n"), 0)[0]:
        if key not in fresh:
            out += chunk
        elif (value := fresh.pop(key)) is not None:
            out.append(f"{_key(key)} = {written(value)}{_comment_behind(chunk)}")
    while out and not out[-1].strip():
        out.pop()
    out += [f"{_key(key)} = {written(value)}" for key, value in fresh.items() if value is not None]
    return _checked(_joined("\n".join(out), blocks), meant)


def removed(text: str, path: Path, nth: int | None) -> str:
    """Return the document without a table; its comments go with it."""
    raw, head, blocks = _cut(text)
    at = _place(blocks, path, nth or 0)
    if at is None:
        raise _gone()
    del blocks[at]
    return _checked(_joined(head, blocks), _with(raw, path, nth, None, many=nth is not None))


def moved(text: str, path: Path, nth: int, to: int) -> str:
    """Return the document with one of many at another place among them; the others keep their order."""
    raw, head, blocks = _cut(text)
    places = [n for n, block in enumerate(blocks) if block.path == path and block.many]
    if not (0 <= nth < len(places) and 0 <= to < len(places)):
        raise Invalid("There is nothing it could change places with.", code="rules.form")
    order = list(range(len(places)))
    order.insert(to, order.pop(nth))
    texts = [blocks[places[n]] for n in order]
    for place, block in zip(places, texts, strict=True):
        blocks[place] = block
    meant = deepcopy(raw)
    rows = _at(meant, path[:-1], None)[path[-1]] if path[:-1] else meant[path[0]]
    rows[:] = [rows[n] for n in order]
    return _checked(_joined(head, blocks), meant)


def tables(text: str) -> dict[str, Any]:
    """Return what a document says; Invalid where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = "The text cannot be read, so no form can change it. Mend the text first."
        raise Invalid(message, code="rules.form", fields={"source": message}) from error


def span(text: str, path: Path, nth: int) -> tuple[int, int]:
    """Return the first and last line of a table as `put` left it, counted from 1; (0, 0) without one."""
    _, head, blocks = _cut(text)
    at = _place(blocks, path, nth)
    if at is None:
        return 0, 0
    before = _joined(head, blocks[:at]).rstrip("\n") if at or head.strip() else ""
    first = before.count("\n") + 3 if before else 1
    return first, first + blocks[at].text.strip("\n").count("\n")


def _cut(text: str) -> tuple[dict[str, Any], str, list[Block]]:
    raw = tables(text)
    head: list[str] = []
    found: list[tuple[Path, bool, list[str]]] = []
    now = head
    for line in text.replace("\r\n", "\n").split("\n"):
        header = _HEADER.match(line)
        if header is None or not _ended(now):
            now.append(line)
            continue
        path = _path(header[2])
        inside = found and found[-1][1] and path[: len(found[-1][0])] == found[-1][0]
        if inside and len(path) > len(found[-1][0]):
            now.append(line)
            continue
        carried = _comments_above(now)
        found.append((path, header[1] == "[[", [*carried, line]))
        now = found[-1][2]
    return raw, "\n".join(head), [Block(p, many, "\n".join(lines)) for p, many, lines in found]


def _path(words: str) -> Path:
    found: Any = tomllib.loads(f"[{words}]")
    path: list[str] = []
    while found:
        name, found = next(iter(found.items()))
        path.append(name)
    return tuple(path)


def _comments_above(block: list[str]) -> list[str]:
    """Take the comment lines at a block's end: they belong to what comes next."""
    carried: list[str] = []
    while block and block[-1].lstrip().startswith("#"):
        carried.insert(0, block.pop())
    return carried


def _joined(head: str, blocks: Sequence[Block]) -> str:
    parts = [head.strip("\n"), *(block.text.strip("\n") for block in blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _place(blocks: Sequence[Block], path: Path, nth: int | None) -> int | None:
    if nth is None:
        return None
    places = [n for n, block in enumerate(blocks) if block.path == path]
    return places[nth] if 0 <= nth < len(places) else None


def _end(blocks: Sequence[Block], path: Path) -> int:
    """Return where a new table goes: behind its like, else before the tests, else last."""
    like = [n for n, block in enumerate(blocks) if block.path[0] == path[0]]
    tests = [n for n, block in enumerate(blocks) if block.path == ("test",)]
    return like[-1] + 1 if like else tests[0] if tests else len(blocks)


def _at(raw: dict[str, Any], path: Path, nth: int | None) -> Any:
    found: Any = raw
    for name in path:
        found = found[name]
    return found[nth] if isinstance(found, list) and nth is not None else found


def _with(
    raw: dict[str, Any], path: Path, nth: int | None, table: dict[str, Any] | None, *, many: bool
) -> dict[str, Any]:
    """Return what the document is meant to say; without a table when that is None."""
    meant = deepcopy(raw)
    parent: Any = meant
    for name in path[:-1]:
        parent = parent.setdefault(name, {})
    if many:
        rows = parent.setdefault(path[-1], [])
        if nth is None:
            rows.append(table)
        elif table is None:
            del rows[nth]
        else:
            rows[nth] = table
    elif table is None:
        parent.pop(path[-1], None)
    else:
        parent[path[-1]] = table
    return meant


def _rewritten(block: Block, had: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Return a block that says `told`, with as many of its lines as say it already."""
    lines = block.text.split("\n")
    start = next(n for n, line in enumerate(lines) if _HEADER.match(line)) + 1
    inline, below = _chunks(lines[start:], len(block.path))
    changed = {key for key in told if key not in had or written(had[key]) != written(told[key])}
    fresh = {key: f"{_key(key)} = {written(told[key])}" for key in told if key in changed}
    out = lines[:start]
    for key, chunk in inline:
        if key is None or (key in told and key not in changed):
            out += chunk
        elif key in fresh:
            out.append(fresh.pop(key) + _comment_behind(chunk))
    while out and not out[-1].strip():
        out.pop()
    out += fresh.values()
    for key, chunk in below:
        if key in told and key not in changed:
            out += ["", *chunk]
    return "\n".join(out)


def _chunks(
    lines: list[str], depth: int
) -> tuple[list[tuple[str | None, list[str]]], list[tuple[str, list[str]]]]:
    """Return a block's keys with their lines, comments under no key; and its tables below."""
    inline: list[tuple[str | None, list[str]]] = []
    below: list[tuple[str, list[str]]] = []
    at = 0
    while at < len(lines):
        header = _HEADER.match(lines[at])
        if header and (not below or _ended(below[-1][1])):
            below.append((_path(header[2])[depth], [lines[at]]))
        elif below:
            below[-1][1].append(lines[at])
        elif not lines[at].strip() or lines[at].lstrip().startswith("#"):
            inline.append((None, [lines[at]]))
        else:
            end = next(n for n in range(at + 1, len(lines) + 1) if _reads(lines[at:n]))
            inline.append((next(iter(tomllib.loads("\n".join(lines[at:end])))), lines[at:end]))
            at = end - 1
        at += 1
    return inline, below


def _reads(lines: Sequence[str]) -> bool:
    try:
        return bool(tomllib.loads("\n".join(lines)))
    except tomllib.TOMLDecodeError:
        return False


def _ended(lines: Sequence[str]) -> bool:
    """Say whether lines are whole: what follows stands in no text or list of theirs."""
    return not lines or _reads([*lines, "_ = 0"])


def _comment_behind(chunk: Sequence[str]) -> str:
    """Return the comment at the end of a line with its blanks, empty without one."""
    line = chunk[0] if len(chunk) == 1 else ""
    for sign in re.finditer(r"\s*#", line):
        if _reads([line[: sign.start()]]):
            return line[sign.start() :]
    return ""


def _checked(text: str, meant: Mapping[str, Any]) -> str:
    if _reads([text]) or not _full(meant):
        found = tomllib.loads(text)
        if _sorted(_full(found)) == _sorted(_full(meant)):
            return text
    message = "This is written in a way that no form can change. Change it in the text."
    raise Invalid(message, code="rules.form", fields={"source": message})


def _full(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if value not in ({}, [])}


def _sorted(value: Any) -> Any:
    """Return a value that is equal to another exactly when both say the same: true is not 1."""
    if isinstance(value, Mapping):
        return sorted((key, _sorted(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return [_sorted(each) for each in value]
    return written(value)


def _gone() -> Invalid:
    return Invalid("This is gone. Open the page anew.", code="rules.form")
