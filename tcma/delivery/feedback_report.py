"""What a returned mail says: recipients, status, reply and words, from a DSN or from plain text."""

import email
import email.errors
import email.header
import email.policy
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import Message
from email.utils import getaddresses

MOST_TEXT = 64 * 1024
MOST_RECIPIENTS = 200
LONGEST_HEADER = 16 * 1024


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
    r"message headers? follow|original message follows|original message headers?:?[ \t]*$|"
    r"the original message (?:headers? )?(?:follows|is included)|your message (?:follows|reads)|"
    r"(?:the )?original (?:mail|message):[ \t]*$|------ this is a copy|"
    r"content-type:[ \t]*(?:message/rfc822|text/rfc822-headers)|"
    r"received:[ \t]*(?:from|by|\(qmail)|return-path:|dkim-signature:|x-originating-ip:)",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{2,40}):[ \t]*(.*(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_NEW_RECIPIENT = {"final-recipient", "original-recipient", "x-actual-recipient"}
_LETTERS = r"A-Za-z0-9\u00c0-\u024f\u0370-\u052f"
"""Latin, Greek and Cyrillic; scripts written without blanks would swallow the words around."""
_LOCAL = rf"{_LETTERS}!#$%&'*+/=?^_`{{|}}~.\-"
_ADDRESS = re.compile(
    rf"(?<![{_LOCAL}])[{_LOCAL}]{{1,128}}@[{_LETTERS}#](?:[{_LETTERS}.\-]*[{_LETTERS}])?"
)
_UNSEEN = re.compile(r"(?is)<(style|script)\b(?:(?!<(?:style|script)\b).)*?</\1>")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
_SPOKEN_COMPLAINT = re.compile(r"^feedback-type:[ \t]*\w", re.IGNORECASE | re.MULTILINE)
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.:\[-])([245][0-5]\d)(?=[\s:\-<(])(?![\d.])")
_NOBODY = re.compile(r"^(mailer-daemon|postmaster|noreply|no-reply|mail-daemon)@", re.IGNORECASE)
_COMMANDS = {
    "DATA": r"end of data|after data|final data|to data command|data command|transfer of mail text|"
    r"after transfer|>>> ?(?:data|\.)\s|command\s+data\b|after end|message text|[\[(]data[\])]",
    "RCPT": r"rcpt[ _]to|rcpt command|>>> ?rcpt|after rcpt|smtp:rcpt|\brcpt\b",
    "MAIL": r"mail from:?|>>> ?mail|after mail|sender address rejected",
    "EHLO": r"\behlo\b|\bhelo\b",
    "CONN": r"initial connection|initial server greeting|connect to|connection (?:refused|timed)",
}
_COMMAND = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in _COMMANDS.items())


def take_apart(raw: bytes) -> Report:
    """Parses any bytes as a mail; broken MIME falls back to the raw body."""
    raw = re.sub(rb"\A(?:From |>From )[^\n]*\n", b"", raw.lstrip(b"\r\n"))
    mail = email.message_from_bytes(raw, policy=email.policy.compat32)
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


def facts(report: Report) -> list[Fact]:
    """One fact per recipient named by machine fields, headers or text, in that order of trust."""
    told = [fact for fact in _from_fields(report) if fact.recipient]
    failed = header_addresses(report.headers, "X-Failed-Recipients")
    if len(told) == len(failed) == 1 and "@" not in told[0].recipient:
        told = [replace(told[0], recipient=failed[0])]  # Exim names the file it wrote to
    if told:
        return _once([_completed(fact, report, alone=len(told) == 1) for fact in told])
    return _once(_from_text(report))


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
    found = (match.strip(".'") for match in _ADDRESS.findall(text))
    return list(dict.fromkeys(a for a in found if not _NOBODY.match(a)))


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
        blocks = [block.as_bytes() for block in payload if isinstance(block, Message)]
        return "\n\n".join(block.decode("utf-8", "replace") for block in blocks)
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
    for name, value in _FIELD.findall(text.replace("\r\n", "\n")):
        out.setdefault(name.lower(), []).append(" ".join(value.split()))
    return out


def _from_fields(report: Report) -> list[Fact]:
    source = report.fields or (report.text if "final-recipient:" in report.text.lower() else "")
    blocks: list[dict[str, str]] = []
    for chunk in re.split(r"\n[ \t]*\n", source.replace("\r\n", "\n")):
        block: dict[str, str] = {}
        for raw_name, value in _FIELD.findall(chunk):
            name = raw_name.lower()
            if name in _NEW_RECIPIENT and name in block:
                blocks.append(block)
                block = {}
            block.setdefault(name, " ".join(value.split()))
        blocks.append(block)
    return [_fact(block) for block in blocks if _NEW_RECIPIENT & block.keys()]


def _fact(block: dict[str, str]) -> Fact:
    names = [block.get(name, "") for name in ("final-recipient", "original-recipient",
                                              "x-actual-recipient")]  # fmt: skip
    told = [a for name in names for a in addresses_in(_typed(name))]
    recipient = next((a for a in told if "." in a.rpartition("@")[2]), next(iter(told), ""))
    words = _typed(block.get("diagnostic-code", ""))
    status = status_in(block.get("status", ""))
    return Fact(
        recipient=recipient or next((_typed(n) for n in names if n), ""),
        action=block.get("action", "").lower().split(" ")[0],
        status=_better(status, status_in(words)),
        reply=reply_in(words + " "),
        command=_command(words),
        words=f"{words} {block.get('status', '')}".strip(),
        around=block.get("x-powermta-bouncecategory", ""),
    )


def _typed(value: str) -> str:
    kind, sep, rest = value.partition(";")
    bare = (rest if sep and re.fullmatch(r"[\w-]{1,20}", kind.strip()) else value).strip(" <>'\"")
    return _ESCAPED.sub(_unescaped, bare) if kind.strip().lower() == "utf-8" else bare


def _unescaped(code: re.Match[str]) -> str:
    """A character that RFC 6533 writes as an escaped number."""
    number = int(code[1], 16)
    return chr(number) if number <= sys.maxunicode and not 0xD800 <= number < 0xE000 else code[0]


def _better(told: str, found: str) -> str:
    """The code of the diagnostic when the field only says «failed somehow»."""
    vague = not told or told.split(".")[1] == "0"
    return found if found and vague else told


def _completed(fact: Fact, report: Report, *, alone: bool) -> Fact:
    """Adds what the readable part says about this recipient."""
    near = report.text if alone else _segment(report.text, fact.recipient)
    return replace(
        fact,
        command=fact.command or _command(near),
        reply=fact.reply or reply_in(near),
        around=f"{fact.around}\n{near}",
    )


def _segment(text: str, recipient: str) -> str:
    place = text.lower().find(recipient.lower())
    if place < 0:
        return ""
    after = [m.start() for m in _ADDRESS.finditer(text, place + len(recipient))
             if m.group().lower() != recipient.lower() and not _NOBODY.match(m.group())]  # fmt: skip
    return text[place : after[0] if after else place + 600]


def _from_text(report: Report) -> list[Fact]:
    text = report.text
    failed = [a for v in report.headers.get_all("X-Failed-Recipients", []) for a in addresses_in(v)]
    told = header_addresses(report.headers, "To", "From", "Return-Path", "Delivered-To")
    sender = header_addresses(report.original, "From", "Sender", "Return-Path")
    sent_to = header_addresses(report.original, "To", "Cc", "X-Original-To", "Delivered-To")
    own = {address.lower() for address in (*told, *sender)}
    targets = {address.lower() for address in sent_to}
    told_of = re.sub(
        r"(?i)(?:contact|send (?:e-?)?mail to|write to)[ \t]*<?[^\s<>]+@[^\s<>]+>?", " ", text
    )
    named = [
        a
        for a in addresses_in(told_of)[:MOST_RECIPIENTS]
        if a.lower() not in own and not _is_id(text, a)
    ]
    marked = [a for a in named if _is_marked(text, a)]
    both = [a for a in named if a.lower() in targets]
    rest = [*named, *addresses_in(report.head("Subject")), *sent_to]
    other = [a for a in rest if a.lower() not in own]
    if failed and marked and not set(failed) & set(named):
        failed = marked  # the header names whom the report's own text does not
    spoken = re.findall(r"(?im)^[ \t]*In:[ \t]+RCPT[ ]+TO:<([^<>\s]+@[^<>\s]+)>", text)
    recipients = failed or spoken or marked or both or (other or sent_to)[:1]
    several = len(recipients) > 1
    out = []
    for recipient in recipients:
        words = (_segment(text, recipient) if several else text) or text
        out.append(Fact(recipient=recipient, status=status_in(words), reply=reply_in(words),
                        command=_command(words), words=words))  # fmt: skip
    return out


def _is_id(text: str, address: str) -> bool:
    return bool(re.search(rf"(?:message-id|\\bid)[: ]+<?{re.escape(address)}", text, re.IGNORECASE))


def _is_marked(text: str, address: str) -> bool:
    """Stands alone or first on its line, as the failing address of most reports does."""
    return bool(re.search(
        rf"^[ \t>*]*(?:To:?|(?:Intended )?Recipients?:|unable to deliver to:?|(?:Unknown|Bad) user:)?[ \t]*[<\"']?{re.escape(address)}[>\"']?"
        r"(?:[ \t]*[:;.(\[]|[ \t]*$|[ \t]+on \d|\.\.\.|[ \t]{2,}|[ \t]+[A-Z])",
        text, re.IGNORECASE | re.MULTILINE,
    ))  # fmt: skip


def _command(words: str) -> str:
    return next((name for name, pattern in _COMMAND if pattern.search(words)), "")


def _once(found: list[Fact]) -> list[Fact]:
    seen: dict[str, Fact] = {}
    for fact in found:
        seen.setdefault(fact.recipient.lower(), fact)
    return list(seen.values())
