"""The plain text part: a letter of 72 columns made from the HTML by walking its nodes. Headings
are underlined, every link stands on its own line, the footer follows `-- `.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tcma.rendering.tokens import TOKEN

COLUMNS = 72
_BLOCKS = frozenset(
    {
        "p", "div", "table", "tbody", "thead", "tr", "ul", "ol", "blockquote", "section", "article",
        "header", "footer", "main", "center", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "li", "pre",
        "figure", "dl", "dt", "dd", "form",
    }
)  # fmt: skip
_SKIPPED = frozenset(
    {"style", "script", "head", "title", "template", "svg", "select", "noscript", "img"}
)
_SPACE = re.compile(r"[ \t\r\n]+")
_SOFT_HYPHEN = "\u00ad"
_HIDDEN = re.compile(r"display\s*:\s*none|max-height\s*:\s*0(?![\d.])", re.IGNORECASE)
_LINE = "\x01"
# Classes whose text leads into what follows: a number, a key word, a large figure.
_LEAD_INS = {"n": ". ", "key": ": ", "num": " "}


@dataclass(slots=True)
class _Letter:
    out: list[str] = field(default_factory=list)
    line: str = ""
    footer: bool = False
    heading: str = ""
    prefix: str = ""
    tight: bool = False

    def word(self, text: str) -> None:
        text = _SPACE.sub(" ", text.replace(_SOFT_HYPHEN, ""))
        if self.line.endswith(" ") or not self.line or self.line.endswith("\n"):
            text = text.lstrip(" ")
        self.line += text

    def end(self) -> None:
        text = self.line.strip()
        self.line = ""
        if not text:
            return
        text, self.prefix = self.prefix + text, ""
        if self.heading:
            text = text.replace(_LINE, "")
            lines = _wrapped(text)
            rule = self.heading * min(COLUMNS, max(_width(line) for line in lines))
            self.out.append("\n".join([*lines, rule]))
            return
        paragraphs = [_wrapped(part.strip()) for part in text.split("\n") if part.strip()]
        block = "\n".join(line for lines in paragraphs for line in lines)
        if self.tight and self.out:
            block = f"{self.out.pop()}\n{block}"
        self.out.append(block)


def letter(html: str, *, footer_mark: str = "foot") -> str:
    """The text part of a mail's HTML; elements of the class `footer_mark` end it after `-- `.

    Classes `h1` and `h2` underline as headings with `=` and `-`; `n`, `key` and `num` lead into what
    follows; `tight` stands close under the line before.
    """
    tree = LexborHTMLParser(html)
    state = _Letter()
    if tree.body is not None:
        _walk(tree.body, state, footer_mark)
    state.end()
    text = "\n\n".join(_joined(state.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _joined(blocks: list[str]) -> list[str]:
    out: list[str] = []
    for block in blocks:
        if out and out[-1] == "-- ":
            out[-1] = f"-- \n{block}"
        else:
            out.append(block)
    return out


def _walk(node: LexborNode, state: _Letter, footer_mark: str) -> None:
    child = node.child
    while child is not None:
        _one(child, state, footer_mark)
        child = child.next


def _one(node: LexborNode, state: _Letter, footer_mark: str) -> None:
    tag = node.tag or ""
    attributes = node.attributes
    if tag == "-text":
        state.word(node.text_content or "")
    elif tag == "br":
        state.line = state.line.rstrip() + "\n"
    elif tag in _SKIPPED or tag[:1] in "_-!" or _HIDDEN.search(attributes.get("style") or ""):
        return
    elif tag == "a":
        _link(node, state, footer_mark)
    else:
        _element(node, state, footer_mark)


def _element(node: LexborNode, state: _Letter, footer_mark: str) -> None:
    tag = node.tag or ""
    classes = (node.attributes.get("class") or "").split()
    lead_in = next((_LEAD_INS[name] for name in classes if name in _LEAD_INS), None)
    if lead_in is not None:
        state.end()
        state.prefix = _SPACE.sub(" ", node.text(deep=True)).strip() + lead_in
        return
    _boundary(node, tag, state)
    if footer_mark in classes and not state.footer:
        state.end()
        state.footer = True
        state.out.append("-- ")
    heading, tight = state.heading, state.tight
    if not state.footer:
        state.heading = _underline(tag, classes) or heading
    state.tight = tight or "tight" in classes
    if tag == "li":
        state.line += "* "
    _walk(node, state, footer_mark)
    if tag in _BLOCKS or state.heading != heading or "tight" in classes:
        state.end()
    state.heading, state.tight = heading, tight


def _boundary(node: LexborNode, tag: str, state: _Letter) -> None:
    """A block begins a new paragraph; a cell beside a fact continues its line."""
    cell = tag in {"td", "th"}
    if tag in _BLOCKS or (cell and not _in_text_table(node)):
        state.end()
    elif cell and state.line.strip():
        state.line = state.line.rstrip(" :") + ": "


def _underline(tag: str, classes: list[str]) -> str:
    if tag == "h1" or "h1" in classes:
        return "="
    if tag in {"h2", "h3"} or "h2" in classes:
        return "-"
    return ""


def _in_text_table(node: LexborNode) -> bool:
    """Is this cell of a table with rows of facts, not of a layout table?"""
    cells = node.parent
    row = cells.css("td > .fact, th > .fact") if cells is not None else []
    return bool(row)


def _link(node: LexborNode, state: _Letter, footer_mark: str) -> None:
    href = (node.attributes.get("href") or "").strip()
    label = _SPACE.sub(" ", node.text(deep=True)).strip()
    if not label or href.startswith("#") or not href:
        _walk(node, state, footer_mark)
        return
    bare = href.removeprefix("mailto:").removeprefix("tel:")
    if label == bare:
        state.word(label)
        return
    if state.line.strip() and not state.line.endswith("\n"):
        state.line = state.line.rstrip(" ·|,") + "\n"
    state.line += f"{label}:\n{_LINE}{href}\n"


def _width(text: str) -> int:
    shown = TOKEN.sub(lambda m: m[2] or "x" * 12, text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in shown)


def _wrapped(text: str) -> list[str]:
    """Lines of at most 72 columns; an address is never broken, a token counts as its fallback."""
    if text.startswith(_LINE):
        return [text[1:]]
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match[0])
        long = max(3, _width(match[0]))
        return f"\x02{len(kept) - 1}\x03".ljust(long, "\x04")

    shown = TOKEN.sub(hide, text)
    lines = textwrap.wrap(shown, COLUMNS, break_long_words=False, break_on_hyphens=False) or [""]
    back = re.compile("\x02(\\d+)\x03\x04*")
    return [back.sub(lambda m: kept[int(m[1])], line) for line in lines]
