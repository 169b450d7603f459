"""Recipient tokens `[[name|fallback]]`: which exist, how a text is split at them, how a value is
escaped where it lands. No template code ever runs on a recipient's value.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tcma.errors import Invalid
from tcma.rendering.findings import nearest
from tcma.words import say

DATA_TOKENS: Mapping[str, str] = {
    "greeting": "Salutation: the fallback with the first name, “Hello Tom”; without one, alone",
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "industry_peer": "Companies like the recipient's",
    "product_name": "Product of the running agreement",
    "renewal_date": "Renewal date, localised",
    "seats_line": "Seats in use, such as “143 of 180”",
    "owner_name": "The seller who answers",
}
SYSTEM_TOKENS: Mapping[str, str] = {
    "view_url": "The mail as a page",
    "unsubscribe_url": "Unsubscribe page and one-click address",
    "preferences_url": "What the recipient gets",
    "open_pixel_url": "Open pixel, set by the compiler",
    "unseen_url": "Link for machines only, set by the compiler",
}
NAMES = frozenset(DATA_TOKENS) | frozenset(SYSTEM_TOKENS)

TOKEN = re.compile(r"\[\[\s*([a-z][a-z0-9_]*(?::[0-9]{1,4})?)\s*(?:\|([^\[\]<>]*))?\]\]")
# Stands for "[" in text that came from people: what they typed never turns into a token.
BRACKET = "\ue000"
# Characters this package marks places with; nobody else may bring them in.
_MARKS = re.compile("[\ue000-\ue01f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_WORD = re.compile(r"\w")
_TAME = re.compile(r"[A-Za-z0-9 .,:;/?=@_~+*()-]*\Z")  # nothing to escape in any context


class Context(StrEnum):
    """Where a value lands decides how it is escaped."""

    HTML = "h"
    ATTRIBUTE = "a"
    PLAIN = "p"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a recipient's value; `fallback` is None when the value must be there."""

    name: str
    context: Context
    fallback: str | None


def inert(text: str) -> str:
    """Text from people with its brackets marked, so that it never reads as a token."""
    return _MARKS.sub("", text).replace("[[", BRACKET * 2)


def restored(text: str) -> str:
    """The marked brackets as brackets again, once tokens have been cut out."""
    return text.replace(BRACKET, "[")


def is_link(name: str) -> bool:
    """Is this the numbered address of a tracked link?"""
    return name.startswith("link:")


def is_system(name: str) -> bool:
    """Does the engine, not the contact list, supply it?"""
    return name in SYSTEM_TOKENS or is_link(name)


def found(text: str) -> Iterator[re.Match[str]]:
    """Every well-formed token in a text."""
    return TOKEN.finditer(text)


def pieces(text: str, context: Context) -> list[str | Slot]:
    """A text as literals and slots in order; inside an HTML tag the context is ATTRIBUTE."""
    out: list[str | Slot] = []
    end = 0
    for match in TOKEN.finditer(text):
        before = text[end : match.start()]
        out.append(before)
        where = context
        if context is Context.HTML and _inside_tag(text, match.start()):
            where = Context.ATTRIBUTE
        fallback = match[2]
        if fallback is not None and context is not Context.PLAIN:
            fallback = html.unescape(fallback)
        out.append(Slot(match[1], where, fallback))
        end = match.end()
    out.append(text[end:])
    return [restored(piece) if isinstance(piece, str) else piece for piece in out]


def _inside_tag(text: str, at: int) -> bool:
    return text.rfind("<", 0, at) > text.rfind(">", 0, at)


def check(text: str, *, where: str) -> frozenset[str]:
    """The names used in a text.

    Raises `Invalid` for an unknown token and for one that may be empty and has no fallback.
    """
    used: set[str] = set()
    for match in TOKEN.finditer(text):
        name, fallback = match[1], match[2]
        used.add(name)
        if name not in NAMES and not is_link(name):
            raise Invalid(
                say("{where}: the token [[{name}]] does not exist.", where=where, name=name),
                code="token.unknown",
                remedy=nearest(name, NAMES),
            )
        if fallback is None and not is_system(name):
            raise Invalid(
                say("{where}: the token [[{name}]] has no fallback.", where=where, name=name),
                code="token.no_fallback",
                remedy=say("write [[{name}|what to say when it is empty]]", name=name),
            )
    return frozenset(used)


def escape(value: str, context: Context, *, rtl: bool) -> str:
    """A recipient's value made safe for its place; another script is isolated (U+2068…U+2069)."""
    if _TAME.match(value) and not (rtl and context is not Context.ATTRIBUTE):
        return value  # most names and every address of ours
    clean = _CONTROL.sub(" ", value)
    if context is not Context.ATTRIBUTE:
        clean = isolated(clean, rtl=rtl)
    if context is Context.PLAIN:
        return clean
    return html.escape(clean, quote=context is Context.ATTRIBUTE)


def isolated(value: str, *, rtl: bool) -> str:
    """The value wrapped in a first-strong isolate when it runs against the text around it."""
    if rtl:
        against = bool(_WORD.search(value)) and not _RTL.search(value)
    else:
        against = not value.isascii() and bool(_RTL.search(value))
    return f"\u2068{value}\u2069" if against else value


def value_of(slot: Slot, values: Mapping[str, str]) -> str:
    """What stands in a slot for this recipient, the fallback where nothing is known."""
    return values.get(slot.name) or greeting_of(slot, values) or slot.fallback or ""


def greeting_of(slot: Slot, values: Mapping[str, str]) -> str:
    """A greeting by first name, made of the mail's own word for it; empty for other slots."""
    name = values.get("first_name")
    if slot.name != "greeting" or not name or not slot.fallback:
        return ""
    return f"{slot.fallback} {name}"


def fill_text(text: str, values: Mapping[str, str], *, rtl: bool = False) -> str:
    """A plain text, such as a subject, with its tokens filled."""
    return filled(pieces(text, Context.PLAIN), values, rtl=rtl)


def filled(parts: Iterable[str | Slot], values: Mapping[str, str], *, rtl: bool = False) -> str:
    """The same for a text that was cut into pieces before."""
    out: list[str] = []
    for piece in parts:
        if isinstance(piece, str):
            out.append(piece)
        else:
            value = value_of(piece, values)
            out.append(escape(value, Context.PLAIN, rtl=rtl))
    return "".join(out)


def fill_html(text: str, values: Mapping[str, str], *, rtl: bool = False) -> str:
    """A page or mail with its tokens filled, for previews; missing values show their fallback."""
    out: list[str] = []
    for piece in pieces(text, Context.HTML):
        if isinstance(piece, str):
            out.append(piece)
        else:
            value = value_of(piece, values)
            out.append(escape(value, piece.context, rtl=rtl))
    return "".join(out)
