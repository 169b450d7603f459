"""What is printed: the campaign's words of one language, names filled, and the partner's own values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tcma.rendering.kits import PartnerKit
from tcma.rendering.print_recipe import PrintSource, Section, looked_up
from tcma.rendering.slots import effective, plain
from tcma.rendering.source import CampaignSource
from tcma.rendering.tokens import fill_text
from tcma.rendering.words import spoken

OWN = ("local_proof", "faq_extra")
"""Slots that make a piece longer than its author meant."""


def words_on(  # noqa: PLR0913 - each part is named by the caller
    source: CampaignSource,
    piece: PrintSource,
    *,
    partner: PartnerKit,
    language: str,
    slots: Mapping[str, Any],
    names: Mapping[str, str],
    page_url: str,
) -> dict[str, Any]:
    """Every text of a piece as plain text: locked ones from the version, own ones from the slots.

    Recipient tokens say their fallback. `own` names the partner's slots that take room.
    """
    words, shared = source.words[language], source.shared_words[language]
    values = effective(source.slots, slots, language=language)

    def said(text: Any) -> str:
        return fill_text(spoken(str(text), names), {})

    def at(path: str) -> str:
        return said(looked_up(words, path))

    own = {key: values[key] for key in OWN if values.get(key) and piece.layout == "datasheet"}
    sections = [_section(section, words, said) for section in piece.sections]
    if "local_proof" in own:
        text = said(plain(str(own["local_proof"])))
        after = next((n for n, s in enumerate(sections, 1) if s["kind"] == "proof"), len(sections))
        sections.insert(after, _bare("quote") | {"text": text})
    for section in sections:
        if section["kind"] == "questions":
            section["entries"] += [
                [said(part) for part in pair] for pair in own.get("faq_extra", ())
            ]
    title = at(piece.title)
    return {
        "title": title,
        "author": partner.name,
        "eyebrow": at(piece.eyebrow),
        "lead": at(piece.lead),
        "running": f"{names['partner']} · {title}",
        "sections": sections,
        "contact": _contact(shared, values, names, said, page_url),
        "legal": _legal(shared, partner, said),
        "own": sorted(own),
    }


def _bare(kind: str) -> dict[str, Any]:
    return {"kind": kind, "fresh": False, "title": "", "note": "", "head": [], "entries": []}


def _section(section: Section, words: Mapping[str, Any], said: Any) -> dict[str, Any]:
    found = _bare(section.kind) | {"fresh": section.fresh}
    for key, path in section.words.items():
        value = looked_up(words, path)
        if isinstance(value, str):
            found[key] = said(value)
        else:
            found[key] = [
                [said(part) for part in row] if isinstance(row, list) else said(row)
                for row in value
            ]
    if section.kind != "facts" or not found["head"]:  # a table has as many cells as its head
        found["entries"] = [row[:2] for row in found["entries"]]
    return found


def _contact(
    shared: Mapping[str, Any],
    values: Mapping[str, Any],
    names: Mapping[str, str],
    said: Any,
    page_url: str,
) -> dict[str, Any]:
    label = values.get("cta_label")
    title = label if isinstance(label, str) else (label or [""])[0]
    shown = page_url.partition("://")[2].removeprefix("www.")
    person, role = names["person"], names["role"]
    lines = [role, names["partner"]] if person else []
    return {
        "title": said(title),
        "price": said(values.get("price_note") or ""),
        "name": person or names["partner"],
        "lines": [line for line in lines if line],
        "phone": names["phone"],
        "scan": said(shared["print"]["scan"]),
        "url": page_url,
        "shown": shown,
        "qr_alt": said(shared["print"]["code"]) + " " + shown,
    }


def _legal(shared: Mapping[str, Any], partner: PartnerKit, said: Any) -> list[str]:
    imprint = " · ".join(filter(None, (partner.legal_name, partner.address, partner.registration)))
    lines = shared.get("legal", {})
    country = lines.get(partner.country.upper())
    return [imprint, *(said(line) for line in (lines.get("all"), country) if line)]
