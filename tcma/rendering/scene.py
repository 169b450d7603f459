"""Everything an author's template may use: partner, vendor, words, slots, pictures, direction."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from babel.dates import format_date

from tcma.rendering import colour, outlines
from tcma.rendering.kits import PartnerKit, Picture, Pictures, VendorKit, is_rtl
from tcma.rendering.sandbox import trusted
from tcma.rendering.slots import SlotType, clean_rich, effective
from tcma.rendering.source import CampaignSource
from tcma.rendering.tokens import DATA_TOKENS, TOKEN, inert
from tcma.rendering.words import marked, prepared, safe_tree

FALLBACK_STACK = "'Segoe UI', Helvetica, Arial, sans-serif"
_RANGES = {
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,"
    "U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
    "latin-ext": "U+0100-0130,U+0132-0151,U+0154-02BA,U+1E00-1E9F,U+1EF2-1EFF,U+2C60-2C7F",
    "arabic": "U+0600-06FF,U+0750-077F,U+0870-08FF,U+200C-200E,U+2010-2011,U+204F,U+FB50-FDFF,"
    "U+FE70-FEFC",
}
_WEB = re.compile(r"https?://[^\s\"'<>\[\]]+\Z", re.IGNORECASE)
_FAMILIES = {"geologica": "Geologica", "commissioner": "Commissioner", "readex-pro": "Readex Pro"}


def scene(  # noqa: PLR0913 - each part is named by the caller
    source: CampaignSource,
    *,
    partner: PartnerKit,
    vendor: VendorKit,
    language: str,
    slots: Mapping[str, Any],
    pictures: Pictures,
    page_url: str,
    basis: str,
    about: tuple[str, ...],
    outline: bool = False,
) -> dict[str, Any]:
    """The context of one template; `about` names the table of words it is given as `c`.

    With `outline` the partner's own texts carry marks that `outlines.drawn` turns into frames.
    """
    rtl = is_rtl(language)
    shared = source.shared_words[language]
    values = effective(source.slots, slots, language=language)
    names = _names(source, partner, vendor, values)
    within = shared["common"]["reply_within"]
    names["reply_within"] = within[min(int(values.get("reply_days") or 1), len(within)) - 1]
    own: Any = source.words[language]
    for step in about:
        own = own.get(step, {})
    own = {k: v for k, v in own.items() if k != "slots"}
    dark = source.look.get("dark") == "yes"
    return {
        "c": prepared(own, names),
        "t": prepared(shared.get("common", {}), names),
        "f": prepared(shared.get("form", {}), names),
        "why": marked(str(shared["basis"][basis]), names),
        "legal": _legal(shared, partner, names),
        "partner": _partner(partner, dark=dark) | (_signed(source, partner) if outline else {}),
        "vendor": {
            "name": vendor.name,
            "logo": _shown(vendor.logo_on_dark if dark else vendor.logo),
        },
        "slots": _slot_values(
            source, values, names, pictures=pictures, language=language, outline=outline
        ),
        "names": MappingProxyType(names),
        "look": _look(source.look, values.get("accent")),
        "images": {name: _shown(picture) for name, picture in pictures.images.items()},
        "hero": _shown(_hero(pictures, values.get("hero_art"), rtl=rtl)),
        "looks": _looks(source, values),
        "fonts": _fonts(pictures.fonts, language),
        "lang": language,
        "dir": "rtl" if rtl else "ltr",
        "start": "right" if rtl else "left",
        "end": "left" if rtl else "right",
        "rtl": rtl,
        "dark": dark,
        "slug": source.slug,
        "page_url": page_url,
    }


def _names(
    source: CampaignSource, partner: PartnerKit, vendor: VendorKit, values: Mapping[str, Any]
) -> dict[str, str]:
    shown = (
        partner.name if len(partner.name) <= 48 or not partner.short_name else partner.short_name
    )
    names = {
        "partner": shown,
        "legal_name": partner.legal_name,
        "address": partner.address,
        "phone": str(values.get("urgent_phone") or partner.phone),
        "vendor": vendor.name,
        "person": str(values.get("sender_person") or partner.person),
        "role": str(values.get("sender_role") or partner.role),
        "product": source.product,
        "privacy_url": partner.privacy_url,
        "imprint_url": partner.imprint_url,
    }
    return names | {k: str(v) for k, v in values.items() if isinstance(v, str | int)}


def _partner(kit: PartnerKit, *, dark: bool) -> dict[str, Any]:
    fields = {f.name: getattr(kit, f.name) for f in dataclasses.fields(kit)}
    out = {k: inert(v) for k, v in fields.items() if isinstance(v, str)}
    for key in ("site", "privacy_url", "imprint_url"):
        out[key] = out[key] if _WEB.match(out[key]) else ""
    shown = kit.name if len(kit.name) <= 48 or not kit.short_name else kit.short_name
    out["name"] = inert(shown)
    return out | {"logo": _shown((kit.logo_on_dark or kit.logo) if dark else kit.logo)}


def _signed(source: CampaignSource, kit: PartnerKit) -> dict[str, str]:
    """Who signs by the profile, as the slot that would name somebody else."""
    own = {"person": ("sender_person", kit.person), "role": ("sender_role", kit.role)}
    slots = {slot.key: slot for slot in source.slots}
    return {
        field: outlines.marked(slots[key], inert(value))
        for field, (key, value) in own.items()
        if key in slots
    }


def _shown(picture: Picture | None) -> dict[str, Any] | None:
    if picture is None:
        return None
    return {"url": picture.url, "width": picture.width, "height": picture.height}


def _hero(pictures: Pictures, chosen: Any, *, rtl: bool) -> Picture | None:
    """The art of the head; a slot `hero_art` may choose another of the approved set."""
    images = pictures.images
    name = chosen if isinstance(chosen, str) and chosen in images else "hero"
    return (images.get(f"{name}_rtl") if rtl else None) or images.get(name)


def _looks(source: CampaignSource, values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Style, size and position of each slot that has a choice of them."""
    found: dict[str, dict[str, str]] = {}
    for slot in source.slots:
        if slot.aspect:
            found.setdefault(slot.of, {})[slot.aspect] = str(values.get(slot.key))
    return found


def _legal(shared: Mapping[str, Any], partner: PartnerKit, names: Mapping[str, str]) -> list[Any]:
    lines = shared.get("legal", {})
    chosen = [lines.get("all"), lines.get(partner.country.upper())]
    return [marked(str(line), names) for line in chosen if line]


def _slot_values(  # noqa: PLR0913 - what a value is shown with
    source: CampaignSource,
    values: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    pictures: Pictures,
    language: str,
    outline: bool,
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for slot in source.slots:
        value = values.get(slot.key)
        own = partial(outlines.marked, slot) if outline else str
        if slot.aspect:
            continue
        if slot.type is SlotType.IMAGE:
            out[slot.key] = _shown(pictures.images.get(str(value)))
        elif slot.type is SlotType.ADDRESS and isinstance(value, str):
            lines = (own(html.escape(inert(line))) for line in value.split("\n"))
            out[slot.key] = trusted("<br>".join(lines))
        elif slot.type is SlotType.DATE and isinstance(value, str):
            day = format_date(date.fromisoformat(value), "long", locale=language)
            out[slot.key] = trusted(own(html.escape(day)))
        elif isinstance(value, str) and slot.type is SlotType.RICH_TEXT:
            shown = _known_tokens(clean_rich(str(marked_rich(value, names))))
            out[slot.key] = trusted(own(shown))
        elif isinstance(value, str) and slot.type is SlotType.TEXT:
            out[slot.key] = trusted(own(_known_tokens(str(marked(value, names)))))
        elif isinstance(value, str) and slot.type is SlotType.CHOICE:
            out[slot.key] = own(safe_tree(value))
        else:
            out[slot.key] = (
                outlines.marked_list(slot, safe_tree(value)) if outline else safe_tree(value)
            )
    return out


def marked_rich(value: str, names: Mapping[str, str]) -> str:
    """A rich text with the names of its braces filled; bold by `**` as in words."""
    filled = value
    for name in ("partner", "vendor", "product"):
        filled = filled.replace("{" + name + "}", html.escape(names[name]))
    parts = filled.split("**")
    if len(parts) % 2 == 1:
        filled = "".join(f"<strong>{p}</strong>" if n % 2 else p for n, p in enumerate(parts))
    return filled


def _known_tokens(text: str) -> str:
    """Only real data tokens, with their fallback, stay tokens in what a partner wrote."""
    out: list[str] = []
    end = 0
    for match in TOKEN.finditer(text):
        if match[1] in DATA_TOKENS and match[2] is not None:
            out += [inert(text[end : match.start()]), match[0]]
            end = match.end()
    return "".join([*out, inert(text[end:])])


def _look(look: Mapping[str, str], accent: Any) -> dict[str, str]:
    out = dict(look)
    if isinstance(accent, str) and colour.HEX.match(accent):
        label = colour.label_on(accent)
        if label:
            out |= {"button": accent, "label": label}
    return out


def _fonts(fonts: Mapping[str, str], language: str) -> dict[str, Any]:
    """Font stacks and @font-face rules for the addresses given; none given, none linked."""
    faces: list[str] = []
    for file, url in sorted(fonts.items()):
        for package, family in _FAMILIES.items():
            rest = file.removeprefix(f"{package}-").removesuffix("-normal.woff2")
            subset, _, weight = rest.rpartition("-")
            wanted = is_rtl(language) == (package == "readex-pro")
            if not file.startswith(package) or subset not in _RANGES or not wanted:
                continue
            faces.append(
                f"@font-face{{font-family:'{family}';font-style:normal;font-weight:{weight};"
                f"font-display:swap;mso-font-alt:'Segoe UI';src:url('{url}') format('woff2');"
                f"unicode-range:{_RANGES[subset]}}}"
            )
    if is_rtl(language):
        stack = "'Readex Pro', 'Segoe UI', Tahoma, Arial, sans-serif"
        text = display = stack
    else:
        text, display = f"Commissioner, {FALLBACK_STACK}", f"Geologica, {FALLBACK_STACK}"
    return {"text": trusted(text), "display": trusted(display), "css": trusted("".join(faces))}
