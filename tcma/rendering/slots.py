"""Slots: what a partner may change in a campaign, within which limits, and what stays locked."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nh3

from tcma.errors import Invalid
from tcma.rendering import colour, tokens
from tcma.rendering.fits import BOXES, BUILT_FONTS, lines_needed
from tcma.rendering.toml_table import Table

Value = Any


class SlotType(StrEnum):
    """What kind of value a slot takes."""

    TEXT = "text"
    RICH_TEXT = "rich_text"
    CHOICE = "choice"
    NUMBER = "number"
    COLOUR = "colour"
    URL = "url"
    LIST = "list"
    PHONE = "phone"


FLAGS = ("editable", "required", "change_required")
LOCKS = ("content", "style", "position", "presence")
RICH_TAGS = frozenset({"b", "strong", "i", "em", "a", "br"})
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.\u2009-]{4,24}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSource:
    """One slot. `defaults` and `options` are per language; `fits` names a measured box; `minimum`
    and `maximum` bound a number, or the entries of a list; `pair` lists hold question and answer.
    """

    key: str
    type: SlotType
    label: str
    help: str
    editable: bool
    required: bool
    change_required: bool
    locked: frozenset[str]
    fits: str
    minimum: int
    maximum: int
    pair: bool
    defaults: Mapping[str, Value]
    options: Mapping[str, tuple[str, ...]]

    def default(self, language: str) -> Value:
        """What stands there when the partner changes nothing."""
        return self.defaults.get(language)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be used, in words for the partner."""

    slot: str
    code: str
    message: str
    remedy: str


def load_slots(
    top: Table, shared: Table, words: Mapping[str, Table], shared_words: Mapping[str, Table]
) -> tuple[SlotSource, ...]:
    """The slots every campaign has (`_shared/slots.toml`) and the campaign's own, which win."""
    tables: dict[str, Table] = {}
    for source in (shared, top):
        slots = source.table("slots")
        for key in slots.values:
            tables[key] = slots.table(key)
    return tuple(_slot(key, table, words, shared_words) for key, table in tables.items())


def _slot(
    key: str, table: Table, words: Mapping[str, Table], shared_words: Mapping[str, Table]
) -> SlotSource:
    kind = SlotType(table.choice("type", [t.value for t in SlotType]))
    flags, locked = table.texts("flags"), table.texts("locked")
    for name, found, known in (("flags", flags, FLAGS), ("locked", locked, LOCKS)):
        for word in found:
            if word not in known:
                raise table.refuse(name, f"“{word}” is unknown.", f"use {', '.join(known)}")
    fits = table.text("fits", "")
    if fits and fits not in BOXES:
        raise table.refuse("fits", f"“{fits}” is no box.", f"use {', '.join(BOXES)}")
    defaults: dict[str, Value] = {}
    options: dict[str, tuple[str, ...]] = {}
    for language, own in words.items():
        given = _given(key, own, shared_words[language], table)
        if kind is SlotType.CHOICE:
            choices = given if isinstance(given, list) else table.values.get("options", [])
            options[language] = tuple(str(choice) for choice in choices)
            if not options[language]:
                raise own.refuse("slots", f"The choice “{key}” has no options.", f'{key} = ["…"]')
            given = options[language][0]
        defaults[language] = given
    return SlotSource(
        key=key,
        type=kind,
        label=table.text("label"),
        help=table.text("help", ""),
        editable="editable" in flags or "change_required" in flags,
        required="required" in flags,
        change_required="change_required" in flags,
        locked=frozenset(locked),
        fits=fits,
        minimum=table.number("min", 0),
        maximum=table.number("max", 0),
        pair=table.flag("pair"),
        defaults=defaults,
        options=options,
    )


def _given(key: str, own: Table, shared: Table, table: Table) -> Value:
    for words in (own, shared):
        value = words.table("slots").values.get(key)
        if value is not None:
            return value
    return table.values.get("default")


def check(
    slots: Iterable[SlotSource],
    values: Mapping[str, Value],
    *,
    language: str,
    fonts: Path = BUILT_FONTS,
) -> list[Problem]:
    """Everything wrong with a partner's values for one language; an empty list is good.

    A value for a locked slot is a problem unless it equals the default. Lengths are measured by
    wrapping the text in its real box with the real font.
    """
    known = {slot.key: slot for slot in slots}
    problems = [
        Problem(key, "slot.unknown", f"There is no field “{key}”.", "remove it")
        for key in values
        if key not in known
    ]
    for slot in known.values():
        problem = _judged(slot, values, language, fonts)
        if problem:
            problems.append(problem)
    return problems


def _judged(
    slot: SlotSource, values: Mapping[str, Value], language: str, fonts: Path
) -> Problem | None:
    default = slot.default(language)
    value = values.get(slot.key, default)
    if slot.key in values and value != default and not slot.editable:
        message = f"{slot.label} is the same for every partner and cannot be changed."
        return Problem(slot.key, "slot.locked", message, "ask the vendor for a change")
    if value in (None, "", []):
        if slot.required or slot.change_required:
            return Problem(slot.key, "slot.missing", f"{slot.label} is missing.", "fill it in")
        return None
    if slot.change_required and slot.key not in values:
        message = f"{slot.label} needs your own value."
        return Problem(slot.key, "slot.unchanged", message, "set it once for this campaign")
    said = _CHECKS[slot.type](slot, value, language)
    if said:
        return Problem(slot.key, f"slot.{said[0]}", said[1], said[2])
    return _too_long(slot, value, fonts)


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


def _number(slot: SlotSource, value: Value, _language: str) -> Said:
    if isinstance(value, bool) or not isinstance(value, int):
        return "type", f"{slot.label} must be a whole number.", f"write {slot.minimum} or more"
    if not slot.minimum <= value <= slot.maximum:
        span = f"{slot.minimum} to {slot.maximum}"
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


def _list(slot: SlotSource, value: Value, _language: str) -> Said:
    if not isinstance(value, list | tuple):
        return "type", f"{slot.label} must be a list.", "write one entry a line"
    if not slot.minimum <= len(value) <= slot.maximum:
        span = f"{slot.minimum} to {slot.maximum}"
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


_CHECKS: Mapping[SlotType, Callable[[SlotSource, Value, str], Said]] = {
    SlotType.TEXT: _text,
    SlotType.RICH_TEXT: _text,
    SlotType.CHOICE: _choice,
    SlotType.NUMBER: _number,
    SlotType.COLOUR: _colour,
    SlotType.URL: _url,
    SlotType.LIST: _list,
    SlotType.PHONE: _phone,
}


def _too_long(slot: SlotSource, value: Value, fonts: Path) -> Problem | None:
    if not slot.fits:
        return None
    box = BOXES[slot.fits]
    for text in _measured(value):
        needed = lines_needed(text, box, fonts=fonts)
        if needed > box.lines:
            allowed = "one line" if box.lines == 1 else f"{box.lines} lines"
            message = f"{slot.label} needs {needed} lines on a phone and has room for {allowed}."
            return Problem(slot.key, "slot.too_long", message, f"shorten it to {allowed}")
    return None


def _measured(value: Value) -> list[str]:
    if isinstance(value, str):
        return [tokens.TOKEN.sub(lambda m: m[2] or "Maximiliane", plain(value))]
    return [part for entry in value for part in ([entry] if isinstance(entry, str) else [entry[0]])]


def plain(value: str) -> str:
    """Rich text as plain text, for measuring and for text parts."""
    return html.unescape(nh3.clean(re.sub(r"<br\s*/?>", "\n", value), tags=set()))


def clean_rich(value: str) -> str:
    """A partner's rich text as safe HTML: bold, italic, links to https and mailto, line breaks."""
    return nh3.clean(
        value,
        tags=set(RICH_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"https", "mailto"},
        link_rel=None,
    )


def effective(
    slots: Iterable[SlotSource], values: Mapping[str, Value], *, language: str
) -> dict[str, Value]:
    """What the templates see: the partner's value where it may set one, else the default."""
    out: dict[str, Value] = {}
    for slot in slots:
        own = values.get(slot.key)
        use = own if slot.editable and slot.key in values and own is not None else None
        out[slot.key] = slot.default(language) if use is None else use
    return out
