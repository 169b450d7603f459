"""What a partner, a vendor and a recipient bring to a campaign: plain records, read from rows by
the library or from TOML by the command line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tcma.errors import Invalid

RTL_LANGUAGES = frozenset({"ar", "he", "fa", "ur"})


def is_rtl(language: str) -> bool:
    """Is it written from right to left?"""
    return language.split("-", maxsplit=1)[0] in RTL_LANGUAGES


@dataclass(frozen=True, slots=True)
class Picture:
    """An image by address; width and height in CSS pixels as it is shown, not as it is stored."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerKit:
    """The partner's side of co-branding. `logo` is for light grounds, `logo_on_dark` for dark;
    without one the name is set as text. `colours` holds `primary` and `accent` as #RRGGBB.
    """

    name: str
    legal_name: str
    address: str
    country: str
    language: str = "en"
    short_name: str = ""
    registration: str = ""
    phone: str = ""
    site: str = ""
    privacy_url: str = ""
    imprint_url: str = ""
    person: str = ""
    role: str = ""
    from_local: str = "hello"
    colours: Mapping[str, str] = field(default_factory=dict)
    logo: Picture | None = None
    logo_on_dark: Picture | None = None

    def with_logos(self, logo: Picture | None, on_dark: Picture | None) -> PartnerKit:
        """The same kit with its logos."""
        return replace(self, logo=logo, logo_on_dark=on_dark)


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorKit:
    """The vendor's side: name as it is written, logos for light and dark grounds."""

    name: str = "Corbelane"
    logo: Picture | None = None
    logo_on_dark: Picture | None = None

    def with_logos(self, logo: Picture | None, on_dark: Picture | None) -> VendorKit:
        """The same kit with its logos."""
        return replace(self, logo=logo, logo_on_dark=on_dark)


@dataclass(frozen=True, slots=True)
class Contact:
    """A recipient for previews: address and token values."""

    email: str
    tokens: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Images by name (`hero`, `hero_rtl`, `banner_1200x628`…) and font addresses by file name."""

    images: Mapping[str, Picture] = field(default_factory=dict)
    fonts: Mapping[str, str] = field(default_factory=dict)


_PARTNER_TEXTS = (
    "name", "legal_name", "address", "country", "language", "short_name", "registration", "phone",
    "site", "privacy_url", "imprint_url", "person", "role", "from_local",
)  # fmt: skip
_OTHER_NAMES = {
    "display_name": "name", "legal": "legal_name", "postal_address": "address", "reg": "registration",
    "website": "site", "privacy": "privacy_url", "imprint": "imprint_url", "sender_person": "person",
    "sender_role": "role",
}  # fmt: skip


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if key in {"partner", "sender", "contact"} and isinstance(value, dict):
            flat |= value
        else:
            flat[key] = value
    return flat


def _toml(text: str, *, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise Invalid(
            f"{name}: not TOML: {problem}.", code="kit.toml", remedy="mend it"
        ) from problem


def partner_from_toml(text: str, *, name: str = "kit.toml") -> PartnerKit:
    """A partner kit as in `brand_assets/samples/<slug>/kit.toml`; logos are added by the caller.

    Raises `Invalid` naming each missing field.
    """
    flat = _flat(_toml(text, name=name))
    found: dict[str, str] = {}
    for key, value in flat.items():
        known = _OTHER_NAMES.get(key, key)
        if known in _PARTNER_TEXTS and isinstance(value, str):
            found[known] = value
    needed = ("name", "legal_name", "address", "country")
    missing = {key: "is missing" for key in needed if not found.get(key, "").strip()}
    if missing:
        message = f"{name}: {', '.join(missing)} missing."
        raise Invalid(message, code="kit.incomplete", remedy="add them", fields=missing)
    colours = flat.get("colours") or flat.get("colors") or {}
    found["language"] = found.get("language", "en").split("-")[0]
    return PartnerKit(**found, colours={k: v for k, v in colours.items() if isinstance(v, str)})  # type: ignore[arg-type]


def contact_from_toml(text: str, *, name: str = "contact.toml") -> Contact:
    """A recipient: `email` and any tokens, at the top or under [contact] or [tokens]."""
    values = _toml(text, name=name)
    flat = _flat(values)
    tokens = {k: str(v) for k, v in flat.items() if isinstance(v, str | int) and k != "email"}
    tokens |= {k: str(v) for k, v in flat.get("tokens", {}).items()}
    email = flat.get("email")
    if not isinstance(email, str) or "@" not in email:
        raise Invalid(
            f"{name}: email missing.", code="kit.incomplete", remedy='email = "a@b.example"'
        )
    return Contact(email, tokens)
