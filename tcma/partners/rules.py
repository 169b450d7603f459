"""What an enrolment is, and when a brand profile is complete."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from tcma.errors import Invalid
from tcma.words import say


class EnrolmentState(StrEnum):
    """A partner's standing with one vendor."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


def barred_words(state: EnrolmentState, vendor_name: str) -> str:
    """Return why a partner in this standing with a vendor may launch or publish nothing; empty when it may."""
    if state is EnrolmentState.SUSPENDED:
        return say("{vendor_name} has suspended your partnership", vendor_name=vendor_name)
    if state is EnrolmentState.ENDED:
        return say("{vendor_name} has ended your partnership", vendor_name=vendor_name)
    return ""


class Tier(StrEnum):
    """Classes of partners, lowest first."""

    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class PartnerKind(StrEnum):
    """What a partner does for a living."""

    VAR = "var"
    MSP = "msp"
    SI = "si"
    DISTRIBUTOR = "distributor"


PROFILE_FIELDS = ("name", "legal_name", "address", "person", "role", "primary")
"""The six fields without which no mail may leave."""

PROFILE_WORDS = {
    "name": say("Display name"),
    "legal_name": say("Legal name"),
    "address": say("Postal address"),
    "person": say("Who signs"),
    "role": say("Their role"),
    "primary": say("Main colour"),
    "phone": say("Phone number"),
    "logo": say("Logo"),
}


OPTIONAL_FIELDS = (
    "short_name",
    "registration",
    "phone",
    "site",
    "privacy_url",
    "imprint_url",
    "accent",
    "from_local",
    "language",
)
LONGEST_FIELD = 200
LONGEST_NAME = 48
"""Mails show at most this many characters of a name; longer ones need a short name."""

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
_PHONE = re.compile(r"\+?[0-9 ()/.-]{5,30}\Z")
_LOCAL = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,22}[a-z0-9])?\Z")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?\Z")


def checked_profile(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the known fields on one line each; Invalid with a sentence for every wrong one."""
    clean = {
        name: " ".join(fields.get(name, "").split()) for name in (*PROFILE_FIELDS, *OPTIONAL_FIELDS)
    }
    wrong: dict[str, str] = {
        name: say("{field} is missing.", field=PROFILE_WORDS[name])
        for name in missing_from_profile(clean)
    }
    for name, value in clean.items():
        said = _wrong(name, value) if value else None
        if said:
            wrong[name] = said
    if "name" not in wrong and len(clean["name"]) > LONGEST_NAME and not clean["short_name"]:
        wrong["short_name"] = say(
            "Mails show {longest_name} characters: give a shorter name too.",
            longest_name=LONGEST_NAME,
        )
    if wrong:
        raise Invalid(say("The profile is not complete."), code="profile.fields", fields=wrong)
    return {name: value for name, value in clean.items() if value}


def _wrong(name: str, value: str) -> str | None:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
        return say("This holds invisible control characters.")
    if len(value) > LONGEST_FIELD:
        return say("Use at most {longest_field} characters.", longest_field=LONGEST_FIELD)
    fits, said = _FORMS.get(name, (None, ""))
    return said if fits and not fits(value) else None


def _is_https(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme == "https" and "." in host and "@" not in parts.netloc and " " not in value


_Form = tuple[Callable[[str], object], str]
_AS_COLOUR: _Form = (_COLOUR.match, say("Write a colour as # and six digits, such as #123B7A."))
_AS_ADDRESS: _Form = (_is_https, say("Write a full address that starts with https://."))
_FORMS: dict[str, _Form] = {
    "primary": _AS_COLOUR,
    "accent": _AS_COLOUR,
    "site": _AS_ADDRESS,
    "privacy_url": _AS_ADDRESS,
    "imprint_url": _AS_ADDRESS,
    "phone": (_PHONE.match, say("Write it like +44 113 496 0142.")),
    "from_local": (
        _LOCAL.match,
        say("Use small letters, digits, dots and hyphens, such as hello."),
    ),
    "language": (_LANGUAGE.match, say("Write a language such as en or de-AT.")),
}


_LETTERS = str.maketrans({
    "æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h",
    "ŋ": "ng", "ı": "i", "ĸ": "k", "ŧ": "t", "ƒ": "f", "ɨ": "i", "ə": "e",
    # Greek and Cyrillic, as passports write them
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "iu", "я": "ia", "і": "i", "ї": "i", "є": "ie",
    "ґ": "g", "ђ": "d", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz",
})  # fmt: skip
"""Letters that no decomposition writes in Latin ones."""


def slug_of(name: str) -> str:
    """Return a name for addresses: small letters, digits and hyphens, at most 40 characters.

    Letters that have a Latin spelling keep it: `ø` is `o`, `ß` is `ss`, `Ж` is `zh`.
    """
    known = unicodedata.normalize("NFKC", name).lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", known).translate(_LETTERS)
    plain = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "partner"


def missing_from_profile(fields: Mapping[str, str]) -> list[str]:
    """Return the required fields that are empty, in the order the form asks for them."""
    return [name for name in PROFILE_FIELDS if not fields.get(name, "").strip()]


def read_certifications(stored: Mapping[str, str]) -> dict[str, date | None]:
    """Return certifications as name → last day, None without one."""
    return {name: date.fromisoformat(day) if day else None for name, day in stored.items()}


def typed_certifications(text: str) -> dict[str, str]:
    """Return what somebody typed, one a line as `Name` or `Name until 2027-03-31`, to be stored.

    Raises Invalid naming the line that cannot be read.
    """
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, until, day = line.partition(" until ")
        try:
            found[name.strip()] = date.fromisoformat(day.strip()).isoformat() if until else ""
        except ValueError:
            message = say(
                "“{line}” has no day. Write it as: {name} until 2027-03-31.",
                line=line,
                name=name.strip(),
            )
            raise Invalid(
                message, code="partners.certification", fields={"certifications": message}
            ) from None
    return found
