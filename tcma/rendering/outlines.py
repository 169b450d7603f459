"""Where the partner's own words stand in a preview: marked while it is made, drawn when shown."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from tcma.rendering.fits import BOXES
from tcma.rendering.slots import SlotSource, SlotType

OPEN, NAMED, CLOSE = "\ue012", "\ue013", "\ue014"
_TAG = re.compile(
    r"(<!--.*?-->|<style\b.*?</style>|<title\b.*?</title>|<[^>]*>)", re.DOTALL | re.IGNORECASE
)
_OPENED = re.compile(f"{OPEN}([a-z_]+){NAMED}")
_MARK = re.compile(f"{OPEN}([a-z_]+){NAMED}|{CLOSE}")
FEW = 2
_NOT_SHOWN = frozenset({"subject_prefix"})
STYLE = (
    "<style>"
    "[data-slot]{position:relative;display:inline-block;cursor:pointer}"
    "[data-slot],a:has(>[data-slot]){outline:1px dashed #1563d6;outline-offset:2px;"
    "border-radius:3px}"
    "[data-slot][data-block]{display:block;outline-offset:5px}"
    "a:has(>[data-slot]){position:relative;outline-offset:5px}"
    "a>[data-slot]{position:static;display:inline;outline:0}"
    "[data-slot]::after{content:attr(data-label);position:absolute;right:-6px;bottom:100%;"
    "margin-bottom:5px;padding:0 6px;border-radius:3px 3px 0 0;background:#1563d6;color:#fff;"
    "font:600 11px/17px system-ui,sans-serif;letter-spacing:0;text-transform:none;"
    "white-space:nowrap}"
    ":not(a)>[data-slot]:not([data-block])::after{left:100%;right:auto;bottom:0;margin:0 0 0 6px;"
    "border-radius:3px}"
    ":not(a)>[data-slot][data-here],a:has(>[data-here]){outline:2px solid #1563d6}"
    "</style>"
)


def marked(slot: SlotSource, value: str) -> str:
    """Return a value between marks that name its slot; an empty one, or one not shown, as it is."""
    if not value or not slot.editable or slot.key in _NOT_SHOWN:
        return value
    return f"{OPEN}{slot.key}{NAMED}{value}{CLOSE}"


def marked_list(slot: SlotSource, value: Any) -> Any:
    """Return a list of pairs with the first part of each between marks."""
    if not slot.pair or not isinstance(value, list | tuple):
        return value
    return [[marked(slot, pair[0]), *pair[1:]] for pair in value]


def bare(text: str) -> str:
    """Return a text without marks: a subject, a plain text part."""
    return _OPENED.sub("", text).replace(CLOSE, "")


def regions(document: str) -> list[tuple[str, str]]:
    """Return a marked document without its marks, cut where they stood: ("" or slot, text)."""
    found: list[list[str]] = [["", ""]]
    for number, piece in enumerate(_TAG.split(document)):
        if number % 2:
            found[-1][1] += bare(piece)
            continue
        end = 0
        for match in _MARK.finditer(piece):
            found[-1][1] += piece[end : match.start()]
            found.append([match[1] or "", ""])
            end = match.end()
        found[-1][1] += piece[end:]
    return [(slot, text) for slot, text in found if text]


def takes_lines(slot: SlotSource) -> bool:
    """Say whether a text is a paragraph of its own."""
    several = slot.fits in BOXES and BOXES[slot.fits].lines > FEW
    return slot.type is SlotType.RICH_TEXT or several


def drawn(document: str, slots: Mapping[str, SlotSource]) -> str:
    """Return a document with a dashed, named outline around each marked text."""

    def opened(match: re.Match[str]) -> str:
        slot = slots[match[1]]
        block = " data-block" if takes_lines(slot) else ""
        label = html.escape(slot.label)
        return f'<span data-slot="{slot.key}" data-label="{label}"{block}>'

    pieces = _TAG.split(document)
    for number, piece in enumerate(pieces):
        if number % 2:
            pieces[number] = bare(piece)
        else:
            pieces[number] = _OPENED.sub(opened, piece).replace(CLOSE, "</span>")
    shown = "".join(pieces)
    head = shown.lower().find("</head>")
    return shown[:head] + STYLE + shown[head:] if head >= 0 else STYLE + shown
