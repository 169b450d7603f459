"""A submission before it is a lead: its fields in normal form, what it adds to an open lead, and what
makes it look like a machine's.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from tcma.contacts.rules import one_line
from tcma.leads.countries import country_code
from tcma.senders.rules import FREE_MAIL

LONGEST_TEXT = 2_000
MOST_ANSWERS = 40
MOST_LINKS = 2
LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)
NAMED = ("first_name", "last_name", "company", "phone", "country", "postcode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A submission as it came; `external_id` makes a repeat harmless."""

    source: str
    external_id: str
    address: str
    consent_given: bool
    consent_text: str
    consent_version: str
    page_url: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    country: str = ""
    postcode: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    launch_id: UUID | None = None
    message_id: int | None = None

    def raw(self) -> dict[str, Any]:
        """Return what the person sent, each text bounded, to be kept as it came."""
        return {
            "address": self.address[:320],
            **{name: getattr(self, name)[:LONGEST_TEXT] for name in NAMED},
            "answers": {k[:80]: v[:LONGEST_TEXT] for k, v in self.answers.items()},
        }

    def digest(self) -> bytes:
        """Return the mark of what was sent and agreed to: its receipt, and the test of a repeat."""
        said = {**self.raw(), "given": self.consent_given, "text": self.consent_text}
        return hashlib.sha256(
            json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
        ).digest()

    def payload(self) -> dict[str, Any]:
        """Return the whole submission as JSON; `from_payload` gives it back."""
        return asdict(self) | {"launch_id": str(self.launch_id) if self.launch_id else None}


def from_payload(kept: Mapping[str, Any]) -> Capture:
    """Return a submission that was put aside."""
    launch_id = UUID(kept["launch_id"]) if kept["launch_id"] else None
    return Capture(**{**kept, "launch_id": launch_id})


def normal(new: Capture) -> Capture:
    """Return a submission with its fields in normal form: one line each, phone, country, postcode."""
    country = country_code(new.country)
    phone, region = normal_phone(new.phone, country)
    country = country or region
    answers = list(new.answers.items())[:MOST_ANSWERS]
    return replace(
        new,
        first_name=one_line(new.first_name)[:120],
        last_name=one_line(new.last_name)[:120],
        company=one_line(new.company)[:200],
        phone=phone,
        country=country,
        postcode=normal_postcode(new.postcode, country),
        answers={one_line(k)[:80]: v[:LONGEST_TEXT] for k, v in answers if v.strip()},
    )


def normal_phone(text: str, country: str) -> tuple[str, str]:
    """Return a number as it is dialled from abroad, and its country; as written when it is none."""
    import phonenumbers  # heavy: only who takes leads in

    written = one_line(text)[:40]
    try:
        number = phonenumbers.parse(written, country or None)
    except phonenumbers.NumberParseException:
        return written, ""
    if not phonenumbers.is_possible_number(number):
        return written, ""
    shape = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    region = phonenumbers.region_code_for_number(number) or ""
    return phonenumbers.format_number(number, shape), region


def normal_postcode(text: str, country: str) -> str:
    """Return a postcode in capitals; a British one with its space before the last three."""
    code = one_line(text)[:16].upper()
    if country == "GB" and " " not in code and 5 <= len(code) <= 7:
        return f"{code[:-3]} {code[-3:]}"
    return code


def gaps(known: Mapping[str, Any], new: Capture) -> dict[str, Any]:
    """Return what a later submission adds to an open lead: what was said first stays."""
    found: dict[str, Any] = {
        name: getattr(new, name) for name in NAMED if not known[name] and getattr(new, name)
    }
    more = {k: v for k, v in new.answers.items() if k not in known["answers"]}
    if more:
        found["answers"] = {**known["answers"], **more}
    return found


def suspicion(new: Capture, *, proved: bool = True) -> str:
    """Return why a submission looks like a machine's, else empty.

    Of what did not prove to come from a browser, one web address is too many.
    """
    for name in ("first_name", "last_name", "company", "phone", "postcode"):
        if LINK.search(getattr(new, name)):
            return f"a web address stands where the {name.replace('_', ' ')} belongs"
    links = sum(len(LINK.findall(text)) for text in new.answers.values())
    if links > MOST_LINKS:
        return f"its answers hold {links} web addresses"
    if links and not proved:
        return "it came without the small puzzle of its page, and its answers hold a web address"
    return ""


def company_of(address: str) -> str:
    """Return the domain of an address when it is its company's own, else empty."""
    domain = address.rpartition("@")[2].casefold()
    return "" if domain in FREE_MAIL else domain
