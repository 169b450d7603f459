"""Slots: what a partner may change in a campaign, within which limits, and what stays locked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import nh3

from tcma.rendering.fits import BOXES, BUILT_FONTS
from tcma.rendering.slot_checks import plain, said_of, too_long
from tcma.rendering.slot_types import (
    ASPECTS,
    FLAGS,
    LOCKS,
    Limit,
    Problem,
    SlotSource,
    SlotType,
    Value,
)
from tcma.rendering.toml_table import Table
from tcma.words import say

__all__ = ["Problem", "SlotSource", "SlotType", "check", "clean_rich", "effective", "load_slots",
           "plain"]  # fmt: skip
RICH_TAGS = frozenset({"b", "strong", "i", "em", "a", "br"})
RICH_SCHEMES = frozenset({"https", "mailto"})


def load_slots(
    top: Table, shared: Table, words: Mapping[str, Table], shared_words: Mapping[str, Table]
) -> tuple[SlotSource, ...]:
    """The slots every campaign has (`_shared/slots.toml`) and the campaign's own, which win."""
    tables: dict[str, Table] = {}
    for source in (shared, top):
        slots = source.table("slots")
        for key in slots.values:
            tables[key] = slots.table(key)
    found: list[SlotSource] = []
    for key, table in tables.items():
        slot = _slot(key, table, words, shared_words)
        found += [slot, *_aspects(slot, table)]
    return tuple(found)


def _aspects(slot: SlotSource, table: Table) -> Iterator[SlotSource]:
    """The properties of a slot that its author lets choose, each a choice of its own."""
    looks = table.table("looks")
    for name in looks.values:
        if name not in ASPECTS:
            raise looks.refuse(
                name,
                say("“{name}” is no property.", name=name),
                say("use {aspects}", aspects=", ".join(ASPECTS)),
            )
        choices = looks.texts(name, needed=True)
        yield SlotSource(
            key=f"{slot.key}__{name}",
            type=SlotType.CHOICE,
            label=f"{slot.label}: {name}",
            help="",
            editable=name not in slot.locked,
            required=False,
            change_required=False,
            locked=slot.locked,
            fits="",
            minimum=0,
            maximum=0,
            pair=False,
            defaults=dict.fromkeys(slot.defaults, choices[0]),
            options=dict.fromkeys(slot.defaults, choices),
            of=slot.key,
            aspect=name,
        )


def _what(kind: SlotType) -> str:
    """Which property a slot's own value is: a colour is style, everything else content."""
    return "style" if kind is SlotType.COLOUR else "content"


def _limits(table: Table, languages: Iterable[str]) -> dict[str, Limit]:
    """The slot's own limits, and by language where `[slots.<key>.in.<language>]` says otherwise."""
    whole = table.table("in")
    found: dict[str, Limit] = {}
    for language in languages:
        own = whole.table(language)
        fits = own.text("fits", table.text("fits", ""))
        if fits and fits not in BOXES:
            raise own.refuse(
                "fits",
                say("“{fits}” is no box.", fits=fits),
                say("use {boxes}", boxes=", ".join(BOXES)),
            )
        found[language] = Limit(
            fits=table.text("fits", ""),
            lines=own.number("lines", table.number("lines", 0)),
            minimum=own.number("min", table.number("min", 0)),
            maximum=own.number("max", table.number("max", 0)),
        )
    return found


def _slot(
    key: str, table: Table, words: Mapping[str, Table], shared_words: Mapping[str, Table]
) -> SlotSource:
    kind = SlotType(table.choice("type", [t.value for t in SlotType]))
    flags, locked = table.texts("flags"), table.texts("locked")
    for name, found, known in (("flags", flags, FLAGS), ("locked", locked, LOCKS)):
        for word in found:
            if word not in known:
                raise table.refuse(
                    name,
                    say("“{word}” is unknown.", word=word),
                    say("use {known}", known=", ".join(known)),
                )
    defaults: dict[str, Value] = {}
    options: dict[str, tuple[str, ...]] = {}
    for language, own in words.items():
        given = _given(key, own, shared_words[language], table)
        if kind is SlotType.IMAGE:
            options[language] = table.texts("from", needed=True)
            given = given or options[language][0]
        if kind is SlotType.CHOICE:
            choices = given if isinstance(given, list) else table.values.get("options", [])
            options[language] = tuple(str(choice) for choice in choices)
            if not options[language]:
                raise own.refuse(
                    "slots", say("The choice “{key}” has no options.", key=key), f'{key} = ["…"]'
                )
            given = options[language][0]
        defaults[language] = given
    return SlotSource(
        key=key,
        type=kind,
        label=table.text("label"),
        help=table.text("help", ""),
        editable=bool({"editable", "change_required"} & set(flags)) and _what(kind) not in locked,
        required="required" in flags,
        change_required="change_required" in flags,
        locked=frozenset(locked),
        fits=table.text("fits", ""),
        minimum=table.number("min", 0),
        maximum=table.number("max", 0),
        pair=table.flag("pair"),
        defaults=defaults,
        options=options,
        limits=_limits(table, words),
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
        Problem(key, "slot.unknown", say("There is no field “{key}”.", key=key), say("remove it"))
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
        message = say(
            "{label} is the same for every partner and cannot be changed.", label=slot.label
        )
        return Problem(slot.key, "slot.locked", message, say("ask the vendor for a change"))
    if value in (None, "", []):
        if slot.required or slot.change_required:
            return Problem(
                slot.key,
                "slot.missing",
                say("{label} is missing.", label=slot.label),
                say("fill it in"),
            )
        return None
    if slot.change_required and slot.key not in values:
        message = say("{label} needs your own value.", label=slot.label)
        return Problem(slot.key, "slot.unchanged", message, say("set it once for this campaign"))
    said = said_of(slot, value, language)
    if said:
        return Problem(slot.key, f"slot.{said[0]}", said[1], said[2])
    return too_long(slot, value, language, fonts)


def clean_rich(value: str) -> str:
    """A partner's rich text as safe HTML: bold, italic, links to https and mailto, line breaks."""
    return nh3.clean(
        value,
        tags=set(RICH_TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(RICH_SCHEMES),
        link_rel=None,
        attribute_filter=_link,
    )


_SCHEME = re.compile(r"([^/?#\[]*):")


def _link(_tag: str, _attribute: str, value: str) -> str | None:
    """Drops a target that would have another scheme if a reader skipped the blanks in it."""
    told = _SCHEME.match("".join(value.split()).lower())
    return value if told is None or told[1] in RICH_SCHEMES else None


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
