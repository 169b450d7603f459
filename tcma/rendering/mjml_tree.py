"""Reads MJML as tolerantly as the official compiler does: bare `<`, unquoted attributes, CDATA and
unclosed HTML inside text are fine; the structure of mj- tags must be whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tcma.rendering.findings import refusal

# Tags whose content is HTML and never looked into.
ENDING = frozenset(
    {
        "mj-text", "mj-button", "mj-raw", "mj-table", "mj-style", "mj-title", "mj-preview",
        "mj-navbar-link", "mj-social-element", "mj-accordion-title", "mj-accordion-text",
        "mj-html-attribute",
    }
)  # fmt: skip
VOID = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr",
    }
)  # fmt: skip
# Inside mj-attributes these tags only carry default values and have no content.
DEFAULTS_ONLY = "mj-attributes"

_OPEN = re.compile(r"<([A-Za-z][\w:.-]*)")
_CLOSE = re.compile(r"</\s*([A-Za-z][\w:.-]*)\s*>")
_ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[^\s"'<>/=]+)(?:\s*=\s*(?:"(?P<d>[^"]*)"|'(?P<s>[^']*)'|(?P<u>[^\s"'<>]+)))?"""
)
_TAG_END = re.compile(r"\s*(/?)>")
_NAME = re.compile(r"[A-Za-z_:][\w:.-]*\Z")


@dataclass(slots=True)
class Node:
    """One element; `content` is the raw inside of an ending tag, `text` stray words between."""

    tag: str
    file: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    content: str = ""
    text: str = ""

    def walk(self) -> Iterator[Node]:
        """Yields the node and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def first(self, tag: str) -> Node | None:
        """The first child of that tag."""
        return next((child for child in self.children if child.tag == tag), None)


@dataclass(slots=True)
class _Reader:
    source: str
    file: str
    at: int = 0
    counted: int = 0
    line: int = 1

    def line_at(self, position: int) -> int:
        if position < self.counted:
            return self.source.count("\n", 0, position) + 1
        self.line += self.source.count("\n", self.counted, position)
        self.counted = position
        return self.line


def read(source: str, *, file: str) -> list[Node]:
    """The elements at the top of a document or fragment.

    Raises `TemplateRefused` with file and line when an mj- tag is left open or closed wrongly.
    """
    reader = _Reader(source.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff"), file)
    root = Node("", file, 1)
    stack = [root]
    text = reader.source
    while reader.at < len(text):
        opening = text.find("<", reader.at)
        if opening < 0:
            stack[-1].text += text[reader.at :]
            break
        stack[-1].text += text[reader.at : opening]
        reader.at = opening
        if _skipped(reader):
            continue
        closing = _CLOSE.match(text, opening)
        if closing:
            _close(reader, stack, closing)
            continue
        if _OPEN.match(text, opening):
            _open(reader, stack)
            continue
        stack[-1].text += "<"
        reader.at = opening + 1
    _all_closed(stack)
    return root.children


def _skipped(reader: _Reader) -> bool:
    text, at = reader.source, reader.at
    for start, end in (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">")):
        if text.startswith(start, at):
            stop = text.find(end, at + len(start))
            reader.at = len(text) if stop < 0 else stop + len(end)
            return True
    return False


def _close(reader: _Reader, stack: list[Node], closing: re.Match[str]) -> None:
    tag = closing[1]
    reader.at = closing.end()
    if len(stack) > 1 and stack[-1].tag == tag:
        stack.pop()
        return
    if tag in VOID or not tag.startswith("mj"):
        while len(stack) > 1 and any(node.tag == tag for node in stack[1:]):
            if stack.pop().tag == tag:
                return
        return
    line = reader.line_at(closing.start())
    still = stack[-1] if len(stack) > 1 else None
    if still is None:
        message = f"</{tag}> closes nothing."
        raise refusal(reader.file, "mjml", message, line=line, remedy="remove it")
    message = f"</{tag}> comes while <{still.tag}> of line {still.line} is still open."
    raise refusal(
        reader.file, "mjml", message, line=line, remedy=f"close <{still.tag}> before this line"
    )


def _open(reader: _Reader, stack: list[Node]) -> None:
    start = reader.at
    match = _OPEN.match(reader.source, start)
    assert match
    node = Node(match[1], reader.file, reader.line_at(start))
    reader.at = match.end()
    closed = _attributes(reader, node)
    stack[-1].children.append(node)
    if closed or node.tag in VOID:
        return
    in_defaults = any(above.tag == DEFAULTS_ONLY for above in stack)
    if node.tag in ENDING and not in_defaults:
        end = re.compile(rf"</\s*{re.escape(node.tag)}\s*>").search(reader.source, reader.at)
        if end is None:
            raise refusal(
                reader.file,
                "mjml",
                f"<{node.tag}> is never closed.",
                line=node.line,
                remedy=f"write </{node.tag}> after its text",
            )
        node.content = reader.source[reader.at : end.start()]
        reader.at = end.end()
        return
    stack.append(node)


def _attributes(reader: _Reader, node: Node) -> bool:
    """Reads up to the end of the tag; true when it closes itself."""
    text = reader.source
    while True:
        rest = _TAG_END.match(text, reader.at)
        if rest:
            reader.at = rest.end()
            return bool(rest[1])
        match = _ATTRIBUTE.match(text, reader.at)
        if match is None or match.end() == reader.at:
            if reader.at >= len(text) or text[reader.at] == "<":
                raise refusal(
                    reader.file,
                    "mjml",
                    f"The tag <{node.tag}> does not end.",
                    line=node.line,
                    remedy="check its quotes and write “>”",
                )
            reader.at += 1
            continue
        name = match["name"]
        value = next((v for v in (match["d"], match["s"], match["u"]) if v is not None), "")
        if match["u"] and value.endswith("/") and text.startswith(">", match.end()):
            value = value[:-1]
        if _NAME.match(name):
            node.attributes.setdefault(name, value)
        reader.at = match.end()


def _all_closed(stack: list[Node]) -> None:
    if len(stack) > 1 and stack[-1].tag.startswith("mj"):
        node = stack[-1]
        raise refusal(
            node.file,
            "mjml",
            f"<{node.tag}> is never closed.",
            line=node.line,
            remedy=f"write </{node.tag}>",
        )
