"""What one address is, who may be mailed on which basis, and what a suppression stops."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from tcma.errors import Invalid
from tcma.words import say


class ContactField(StrEnum):
    """What a column of an imported file can become; `STATUS` and `CONSENT` steer, others are kept."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    COMPANY = "company"
    JOB_TITLE = "job_title"
    PHONE = "phone"
    STREET = "street"
    CITY = "city"
    REGION = "region"
    POSTCODE = "postcode"
    COUNTRY = "country"
    LANGUAGE = "language"
    WEBSITE = "website"
    TAGS = "tags"
    STATUS = "status"


UNDO_DAYS = timedelta(days=30)
"""How long an import or a merge can be undone; then what it would bring back is deleted."""
SILENCE = timedelta(seconds=60)
"""An import, or its undo, whose last portion is older has lost its worker."""


class ImportState:
    """The states of an import, as they stand in its row."""

    MAPPING, IMPORTING, DONE, REFUSED, UNDOING, UNDONE = (
        "mapping", "importing", "done", "refused", "undoing", "undone",
    )  # fmt: skip


# ── addresses ────────────────────────────────────────────────────────────────────────────────

_ROLES = """
abuse accounting accounts admin administrator billing buchhaltung careers compliance
contact einkauf enquiries finance ftp help helpdesk hello hostmaster hr info inquiries
jobs kontakt list mail mailer-daemon marketing media moderator news newsletter noc
no-reply noreply office orders postmaster press privacy purchasing recruiting root sales
security service spam subscribe support team unsubscribe usenet uucp vertrieb webmaster
www
"""
ROLE_NAMES = frozenset(_ROLES.split())
_EDGE = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u200b-\u200f\u2060\ufeff\u00ad"
_TRIM = re.compile(f"^[{_EDGE}]+|[{_EDGE}]+$")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_NAMED = re.compile(
    rf"(?P<name>(?:{_QUOTED}|[^<>\"])*)<(?P<address>(?:{_QUOTED}@)?[^<>\s]+)>", re.DOTALL
)
_ONE_NAME = re.compile(rf"(?:{_QUOTED}|[^\s.<>\"()\[\]:;@\\,]+)[ \t]*", re.DOTALL)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN = re.compile(
    rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@"
    r"(?P<domain>(?:(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})"
)
_CLOSED_ENDS = (".arpa", ".invalid", ".local", ".localhost", ".onion")
_MOST_OF_ADDRESS, _MOST_OF_LOCAL, _MOST_OF_DOMAIN = 254, 64, 253


class Address(NamedTuple):
    """One mailbox: `text` is what is written to, `key` is what two spellings share."""

    text: str
    key: str
    needs_smtputf8: bool = False

    @property
    def local(self) -> str:
        return self.text.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """The ASCII (IDNA) domain, lower case."""
        return self.key.rpartition("@")[2]

    @property
    def is_role(self) -> bool:
        """A mailbox of a function (info@, sales@): accepted, worth a note in the import report."""
        return self.key.rpartition("@")[0].partition("+")[0] in ROLE_NAMES

    def __str__(self) -> str:
        return self.text


def normal_address(text: str) -> Address:
    """One address as RFC 5321 writes it, alone or behind one name: `Ada <a@b.example>`.

    The domain becomes lower-case IDNA; the local part keeps its spelling in `text` and is folded
    in `key`. Quotes that are not needed fall away. Refused: anything around the address, address
    literals, domains without a dot, quotes around two dots in a row, an @-sign or letters outside
    ASCII; a relay that forgets such quotes would send elsewhere.
    Raises Invalid with `fields["email"]`.
    """
    if not text:
        raise _refused(say("There is no address."), code="contacts.address_missing")
    plain = _PLAIN.fullmatch(text)
    if plain and len(text) <= _MOST_OF_ADDRESS:
        local, domain = plain["local"], plain["domain"].lower()
        short = len(local) <= _MOST_OF_LOCAL and len(domain) <= _MOST_OF_DOMAIN
        if short and not domain.endswith(_CLOSED_ENDS):
            return Address(f"{local}@{domain}", f"{local.lower()}@{domain}")
    named = _NAMED.fullmatch(text)
    if named and _ONE_NAME.fullmatch(named["name"]):
        return normal_address(named["address"])
    return _unusual_address(text)


def _unusual_address(bare: str) -> Address:
    try:
        found = validate_email(
            bare,
            check_deliverability=False,
            strict=True,
            test_environment=True,
            allow_quoted_local=True,
        )
    except (EmailNotValidError, UnicodeError) as why:
        raise _refused(_fault_of(bare)) from why
    domain = found.ascii_domain or found.domain
    if "." not in domain:
        raise _refused(say("The part after the @-sign has no dot."))
    local = found.local_part
    if len(bare.rpartition("@")[0]) > _MOST_OF_LOCAL:
        raise _refused(say("The part before the @-sign is too long."))
    if bare.startswith('"') and (".." in local or "@" in local or found.smtputf8):
        raise _refused(say("No mail system gives out what stands between these quotes."))
    return Address(
        text=f"{local}@{domain.lower()}",
        key=f"{local.casefold()}@{domain.lower()}",
        needs_smtputf8=found.smtputf8,
    )


def cell_address(cell: str, *, named: bool = False) -> Address:
    """The address in a cell of a file or a typed line: edges nobody sees and `mailto:` are taken off.

    `named` says that names stand before addresses here as a rule: then any name is taken, and
    brackets without one; without it a name of several words makes the cell a mistake.
    """
    bare = bare_address(cell)
    match = _NAMED.fullmatch(bare) if named else None
    return normal_address(bare_address(match["address"]) if match else bare)


def name_before(cell: str) -> str | None:
    """The name in `Ada Lovelace <a@b.example>`, empty for `<a@b.example>`, None for a bare address."""
    match = _NAMED.fullmatch(_TRIM.sub("", cell)) if "<" in cell else None
    return one_line(match["name"]).strip('" ') if match else None


def bare_address(cell: str) -> str:
    """A cell without the edges that nobody sees and without `mailto:`."""
    if (
        cell.isascii()
        and cell[:1].isalnum()
        and cell[-1:].isalnum()
        and cell[:7].lower() != "mailto:"
    ):
        return cell
    bare = _TRIM.sub("", cell)
    bare = _INVISIBLE.sub("", bare) if "@" in bare else bare
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].partition("?")[0]
    return bare


def address_hash(secret: str | bytes, address: Address) -> bytes:
    """16 bytes that stand for the address where the address itself may not stay (HMAC-SHA256)."""
    code = _begun(secret.encode() if isinstance(secret, str) else secret).copy()
    code.update(address.key.encode())
    return code.digest()[:16]


@lru_cache(maxsize=8)
def _begun(secret: bytes) -> hmac.HMAC:
    """The code with key and purpose in it: an import needs a million, and half of one is the key."""
    return hmac.new(secret, b"address\0", hashlib.sha256)


def storable(text: str) -> str:
    """Text a database can hold: without NUL and lone surrogates, otherwise byte for byte as given."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else _HALF_CHARACTER.sub("", text)


def one_line(text: str) -> str:
    """Text for a header, subject or greeting: control and invisible characters become one space."""
    if text.isprintable() and "  " not in text and text == text.strip():
        return text
    return " ".join(
        re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+", " ", storable(text)).split()
    )


def _fault_of(text: str) -> str:
    local, sign, domain = text.rpartition("@")
    faults = (
        (not sign, say("There is no @-sign.")),
        (not local, say("There is nothing before the @-sign.")),
        (not domain, say("There is nothing after the @-sign.")),
        ("@" in local and local[:1] != '"', say("There is more than one @-sign.")),
        (any(each.isspace() for each in text), say("There is a blank in it.")),
        (
            ".." in text or "." in (local[:1], local[-1:], domain[:1], domain[-1:]),
            say("A point stands where none can stand."),
        ),
    )
    other = say("Something in it cannot stand in a mail address.")
    return next((words for wrong, words in faults if wrong), other)


def _refused(sentence: str, *, code: str = "contacts.address_invalid") -> Invalid:
    return Invalid(
        sentence,
        code=code,
        fields={"email": sentence},
        remedy=say("Correct the address in your file, or leave the person out."),
    )


# ── consent ──────────────────────────────────────────────────────────────────────────────────


class LawfulBasis(StrEnum):
    """On what ground a list may be mailed (GDPR article 6); `UNKNOWN` may not."""

    CONSENT = "consent"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CONTRACT = "contract"
    UNKNOWN = "unknown"


# ── suppression ──────────────────────────────────────────────────────────────────────────────


class SuppressionReason(IntEnum):
    """Why an address is left out; the numbers are stored."""

    UNSUBSCRIBED = 1
    COMPLAINT = 2
    HARD_BOUNCE = 3
    SOFT_BOUNCES = 4
    LEGAL = 5
    MANUAL = 6
    IMPORTED = 7
    ERASURE = 8


class StopWish(StrEnum):
    """What the reader asked for on the unsubscribe page; one-click is `BRAND`."""

    BRAND = "brand"
    TOPIC = "topic"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose mail is meant; None is any, so the empty scope is global."""

    vendor_id: UUID | None = None
    partner_id: UUID | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One stop: its scope, and whether it stops operational mail (password, claim paid) too."""

    scope: Scope
    reason: SuppressionReason
    operational: bool = False
    until: datetime | None = None


SOFT_LAUNCHES, SOFT_WINDOW, SOFT_REST = 3, timedelta(days=30), timedelta(days=30)
_GLOBAL = {SuppressionReason.HARD_BOUNCE, SuppressionReason.LEGAL, SuppressionReason.ERASURE}
_STOPS_OPERATIONAL = {
    SuppressionReason.HARD_BOUNCE,
    SuppressionReason.COMPLAINT,
    SuppressionReason.LEGAL,
}


def covers(scope: Scope, mail: Scope) -> bool:
    """Whether a stop of `scope` meets a mail sent as (vendor, partner, topic): null means any."""
    return (
        scope.vendor_id in (None, mail.vendor_id)
        and scope.partner_id in (None, mail.partner_id)
        and scope.topic in (None, mail.topic)
    )


def suppression_for(
    reason: SuppressionReason,
    mail: Scope,
    *,
    wish: StopWish = StopWish.BRAND,
    now: datetime | None = None,
) -> Suppression:
    """The stop that an event on `mail` causes.

    A dead address, a legal demand and an erasure stop everybody; a complaint stops the vendor's
    mail; an unsubscribe stops this brand by this partner unless the reader wished otherwise; soft
    bounces rest for 30 days from `now`, which is then required (ValueError).
    """
    if reason in _GLOBAL:
        scope = Scope()
    elif reason is SuppressionReason.COMPLAINT or wish is StopWish.VENDOR:
        scope = Scope(vendor_id=mail.vendor_id)
    elif wish is StopWish.TOPIC:
        scope = mail
    else:
        scope = Scope(vendor_id=mail.vendor_id, partner_id=mail.partner_id)
    until = None
    if reason is SuppressionReason.SOFT_BOUNCES:
        if now is None:
            raise ValueError("soft bounces rest from a moment on: pass now")
        until = now + SOFT_REST
    return Suppression(
        scope=scope, reason=reason, operational=reason in _STOPS_OPERATIONAL, until=until
    )


def softly_dead(bounces: Iterable[tuple[UUID, datetime]], *, now: datetime) -> bool:
    """Three different launches bounced softly within 30 days; pairs are (launch, moment)."""
    recent = {launch for launch, at in bounces if now - SOFT_WINDOW < at <= now}
    return len(recent) >= SOFT_LAUNCHES
