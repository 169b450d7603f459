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
from tcma.words import say, say_n

_PHONE = re.compile(r"\+?[0-9][0-9 ()/.\u2009-]{4,24}\Z")
_MARKS = re.compile(r"[<>\[\]{}\x00-\x09\x0b-\x1f]")
ADDRESS_LINES, ADDRESS_LETTERS = 6, 80
YEARS = range(2000, 2101)
Said = tuple[str, str, str] | None


def _text(slot: SlotSource, value: Value, _language: str) -> Said:
    if not isinstance(value, str):
        return "type", say("{label} must be text.", label=slot.label), say("write words")
    if slot.type is SlotType.TEXT and re.search(r"[\r\n\x00-\x08]", value):
        return (
            "line",
            say("{label} must be one line.", label=slot.label),
            say("remove the line break"),
        )
    try:
        tokens.check(value, where=slot.label)
    except Invalid as problem:
        return "token", problem.message, problem.remedy or say("remove the token")
    return None


def _choice(slot: SlotSource, value: Value, language: str) -> Said:
    if value in slot.options.get(language, ()):
        return None
    return (
        "choice",
        say("{label} is not one of the choices.", label=slot.label),
        say("choose one of the list"),
    )


def _number(slot: SlotSource, value: Value, language: str) -> Said:
    limit = slot.limit(language)
    if isinstance(value, bool) or not isinstance(value, int):
        return (
            "type",
            say("{label} must be a whole number.", label=slot.label),
            say("write {least} or more", least=limit.minimum),
        )
    if not limit.minimum <= value <= limit.maximum:
        span = say("{least} to {most}", least=limit.minimum, most=limit.maximum)
        return (
            "range",
            say("{label} must be {span}.", label=slot.label, span=span),
            say("choose {span}", span=span),
        )
    return None


def _colour(slot: SlotSource, value: Value, _language: str) -> Said:
    if not isinstance(value, str) or not colour.HEX.match(value):
        return (
            "type",
            say("{label} must be a colour such as #AD3614.", label=slot.label),
            say("write # and six digits"),
        )
    if colour.label_on(value) is None:
        return (
            "contrast",
            say("Neither white nor dark text is readable on {colour}.", colour=value),
            say("choose another"),
        )
    return None


def _url(slot: SlotSource, value: Value, _language: str) -> Said:
    said = (
        "url",
        say("{label} must be a full https address.", label=slot.label),
        say("start with https://"),
    )
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
    return (
        "phone",
        say("{label} is not a telephone number.", label=slot.label),
        say("write it as +44 113 496 0142"),
    )


def _list(slot: SlotSource, value: Value, language: str) -> Said:
    limit = slot.limit(language)
    if not isinstance(value, list | tuple):
        return (
            "type",
            say("{label} must be a list.", label=slot.label),
            say("write one entry a line"),
        )
    if not limit.minimum <= len(value) <= limit.maximum:
        span = say("{least} to {most}", least=limit.minimum, most=limit.maximum)
        return (
            "range",
            say("{label} takes {span} entries.", label=slot.label, span=span),
            say("keep {span}", span=span),
        )
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
            return (
                "type",
                say("{label} has an entry without text.", label=slot.label),
                say("fill it in or remove it"),
            )
    return None


def _date(slot: SlotSource, value: Value, _language: str) -> Said:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS or value != day.isoformat():
        return (
            "date",
            say("{label} is not a date.", label=slot.label),
            say("write it as 2027-03-31"),
        )
    return None


def _address(slot: SlotSource, value: Value, _language: str) -> Said:
    lines = value.split("\n") if isinstance(value, str) else []
    if not lines or not all(line.strip() for line in lines) or _MARKS.search(value):
        return (
            "address",
            say("{label} is not a postal address.", label=slot.label),
            say("write it line by line"),
        )
    if len(lines) > ADDRESS_LINES or max(map(len, lines)) > ADDRESS_LETTERS:
        message = say(
            "{label} takes {lines} lines of {letters} letters.",
            label=slot.label,
            lines=ADDRESS_LINES,
            letters=ADDRESS_LETTERS,
        )
        return "range", message, say("shorten it")
    return None


def _image(slot: SlotSource, value: Value, language: str) -> Said:
    if value in slot.options.get(language, ()):
        return None
    return (
        "image",
        say("{label} is no picture the vendor approved.", label=slot.label),
        say("choose one of the set"),
    )


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
            allowed = say_n("one line", "{n} lines", most)
            message = say(
                "{label} needs {needed} lines on a phone and has room for {allowed}.",
                label=slot.label,
                needed=needed,
                allowed=allowed,
            )
            return Problem(
                slot.key, "slot.too_long", message, say("shorten it to {allowed}", allowed=allowed)
            )
    return None


def _measured(value: Value) -> list[str]:
    if isinstance(value, str):
        return [tokens.TOKEN.sub(lambda m: m[2] or "Maximiliane", plain(value))]
    return [part for entry in value for part in ([entry] if isinstance(entry, str) else [entry[0]])]


def plain(value: str) -> str:
    """Rich text as plain text, for measuring and for text parts."""
    return html.unescape(nh3.clean(re.sub(r"<br\s*/?>", "\n", value), tags=set()))
