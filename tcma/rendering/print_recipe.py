"""The recipe of one printed piece: its layout, its art, and which of the campaign's words stand where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tcma.rendering.findings import TemplateRefused, nearest
from tcma.rendering.toml_table import Table, parse

Layout = Literal["datasheet", "flyer"]
LAYOUTS: tuple[Layout, ...] = ("datasheet", "flyer")
_FILE = re.compile(r"print/([a-z][a-z0-9-]{0,59})\.toml\Z")
_TEXTS = {"proof": ("number", "text"), "quote": ("text",)}
_LISTS = ("columns", "steps", "facts", "questions")
_OPTIONAL = ("title", "note", "head")
KINDS = (*_LISTS, *_TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a datasheet. `words` maps what it shows (title, entries, note …) to a dotted path in
    `words/<language>.toml`; `fresh` begins a page.
    """

    kind: str
    words: Mapping[str, str]
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintSource:
    """One printed piece: `name` of its file, `art` a picture of `art/`, `pages` it must come to."""

    name: str
    file: str
    layout: Layout
    art: str
    pages: int
    eyebrow: str
    title: str
    lead: str
    sections: tuple[Section, ...]


def load_prints(files: Mapping[str, bytes], words: Mapping[str, Table]) -> tuple[PrintSource, ...]:
    """Every `print/*.toml` of a campaign, datasheets first.

    Raises `TemplateRefused` with file, line and remedy: an unknown layout or kind, art or words that
    are not there in each language.
    """
    found = [
        _piece(parse(files, path), files, words) for path in sorted(files) if _FILE.match(path)
    ]
    return tuple(sorted(found, key=lambda piece: LAYOUTS.index(piece.layout)))


def looked_up(words: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path, such as `page.h1`; None when nothing does."""
    found: Any = words
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def _piece(top: Table, files: Mapping[str, bytes], words: Mapping[str, Table]) -> PrintSource:
    layout: Layout = "flyer" if top.choice("layout", LAYOUTS) == "flyer" else "datasheet"
    art = top.text("art")
    if f"art/{art}.jpg" not in files:
        raise top.refuse(
            "art", f"The file “art/{art}.jpg” is not there.", "add it or mend its name"
        )
    paths = {key: _path(top, key, words, str) for key in ("eyebrow", "title", "lead")}
    return PrintSource(
        name=top.file.removeprefix("print/").removesuffix(".toml"),
        file=top.file,
        layout=layout,
        art=art,
        pages=top.number("pages", 1),
        sections=tuple(_section(row, words) for row in top.tables("section")),
        **paths,
    )


def _section(row: Table, words: Mapping[str, Table]) -> Section:
    kind = row.choice("kind", KINDS)
    needed: tuple[str, ...] = ("entries",) if kind in _LISTS else _TEXTS[kind]
    known = {*needed, *_OPTIONAL, "kind", "fresh"}
    for key in row.values:
        if key not in known:
            raise row.refuse(key, f"Unknown key “{key}” in a {kind}.", nearest(key, known))
    given = [*needed, *(key for key in _OPTIONAL if key in row.values)]
    paths = {
        key: _path(row, key, words, list if key in {"entries", "head"} else str) for key in given
    }
    for language, table in words.items():
        for entry in looked_up(table.values, paths["entries"]) if "entries" in paths else ():
            if not isinstance(entry, list) or len(entry) < 2:
                raise _wrong(
                    row, "entries", f"“{paths['entries']}” ({language}) is no list of pairs."
                )
    return Section(kind=kind, words=paths, fresh=row.flag("fresh"))


def _path(table: Table, key: str, words: Mapping[str, Table], shape: type[str | list[Any]]) -> str:
    """A dotted path that leads to words of a shape in every language."""
    path = table.text(key)
    for language, each in words.items():
        found = looked_up(each.values, path)
        if not isinstance(found, shape) or not found:
            raise _wrong(table, key, f"words/{language}.toml has nothing at “{path}”.")
    return path


def _wrong(table: Table, key: str, message: str) -> TemplateRefused:
    return table.refuse(key, message, "name a text as table.key, such as page.h1")
