"""One part of a routing document at a time: a rule, a named account, a test, what is known of a partner, or
what holds for all. Changed as a form says, and refused with the field that is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from tcma.errors import Invalid
from tcma.leads.routing.reading import read
from tcma.toml_document import Fault
from tcma.toml_editing import moved, put, removed, span, tables

MANY = ("rule", "account", "test")
"""Parts of which there may be several, in order; a partner's has its short name instead of a number."""
NEW = "new"
Path = tuple[str, ...]
FieldOf = Callable[[str], str]


def part(text: str, kind: str, place: str) -> dict[str, Any] | None:
    """Return the table of a part, an empty one for a new one; None when it is not there."""
    if place == NEW:
        return {}
    raw = tables(text).get(kind, {} if kind == "partner" else [])
    if kind == "partner":
        return dict(raw.get(place, {}))
    nth = _nth(place)
    return raw[nth] if nth is not None and nth < len(raw) else None


def write(  # noqa: PLR0913 - the part, and where its faults are told
    text: str,
    kind: str,
    place: str,
    table: Mapping[str, Any],
    *,
    partners: Sequence[str],
    field_of: FieldOf,
) -> str:
    """Return the document with a part written anew. Raises Invalid with the fields of its faults."""
    path, nth = _path(kind, place)
    made = put(text, path, nth, table, many=kind in MANY)
    if nth is None and kind in MANY:
        nth = len(tables(made)[kind]) - 1
    _refuse(text, made, path, nth or 0, partners=partners, field_of=field_of)
    return made


def write_settings(
    text: str, changed: Mapping[str, Mapping[str, Any]], *, partners: Sequence[str]
) -> str:
    """Return the document with some of what holds for all; a fault names its table and key."""
    for name, table in changed.items():
        made = put(text, (name,), None, table, many=False)
        _refuse(
            text,
            made,
            (name,),
            0,
            partners=partners,
            field_of=partial("{}-{}".format, name),
        )
        text = made
    return text


def take_out(text: str, kind: str, place: str) -> str:
    """Return the document without a part."""
    path, nth = _path(kind, place)
    return removed(text, path, nth)


def shift(text: str, kind: str, place: str, *, up: bool) -> str:
    """Return the document with a part before or after its neighbour."""
    nth = _nth(place) or 0
    return moved(text, (kind,), nth, nth - 1 if up else nth + 1)


def switch(text: str, place: str, *, off: bool) -> str:
    """Return the document with a rule switched off, which keeps it as it is, or on again."""
    table = part(text, "rule", place)
    if table is None:
        raise Invalid("This rule is gone. Open the page anew.", code="rules.form")
    kept = {key: value for key, value in table.items() if key != "off"}
    return put(text, ("rule",), _nth(place), kept | ({"off": True} if off else {}), many=True)


def _refuse(  # noqa: PLR0913 - before, after, and where
    before: str,
    made: str,
    path: Path,
    nth: int,
    *,
    partners: Sequence[str],
    field_of: FieldOf,
) -> None:
    """Raise Invalid when a part has faults, or gave the others one that they had not."""
    first, last = span(made, path, nth)
    known = {fault.words for fault in read(before, partners=partners).faults}
    faults = [
        fault
        for fault in read(made, partners=partners).faults
        if first <= fault.line <= last or fault.words not in known
    ]
    if faults:
        fields: dict[str, str] = {}
        for fault in faults:
            inside = first <= fault.line <= last
            fields.setdefault(field_of(fault.key) if inside else "", said(fault))
        raise Invalid(said(faults[0]), code="routing.rules", fields=fields)


def said(fault: Fault) -> str:
    """Return a fault with its remedy as one line of words."""
    remedy = f" {fault.remedy[:1].upper()}{fault.remedy[1:]}" if fault.remedy else ""
    return f"{fault.words}{remedy}{'.' if remedy and not remedy.endswith(('?', '.')) else ''}"


def _path(kind: str, place: str) -> tuple[Path, int | None]:
    if kind == "partner":
        return (kind, place), None
    nth = _nth(place)
    if nth is None and place != NEW:
        raise Invalid("This is gone. Open the page anew.", code="rules.form")
    return (kind,), nth


def _nth(place: str) -> int | None:
    return int(place) if place.isdecimal() else None
