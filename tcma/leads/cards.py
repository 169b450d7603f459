"""What a scanner reads from a badge or a business card: vCard or MECARD text as the fields of a form."""

import re

from tcma.leads.countries import country_code

FIELDS = ("first_name", "last_name", "email", "company", "phone", "postcode", "country")
LONGEST = 4_000
_FOLDED = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\([\\;,:nN\"])")


def read_card(text: str) -> dict[str, str]:
    """Return the fields a card tells, empty ones left out; nothing for what is no card."""
    text = text.strip()[:LONGEST]
    if text.upper().startswith("MECARD:"):
        pairs = [_pair(part) for part in re.split(r"(?<!\\);", text[len("MECARD:") :])]
        return _fields(pairs, "MECARD")
    if "BEGIN:VCARD" in text.upper():
        return _fields([_pair(line) for line in _FOLDED.sub("", text).splitlines()], "VCARD")
    return {}


def _pair(line: str) -> tuple[str, str]:
    """Return a property's name, without group and parameters, and its value."""
    name, _, value = line.partition(":")
    return name.split(";")[0].rpartition(".")[2].strip().upper(), value.strip()


def _fields(pairs: list[tuple[str, str]], form: str) -> dict[str, str]:
    first: dict[str, str] = {}
    for name, value in pairs:
        if value:
            first.setdefault(name, value)
    found = {
        "email": _plain(first.get("EMAIL", "")).removeprefix("mailto:"),
        "company": _parts(first.get("ORG", ""), ";")[0],
        "phone": _plain(first.get("TEL", "")).removeprefix("tel:"),
    }
    names = _parts(first.get("N", ""), "," if form == "MECARD" else ";")
    found["last_name"], found["first_name"] = names[0], names[1] if len(names) > 1 else ""
    if not names[0]:
        found["first_name"], _, found["last_name"] = _plain(first.get("FN", "")).rpartition(" ")
    address = _parts(first.get("ADR", ""), "," if form == "MECARD" else ";")
    found["postcode"] = address[5] if len(address) > 5 else ""
    found["country"] = address[6] if len(address) > 6 and country_code(address[6]) else ""
    return {name: found[name] for name in FIELDS if found[name]}


def _parts(value: str, sign: str) -> list[str]:
    return [_plain(part) for part in re.split(rf"(?<!\\){sign}", value)]


def _plain(value: str) -> str:
    said = _ESCAPED.sub(lambda m: " " if m[1] in "nN" else m[1], value)
    return " ".join(said.split())
