"""What ad networks say, read: whose call it is, which leads it tells of, which field is which of ours.

Meta and LinkedIn tell a number, the answers are asked for; any other program sends them along.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tcma.errors import Invalid
from tcma.leads.intake import NAMED

MOST_EVENTS = 200
LONGEST_NUMBER = 200
OURS = ("email", "full_name", *NAMED)


class Network(StrEnum):
    """Who calls."""

    META = "meta"
    LINKEDIN = "linkedin"
    OTHER = "other"


NETWORK_WORDS = {
    Network.META: "Meta (Facebook and Instagram)",
    Network.LINKEDIN: "LinkedIn",
    Network.OTHER: "Another program, signed",
}
SIGNED_BY = {
    Network.META: "X-Hub-Signature-256",
    Network.LINKEDIN: "X-LI-Signature",
    Network.OTHER: "X-Hub-Signature-256",
}
"""The header that carries the signature."""
KNOWN: Mapping[str, str] = {
    "email": "email", "work_email": "email", "email_address": "email",
    "first_name": "first_name", "last_name": "last_name", "full_name": "full_name",
    "company": "company", "company_name": "company",
    "phone": "phone", "phone_number": "phone", "work_phone_number": "phone",
    "country": "country", "postcode": "postcode", "post_code": "postcode",
    "zip": "postcode", "zip_code": "postcode", "postal_code": "postcode",
}  # fmt: skip
"""Fields by the names that networks give them, in small letters."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A form that somebody sent: answers by the network's names, and whether every box was ticked."""

    answers: Mapping[str, str]
    agreed: bool = True


def signature_of(network: Network, secret: str, body: bytes) -> str:
    """Return what the header must say: HMAC-SHA256 in hex, marked as each network marks it."""
    marked = b"hmacsha256=" + body if network is Network.LINKEDIN else body
    digest = hmac.new(secret.encode(), marked, hashlib.sha256).hexdigest()
    return digest if network is Network.LINKEDIN else f"sha256={digest}"


def is_signed(network: Network, secret: str, body: bytes, header: str) -> bool:
    """Say whether a call is the network's own."""
    right = signature_of(network, secret, body)
    return hmac.compare_digest(right.encode(), header.strip().lower().encode())


def challenge_of(secret: str, code: str) -> str:
    """Return LinkedIn's proof that an address is ours."""
    return hmac.new(secret.encode(), code.encode(), hashlib.sha256).hexdigest()


def document_of(body: bytes) -> Mapping[str, Any]:
    """Return a JSON object; Invalid for anything else."""
    try:
        read = json.loads(body)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise Invalid("The body is no JSON object.", code="ads.body")
    return read


def numbers_of(network: Network, told: Mapping[str, Any]) -> list[str]:
    """Return the leads a call tells of, each once; what is about something else is left out."""
    found = _of_meta(told) if network is Network.META else _of_linkedin(told)
    plain = map(_kept, found)
    return list(dict.fromkeys(n for n in plain if 0 < len(n) <= LONGEST_NUMBER))[:MOST_EVENTS]


def _of_meta(told: Mapping[str, Any]) -> Iterator[str]:
    for entry in _each(told.get("entry")):
        for change in _each(entry.get("changes")):
            value = change.get("value")
            if change.get("field") == "leadgen" and isinstance(value, dict):
                yield str(value.get("leadgen_id", ""))


def _of_linkedin(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("leadAction", "CREATED") == "CREATED":
        yield str(told.get("leadGenFormResponse", "")).rpartition(":")[2]


def _each(rows: Any) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def answered_by_meta(told: Mapping[str, Any]) -> Answered:
    """Return what a lead of Meta's says."""
    answers = {
        str(row.get("name", "")): ", ".join(str(v) for v in row.get("values") or ())
        for row in _each(told.get("field_data"))
    }
    boxes = _each(told.get("custom_disclaimer_responses"))
    return Answered(answers, all(str(b.get("is_checked")) in {"1", "True", "true"} for b in boxes))


def answered_by_linkedin(told: Mapping[str, Any]) -> Answered:
    """Return what a form response of LinkedIn's says; the names stand with its questions."""
    content = (told.get("form") or {}).get("content") or {}
    names = {
        row.get("questionId"): str(row.get("predefinedField") or row.get("name") or "")
        for row in _each(content.get("questions"))
    }
    response = told.get("formResponse") or {}
    answers = {}
    for row in _each(response.get("answers")):
        details = row.get("answerDetails") or {}
        text = (details.get("textQuestionAnswer") or {}).get("answer")
        if text is None:
            options = (details.get("multipleChoiceAnswer") or {}).get("options") or ()
            text = ", ".join(str(option) for option in options)
        answers[names.get(row.get("questionId")) or f"Question {row.get('questionId')}"] = str(text)
    boxes = _each(response.get("consentResponses"))
    return Answered(answers, all(box.get("accepted") is True for box in boxes))


def answered_by_other(told: Mapping[str, Any]) -> tuple[str, Answered]:
    """Return number and answers of a program's own call; Invalid names what is missing."""
    fields, number = told.get("fields"), told.get("id")
    named = _kept(str(number)).strip() if isinstance(number, str | int) else ""
    wrong = {}
    if not 0 < len(named) <= LONGEST_NUMBER:
        wrong["id"] = "This is needed, as text."
    if not isinstance(fields, dict):
        wrong["fields"] = 'Send {"email": "…", …}.'
    if wrong:
        raise Invalid("Some fields are wrong.", code="ads.fields", fields=wrong)
    answers = {str(k): str(v) for k, v in dict(fields or {}).items() if isinstance(v, str | int)}
    return named, Answered(answers, told.get("consent") is True)


def mapped(own: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, Any]:
    """Return our fields, and the rest as answers; a source's own names come before those we know."""
    found: dict[str, Any] = {}
    rest: dict[str, str] = {}
    for name, said in ((_kept(k), _kept(v)) for k, v in answers.items()):
        plain = name.strip().casefold()
        ours = own.get(plain) or KNOWN.get(plain.replace(" ", "_").replace("-", "_"))
        if ours is None:
            rest[name.strip()] = said
        elif not found.get(ours):
            found[ours] = said
    whole = str(found.pop("full_name", "")).strip()
    if whole and not found.get("last_name"):
        first, _, last = whole.rpartition(" ")
        found["first_name"] = found.get("first_name") or first or last
        found["last_name"] = last if first else ""
    return {"address": found.pop("email", ""), "answers": rest, **found}


def _kept(text: str) -> str:
    """Return a text without the signs that no column holds: U+0000 and halves of a pair."""
    return text.replace("\0", "").encode(errors="ignore").decode()


def fields_read(text: str) -> dict[str, str]:
    """Return which of ours each of their fields is, of lines `theirs = ours`; Invalid with the line."""
    found = {}
    for line in filter(None, (each.strip() for each in text.splitlines())):
        theirs, equals, ours = (part.strip() for part in line.partition("="))
        if not equals or not theirs or ours not in OURS:
            message = f"“{line}”: write their name = one of {', '.join(OURS)}."
            raise Invalid(message, code="ads.mapping", fields={"fields": message})
        found[theirs.casefold()] = ours
    return found
