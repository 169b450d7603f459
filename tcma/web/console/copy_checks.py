"""What the editor measures: lines of a text in its real box, contrast, weight, legal parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tcma.library.heads import ground_of
from tcma.library.ingredients import Ingredients
from tcma.rendering import tokens
from tcma.rendering.colour import contrast, label_on
from tcma.rendering.email import WEIGHT_LIMIT
from tcma.rendering.fits import BOXES, lines_needed
from tcma.rendering.image_colour import rgb
from tcma.rendering.lockup import variant
from tcma.rendering.slots import SlotSource, plain
from tcma.rendering.words import spoken
from tcma.words import say

LONGEST_GREETING = "Maximiliane"
"""What stands in for a name when a text is measured, as the checks of the library do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A field: its text as typed, lines used of lines allowed (0: not measured), what is said."""

    text: str
    used: int = 0
    allowed: int = 0
    words: str = ""
    tone: str = "good"
    error: str = ""


def in_words(made: Ingredients, text: str) -> str:
    """Return a line of the author's with the names it stands for."""
    names = {
        "partner": made.partner.short_name or made.partner.name,
        "vendor": made.vendor.name,
        "product": made.source.product,
    }
    return spoken(text, names)


def as_text(value: Any) -> str:
    """Return a slot's value as its field shows it: lists one entry a line, pairs with a bar."""
    if isinstance(value, list | tuple):
        return "\n".join(each if isinstance(each, str) else " | ".join(each) for each in value)
    return "" if value is None else str(value)


def measured(slots: Sequence[SlotSource], own: Mapping[str, Any], language: str) -> dict[str, Box]:
    """Return each slot's field with the value in force."""
    return {s.key: box_of(s, own.get(s.key, s.default(language)), "", language) for s in slots}


def box_of(slot: SlotSource, value: Any, error: str, language: str) -> Box:
    """Measure a value in the box it goes into; `error` is what the check said."""
    text = as_text(value)
    limit = slot.limit(language)
    if not limit.fits or not text:
        return Box(text=text, error=error, words=error, tone="stop" if error else "good")
    box = BOXES[limit.fits]
    most = limit.lines or box.lines
    entries = [line.partition("|")[0] for line in text.split("\n")] if limit.maximum else [text]
    shown = [tokens.TOKEN.sub(lambda m: m[2] or LONGEST_GREETING, plain(e)) for e in entries]
    used, longest = max((lines_needed(each, box), each) for each in shown)
    lines = say("1 line") if most == 1 else say("{most} lines", most=most)
    if used > most:
        over = max(1, round(len(longest) * (used - most) / used))
        said = say(
            "This does not fit on a phone: {used} of {lines}. Shorten it by about {over} letters.",
            used=used,
            lines=lines,
            over=over,
        )
        return Box(text=text, used=used, allowed=most, words=said, tone="stop", error=said)
    if error:
        return Box(text=text, words=error, tone="stop", error=error)
    return Box(
        text=text,
        used=used,
        allowed=most,
        words=say("Fits. {used} of {lines} on a phone.", used=used, lines=lines),
    )


def page_checks(made: Ingredients, *, html: str = "") -> list[str]:
    """Return what was measured and holds, in words; what does not hold is not among it."""
    held: list[str] = []
    choice = variant(made.partner_logos, rgb(ground_of(made.source)))
    if choice.kind == "text":
        held.append(
            say("Your name in type, {contrast:.1f} : 1 on its ground", contrast=choice.contrast)
        )
    elif choice.kind == "own_ground":
        held.append(say("Logo stands on its own ground"))
    elif choice.kind == "plate":
        held.append(say("Logo {contrast:.1f} : 1 on a plate of its own", contrast=choice.contrast))
    elif not choice.is_pale:
        held.append(
            say("Logo {contrast:.1f} : 1 on its ground, space kept", contrast=choice.contrast)
        )
    accent = made.slots.get("accent") or made.source.look.get("button", "")
    label = label_on(accent) if accent else None
    if label:
        held.append(say("Button text {contrast:.1f} : 1", contrast=contrast(label, accent)))
    if html:
        weight = len(html.encode())
        if weight <= WEIGHT_LIMIT:
            held.append(
                say(
                    "{round} kB of {weight_limit} kB",
                    round=round(weight / 1024),
                    weight_limit=WEIGHT_LIMIT >> 10,
                )
            )
        has_address = bool(made.partner.address) and made.partner.address.split(",")[0] in html
        if "[[unsubscribe_url]]" in html and has_address:
            held.append(say("Unsubscribe and postal address"))
    return held
