"""Is a value one of its slot's type, and does it fit? Each answer in words for the partner."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import nh3

from tcma.errors import Invalid
from tcma.rendering import colour, tokens
from tcma.rendering.fits import BOXES, lines_needed
from tcma.rendering.slot_types import Problem, SlotSource, SlotType, Value
from tcma.words import say

_PHONE = re.compile(r"\+?[0-9][0-9 ()/.\u2009-]{4,24}\Z")
_MARKS = re.compile(r"[<>\[\]{}\x00-\x09\x0b-\x1f]")
ADDRESS_LINES, ADDRESS_LETTERS = 6, 80
YEARS = range(2000, 2101)
Said = tuple[str, str, str] | None


def _text(slot: SlotSource, value: Value, _language: str) -> Said:
    if not isinstance(value, str):
        return "type", f"{slot.label} must be text.", "write words"
    if slot.type is SlotType.TEXT and re.search(r"[\r\n\x00-\x08]", value):
        return "line", f"{slot.label} must be one line.", "remove the line break"
    try:
        tokens.check(value, where=slot.label)
    except Invalid as problem:
        return "token", problem.message, problem.remedy or "remove the token"
    return None


def _choice(slot: SlotSource, value: Value, language: str) -> Said:
    if value in slot.options.get(language, ()):
        return None
    return "choice", f"{slot.label} is not one of the choices.", "choose one of the list"


def _number(slot: SlotSource, value: Value, language: str) -> Said:
    limit = slot.limit(language)
    if isinstance(value, bool) or not isinstance(value, int):
        return "type", f"{slot.label} must be a whole number.", f"write {limit.minimum} or more"
    if not limit.minimum <= value <= limit.maximum:
        span = f"{limit.minimum} to {limit.maximum}"
        return "range", f"{slot.label} must be {span}.", f"choose {span}"
    return None


def _colour(slot: SlotSource, value: Value, _language: str) -> Said:
    if not isinstance(value, str) or not colour.HEX.match(value):
        return "type", f"{slot.label} must be a colour such as #AD3614.", "write # and six digits"
    if colour.label_on(value) is None:
        return "contrast", f"Neither white nor dark text is readable on {value}.", "choose another"
    return None


def _url(slot: SlotSource, value: Value, _language: str) -> Said:
    said = "url", f"{slot.label} must be a full https address.", "start with https://"
    if not isinstance(value, str) or len(value) > 500 or re.search(r"[\s\"'<>\[\]\\]", value):
        return said
    try:
        parts = urlsplit(value)
        whole = parts.scheme == "https" and bool(parts.hostname) and "." in str(parts.hostname)
    except ValueError:
        return said
    return None if whole and "@" not in parts.netloc else said


def _phone(slot: SlotSource, value: Value, _language: str) -> Said:
    if isinstance(value, str) and _PHONE.match(value.strip()):
        return None
    return "phone", f"{slot.label} is not a telephone number.", "write it as +44 113 496 0142"


def _list(slot: SlotSource, value: Value, language: str) -> Said:
    limit = slot.limit(language)
    if not isinstance(value, list | tuple):
        return "type", f"{slot.label} must be a list.", "write one entry a line"
    if not limit.minimum <= len(value) <= limit.maximum:
        span = f"{limit.minimum} to {limit.maximum}"
        return "range", f"{slot.label} takes {span} entries.", f"keep {span}"
    for entry in value:
        if slot.pair:
            whole = (
                isinstance(entry, list | tuple)
                and len(entry) == 2
                and all(isinstance(part, str) and part.strip() for part in entry)
            )
        else:
            whole = isinstance(entry, str) and bool(entry.strip())
        if not whole:
            return "type", f"{slot.label} has an entry without text.", "fill it in or remove it"
    return None


def _date(slot: SlotSource, value: Value, _language: str) -> Said:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS or value != day.isoformat():
        return "date", f"{slot.label} is not a date.", "write it as 2027-03-31"
    return None


def _address(slot: SlotSource, value: Value, _language: str) -> Said:
    lines = value.split("\n") if isinstance(value, str) else []
    if not lines or not all(line.strip() for line in lines) or _MARKS.search(value):
        return "address", f"{slot.label} is not a postal address.", "write it line by line"
    if len(lines) > ADDRESS_LINES or max(map(len, lines)) > ADDRESS_LETTERS:
        message = say(
            "{label} takes {lines} lines of {letters} letters.",
            label=slot.label,
            lines=ADDRESS_LINES,
            letters=ADDRESS_LETTERS,
        )
        return "range", message, "shorten it"
    return None


def _image(slot: SlotSource, value: Value, language: str) -> Said:
    if value in slot.options.get(language, ()):
        return None
    return "image", f"{slot.label} is no picture the vendor approved.", "choose one of the set"


_CHECKS: Mapping[SlotType, Callable[[SlotSource, Value, str], Said]] = {
    SlotType.TEXT: _text,
    SlotType.RICH_TEXT: _text,
    SlotType.CHOICE: _choice,
    SlotType.NUMBER: _number,
    SlotType.COLOUR: _colour,
    SlotType.URL: _url,
    SlotType.LIST: _list,
    SlotType.PHONE: _phone,
    SlotType.DATE: _date,
    SlotType.ADDRESS: _address,
    SlotType.IMAGE: _image,
}


def said_of(slot: SlotSource, value: Value, language: str) -> Said:
    """Why a value is none of its slot's type: code, message, remedy; None when it is."""
    return _CHECKS[slot.type](slot, value, language)


def too_long(slot: SlotSource, value: Value, language: str, fonts: Path) -> Problem | None:
    """Why a value does not fit its box, measured with the real font; None when it does."""
    limit = slot.limit(language)
    if not limit.fits:
        return None
    box = BOXES[limit.fits]
    most = limit.lines or box.lines
    for text in _measured(value):
        needed = lines_needed(text, box, fonts=fonts)
        if needed > most:
            allowed = "one line" if most == 1 else f"{most} lines"
            message = say(
                "{label} needs {needed} lines on a phone and has room for {allowed}.",
                label=slot.label,
                needed=needed,
                allowed=allowed,
            )
            return Problem(slot.key, "slot.too_long", message, f"shorten it to {allowed}")
    return None


def _measured(value: Value) -> list[str]:
    if isinstance(value, str):
        return [tokens.TOKEN.sub(lambda m: m[2] or "Maximiliane", plain(value))]
    return [part for entry in value for part in ([entry] if isinstance(entry, str) else [entry[0]])]


def plain(value: str) -> str:
    """Rich text as plain text, for measuring and for text parts."""
    return html.unescape(nh3.clean(re.sub(r"<br\s*/?>", "\n", value), tags=set()))
