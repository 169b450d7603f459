"""A returned mail taken apart: headers, readable part, machine fields, the mail that came back."""

import email
import email.errors
import email.header
import email.parser
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import getaddresses

MOST_TEXT = 64 * 1024
LONGEST_HEADER = 16 * 1024
MOST_LOOKS = 20_000_000
"""Each line is compared with each boundary that is open above it: about two seconds of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What a report says about one recipient; empty strings where it is silent.

    `status` is the enhanced code (RFC 3463), `reply` the SMTP reply code, `command` the SMTP
    command that was refused (CONN, EHLO, MAIL, RCPT, DATA), `words` the diagnosis itself, `around`
    what the readable part of the report says about this recipient.
    """

    recipient: str
    action: str = ""
    status: str = ""
    reply: str = ""
    command: str = ""
    words: str = ""
    around: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A mail taken apart: outer headers, the part people read, machine fields, the returned mail.

    `words` is the first readable part alone: a person's mail says the same twice, plain and as HTML.
    """

    headers: Message
    text: str
    fields: str
    original: Message | None
    feedback: dict[str, list[str]] = field(default_factory=dict)
    receipt: dict[str, list[str]] = field(default_factory=dict)
    words: str = ""

    def head(self, name: str) -> str:
        """A decoded outer header on one line."""
        return one_header(self.headers, name)


_COPY = re.compile(
    r"^[ \t]*(?:-+ ?(?:this is a copy of|original message|returned message|below this line is|"
    r"unsent message|message header|the (?:header|body|original)|included is a copy|"
    r"the attached file|forwarded message|start of (?:original|message)|transcript of message|"
    r"header of|here is (?:a copy|the)|the (?:unsent|returned) message|original mail|"
    r"(?:original )?message headers? follow|undelivered message)|"
    r"message headers? follow|original message follows|original message (?:headers?|details):?[ \t]*$|"
    r"the original message (?:headers? )?(?:follows|is included)|your message (?:follows|reads)|"
    r"(?:the )?original (?:mail|message):[ \t]*$|------ this is a copy|"
    r"content-type:[ \t]*(?:message/rfc822|text/rfc822-headers)|"
    r"received:[ \t]*(?:from|by|\(qmail)|return-path:|dkim-signature:|x-originating-ip:)",
    re.IGNORECASE | re.MULTILINE,
)
FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{2,40}):[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_LETTERS = r"A-Za-z0-9\u00c0-\u024f\u0370-\u052f"
"""Latin, Greek and Cyrillic; scripts written without blanks would swallow the words around."""
_LOCAL = rf"{_LETTERS}!#$%&'*+/=?^_`{{|}}~.\-"
ADDRESS = re.compile(
    rf"(?<![{_LOCAL}])[{_LOCAL}]{{1,128}}@[{_LETTERS}#](?:[{_LETTERS}.\-]*[{_LETTERS}])?"
)
_UNSEEN = re.compile(r"(?is)<(style|script)\b(?:(?!<(?:style|script)\b).)*?</\1>")
_SPOKEN_COMPLAINT = re.compile(r"^feedback-type:[ \t]*\w", re.IGNORECASE | re.MULTILINE)
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.:\[-])([245][0-5]\d)(?=[\s:\-<(])(?![\d.])")
NOBODY = re.compile(r"^(mailer-daemon|postmaster|noreply|no-reply|mail-daemon)@", re.IGNORECASE)


def take_apart(raw: bytes) -> Report:
    """Parses any bytes as a mail; broken MIME falls back to the raw body."""
    raw = re.sub(rb"\A(?:From |>From )[^\n]*\n", b"", raw.lstrip(b"\r\n"))
    if raw.count(b"\n") * raw.lower().count(b"boundary") > MOST_LOOKS:
        return take_apart_flat(raw)
    return report_of(email.message_from_bytes(raw, policy=email.policy.compat32))


def take_apart_flat(raw: bytes) -> Report:
    """The same without what stands inside, for a mail nested deeper than any program writes."""
    mail = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)
    del mail["Content-Type"]
    return report_of(mail)


def report_of(mail: Message) -> Report:
    """The same for a mail that is parsed already."""
    texts: list[str] = []
    machine: list[str] = []
    feedback: dict[str, list[str]] = {}
    receipt: dict[str, list[str]] = {}
    original: Message | None = None
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind == "message/feedback-report":
            feedback = feedback or _fields_of(_raw_text(part))
        elif kind in ("message/delivery-status", "message/global-delivery-status"):
            machine.append(_raw_text(part))
        elif kind == "message/disposition-notification":
            receipt = _fields_of(_raw_text(part))
        elif kind.startswith("message/") or kind == "text/rfc822-headers":
            original = original or _returned(part)
        elif kind.startswith(("text/", "multipart/")):
            text = _raw_text(part)
            texts.append(_plain(text) if kind == "text/html" else text)
    text = "\n".join(texts)
    cut = _COPY.search(text)
    if cut and cut.start() > 20:
        if original is None:
            original = _headers_below(text[cut.start() :])
        text = text[: cut.start()]
    words = next((each for each in texts if each.strip()), "")[:MOST_TEXT]
    fields = "\n\n".join(machine)[:MOST_TEXT]
    spoken = _SPOKEN_COMPLAINT.search(text)
    if spoken and not feedback:
        feedback = _fields_of(text[spoken.start() :].partition("\n\n")[0])
    return Report(mail, text[:MOST_TEXT], fields, original, feedback, receipt, words)


def reply_in(words: str) -> str:
    """The first SMTP refusal code in a text, or nothing."""
    found = [code for code in _REPLY.findall(words) if code[0] in "45"]
    return found[0] if found else ""


def status_in(words: str) -> str:
    """The first enhanced status code in a text that says more than x.0.0, else that, else nothing."""
    found = STATUS.findall(words)
    refusals = [code for code in found if code[0] in "45"] or found
    telling = (code for code in refusals if not code.endswith(".0.0"))
    return next(telling, refusals[0] if refusals else "")


def one_header(mail: Message, name: str) -> str:
    """A header as readable text on one line; encoded words decoded where possible."""
    raw = next(iter(_values(mail, name)), "")[:LONGEST_HEADER]
    try:
        parts = email.header.decode_header(raw)
        raw = "".join(
            p.decode(c or "ascii", "replace") if isinstance(p, bytes) else p for p, c in parts
        )
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return " ".join(raw.split())
    return " ".join(raw.split())


def _values(mail: Message, name: str) -> list[str]:
    """The values of a header, bytes beyond ASCII read as UTF-8 (RFC 6532), else as Latin-1."""
    found = []
    for _, value in (pair for pair in mail.raw_items() if pair[0].lower() == name.lower()):
        raw = str(value).encode("utf-8", "surrogateescape")
        try:
            found.append(raw.decode("utf-8"))
        except UnicodeDecodeError:
            found.append(raw.decode("latin-1"))
    return found


def addresses_in(text: str) -> list[str]:
    """Addresses in a text in order, each once, without those of postmasters."""
    found = (match.strip(".'") for match in ADDRESS.findall(text))
    return list(dict.fromkeys(a for a in found if not NOBODY.match(a)))


def header_addresses(mail: Message | None, *names: str) -> list[str]:
    """The bare addresses of some headers of a mail."""
    if mail is None:
        return []
    values = [value for name in names for value in _values(mail, name)]
    return [address for _, address in getaddresses(values) if "@" in address]


def _parts(mail: Message) -> Iterator[Message]:
    """Leaves in order; does not go into a returned message or a delivery status."""
    kind = mail.get_content_type()
    payload = mail.get_payload()
    if kind.startswith("multipart/") and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part)
    else:
        yield mail


def _raw_text(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n\n".join(_whole(block) for block in payload if isinstance(block, Message))
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, AssertionError):
        raw = None
    if not isinstance(raw, bytes):
        return str(payload)
    if b"\x1b$" in raw:
        return raw.decode("iso2022_jp", "replace")
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "latin-1"):
        try:
            return raw.decode(charset).replace("\r\n", "\n")
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("latin-1")


def _whole(mail: Message) -> str:
    try:
        return mail.as_bytes().decode("utf-8", "replace")
    except UnicodeEncodeError:
        return mail.as_string()  # it was parsed from text


def _plain(html: str) -> str:
    bare = _UNSEEN.sub(" ", html[: 4 * MOST_TEXT])
    return re.sub(r"<(?![^<>\s]+@)[^<>]*>", " ", bare)


def _returned(part: Message) -> Message | None:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    return email.message_from_string(_raw_text(part).lstrip())


def _headers_below(text: str) -> Message | None:
    """The headers of a mail quoted below a line such as «Original message follows»."""
    first = re.search(r"^[A-Za-z][A-Za-z-]+:[ \t]*\S.*\n(?=[A-Za-z-]+:|[ \t])", text, re.MULTILINE)
    return email.message_from_string(text[first.start() :]) if first else None


def _fields_of(text: str) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for name, value in FIELD.findall(text.replace("\r\n", "\n")):
        out.setdefault(name.lower(), []).append(" ".join(value.split()))
    return out
