"""A mail as blocks: the parts of its structure in order, taken apart and put together without loss.

Whatever is not one of our parts (MJML of one's own, Jinja) stays a block of its own, letter by
letter as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

FRAME = "_shared/mail.mjml"
IMPORT = '{% import "_shared/parts.mjml" as parts with context %}'
KINDS = {"heading": ("heading",), "rows": ("rows",), "numbered": ("steps",),
         "proof": ("stat", "stat_text", "stat_note")}  # fmt: skip
"""A part and the keys of words it is given when it is new."""
_EXTENDS = re.compile(r"\{%-?\s*extends\s+[\"']([^\"']+)[\"']\s*-?%\}\n?")
_OPEN = re.compile(r"\{%-?\s*block\s+structure\s*-?%\}\n?")
_CLOSE = re.compile(r"\{%-?\s*endblock(?:\s+structure)?\s*-?%\}")
_CALL = re.compile(r"\{\{-?\s*parts\.([a-z_]+)\(([^(){}]*)\)\s*-?\}\}")
_WORD = re.compile(r"c\.([a-z0-9_]+)\Z")
_CONTROL = re.compile(r"\{%-?\s*(\w+)")
_TAG = re.compile(r"<(mj-[a-z-]+)\b")
_OPENS = frozenset({"if", "for", "macro", "call", "filter", "with", "block", "raw"})


@dataclass(frozen=True, slots=True)
class Block:
    """One block: the blanks before it, its source; for a part its kind and its keys of words.

    `keys` is empty for a block of one's own and for a part whose arguments are no plain words.
    """

    lead: str
    source: str
    kind: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Structure:
    """A mail taken apart: what stands before and after the blocks, and the blanks at their end."""

    before: str
    blocks: tuple[Block, ...]
    blanks: str
    after: str

    def text(self) -> str:
        """The mail put together."""
        inner = "".join(block.lead + block.source for block in self.blocks)
        return self.before + inner + self.blanks + self.after

    def with_blocks(self, blocks: Sequence[Block]) -> Structure:
        """The same mail with other blocks; whatever was first, the others begin a line."""
        first = self.blocks[0].lead if self.blocks else ""
        spaced = tuple(
            replace(each, lead=(each.lead if "\n" in each.lead else "\n") if n else first)
            for n, each in enumerate(blocks)
        )
        blanks = self.blanks if "\n" in self.blanks or not blocks else "\n"
        return Structure(self.before, spaced, blanks, self.after)


def structure(text: str) -> Structure | None:
    """Take a mail apart; None for one that does not stand on the frame of the house."""
    frame = _EXTENDS.match(text)
    if not frame or frame[1] != FRAME:
        return None
    opened = _OPEN.search(text)
    if not opened:
        gap = "" if text.endswith("\n") else "\n"
        return Structure(f"{text}{gap}{{% block structure %}}\n", (), "", "{% endblock %}\n")
    closed = _closing(text, opened.end())
    if closed is None:
        return None
    blocks, blanks = taken_apart(text[opened.end() : closed])
    return Structure(text[: opened.end()], blocks, blanks, text[closed:])


def _closing(text: str, start: int) -> int | None:
    found = [match.start() for match in _CLOSE.finditer(text, start)]
    inner = len(re.findall(r"\{%-?\s*block\b", text[start:]))
    return found[inner] if len(found) > inner else None


def taken_apart(inner: str) -> tuple[tuple[Block, ...], str]:
    """The blocks of a structure, and the blanks after the last."""
    blocks: list[Block] = []
    at = 0
    while at < len(inner):
        begin = at + len(inner[at:]) - len(inner[at:].lstrip())
        if begin == len(inner):
            break
        end, kind, keys = _block_at(inner, begin)
        blocks.append(Block(inner[at:begin], inner[begin:end], kind, keys))
        at = end
    return tuple(blocks), inner[at:]


def _block_at(inner: str, begin: int) -> tuple[int, str, tuple[str, ...]]:
    call = _CALL.match(inner, begin)
    if call:
        words = [_WORD.match(each.strip()) for each in call[2].split(",")]
        keys = tuple(word[1] for word in words if word) if all(words) else ()
        return call.end(), call[1], keys
    tag = _TAG.match(inner, begin)
    if tag:
        return _end_of_element(inner, begin, tag[1]), "", ()
    control = _CONTROL.match(inner, begin)
    if control and control[1] in _OPENS:
        return _end_of_control(inner, begin), "", ()
    line = inner.find("\n", begin)
    return (len(inner) if line < 0 else line), "", ()


def _end_of_element(inner: str, begin: int, tag: str) -> int:
    depth = 0
    for match in re.finditer(rf"<(/?){tag}\b[^>]*?(/?)>", inner[begin:]):
        depth += -1 if match[1] else 0 if match[2] else 1
        if depth <= 0:
            return begin + match.end()
    return len(inner)


def _end_of_control(inner: str, begin: int) -> int:
    depth = 0
    for match in re.finditer(r"\{%-?\s*(\w+)[^%]*(?:%(?!\})[^%]*)*%\}", inner[begin:]):
        depth += 1 if match[1] in _OPENS else -1 if match[1].startswith("end") else 0
        if depth <= 0:
            return begin + match.end()
    return len(inner)


def moved(made: Structure, start: int, to: int) -> Structure:
    """The mail with one block at another place; places that are not there change nothing."""
    blocks = list(made.blocks)
    if not (0 <= start < len(blocks) and 0 <= to < len(blocks)):
        return made
    blocks.insert(to, blocks.pop(start))
    return made.with_blocks(blocks)


def removed(made: Structure, place: int) -> Structure:
    """The mail without a block."""
    return made.with_blocks([each for n, each in enumerate(made.blocks) if n != place])


def added(made: Structure, kind: str, keys: Sequence[str]) -> Structure:
    """The mail with one more part at its end; the parts are imported where they were not."""
    call = f"{{{{ parts.{kind}({', '.join(f'c.{key}' for key in keys)}) }}}}"
    before = made.before
    if "_shared/parts.mjml" not in before:
        frame = _EXTENDS.match(before)
        place = frame.end() if frame else 0
        before = f"{before[:place]}{IMPORT}\n{before[place:]}"
    grown = Structure(before, made.blocks, made.blanks, made.after)
    return grown.with_blocks([*made.blocks, Block("", call, kind, tuple(keys))])


def fresh_keys(kind: str, taken: set[str]) -> tuple[str, ...]:
    """Keys of words for a new part that no other part uses."""
    for suffix in _suffixes():
        keys = tuple(f"{key}{suffix}" for key in KINDS[kind])
        if not taken & set(keys):
            return keys
    raise AssertionError


def _suffixes() -> Iterator[str]:
    yield ""
    n = 2
    while True:
        yield f"_{n}"
        n += 1
