"""The finished message: a body encoded once per mailing and filled per recipient by joining bytes;
headers that refuse line breaks. RFC 5322, 2045 to 2047, 2369, 8058.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from tcma.errors import Invalid
from tcma.rendering import tokens
from tcma.rendering.tokens import Context, Slot

SOFT = b"=\r\n"
LINE = 76
_DOTS = re.compile(rb"(?m)^\.+")
_PLAIN_VALUE = re.compile(r"[ !-<>-~]{1,70}\Z")
_BREAK = re.compile(r"[\r\n\x00]")
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+\Z")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+\Z")
_KINDS: Mapping[str, Context] = {context.value: context for context in Context}


def quoted(text: str) -> bytes:
    """A piece of quoted-printable that starts on a fresh line, ends with a soft break, holds lines
    of at most 76 characters and no line that begins with a dot.
    """
    if not text:
        return b""
    raw = text.replace("\r\n", "\n").encode()
    coded = binascii.b2a_qp(raw, istext=True)
    return _DOTS.sub(_undotted, coded).replace(b"\n", b"\r\n") + SOFT


def _undotted(match: re.Match[bytes]) -> bytes:
    return (b"=2E" * 20 + b"=\n") * (len(match[0]) // 20) + (
        b"=2E" * (len(match[0]) % 20) + b"=\n" if len(match[0]) % 20 else b""
    )


def quoted_value(text: str) -> bytes:
    """The same for a recipient's value: short plain values skip the encoder."""
    if _PLAIN_VALUE.match(text) and text[0] != ".":
        return text.encode() + SOFT
    return quoted(text)


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    context: Context
    fallback: bytes | None


class Artefact:
    """One mail of one launch and language, ready for every recipient.

    `fill` gives the MIME headers of the content and the multipart/alternative body; put it right
    behind `headers(...)`. `sha256` names the artefact in proofs.
    """

    __slots__ = (
        "_literals",
        "_places",
        "_slots",
        "boundary",
        "preview",
        "rtl",
        "sha256",
        "subject_source",
    )

    def __init__(  # noqa: PLR0913 - each part is named by the caller
        self,
        *,
        literals: list[bytes],
        slots: list[Slot],
        subject: str,
        preview: str,
        boundary: str,
        rtl: bool,
    ) -> None:
        if len(literals) != len(slots) + 1:
            message = "An artefact needs one literal more than it has slots."
            raise Invalid(message, code="artefact.broken")
        self._literals = tuple(literals)
        self._slots = tuple(slots)
        self._places = tuple(
            _Place(
                slot.name,
                slot.context,
                None
                if slot.fallback is None
                else quoted_value(tokens.escape(slot.fallback, slot.context, rtl=rtl)),
            )
            for slot in slots
        )
        self.subject_source = subject
        self.preview = preview
        self.boundary = boundary
        self.rtl = rtl
        self.sha256 = hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def names(self) -> frozenset[str]:
        """Every token and link the body or the subject needs."""
        subject = {match[1] for match in tokens.found(self.subject_source)}
        return frozenset(place.name for place in self._places) | subject

    def subject(self, values: Mapping[str, str]) -> str:
        """The subject for one recipient, line breaks taken out."""
        return tokens.fill_text(self.subject_source, values, rtl=self.rtl)

    def fill(self, values: Mapping[str, str]) -> bytes:
        """Content headers and body for one recipient.

        An absent or empty value falls back. Raises `Invalid` when there is no fallback.
        """
        literals, rtl = self._literals, self.rtl
        done: dict[tuple[str, Context], bytes] = {}
        out = [literals[0]]
        for slot, place, literal in zip(self._slots, self._places, literals[1:], strict=True):
            value = values.get(place.name) or tokens.greeting_of(slot, values)
            if value:
                key = (place.name, place.context)
                piece = done.get(key)
                if piece is None:
                    piece = quoted_value(tokens.escape(value, place.context, rtl=rtl))
                    done[key] = piece
                out.append(piece)
            elif place.fallback is not None:
                out.append(place.fallback)
            else:
                message = f"There is no value for [[{place.name}]]."
                raise Invalid(message, code="token.missing", remedy="give the value or a fallback")
            out.append(literal)
        return b"".join(out)

    def to_bytes(self) -> bytes:
        """JSON for the file store; equal artefacts give equal bytes."""
        record = {
            "format": 1,
            "subject": self.subject_source,
            "preview": self.preview,
            "boundary": self.boundary,
            "rtl": self.rtl,
            "literals": [literal.decode("ascii") for literal in self._literals],
            "slots": [[slot.name, slot.context.value, slot.fallback] for slot in self._slots],
        }
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Artefact:
        """What `to_bytes` wrote. Raises `Invalid` for anything else."""
        try:
            record = json.loads(data)
            return cls(
                literals=[literal.encode("ascii") for literal in record["literals"]],
                slots=[Slot(n, _KINDS[c], f) for n, c, f in record["slots"]],
                subject=record["subject"],
                preview=record["preview"],
                boundary=record["boundary"],
                rtl=record["rtl"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            message = "The stored mail cannot be read."
            raise Invalid(message, code="artefact.broken", remedy="compile it again") from problem


def build(*, subject: str, preview: str, html: str, text: str, rtl: bool) -> Artefact:
    """An artefact from a compiled mail's parts, tokens still in place.

    Raises `Invalid` for an unknown token or one without value and fallback.
    """
    for part, where in ((subject, "subject"), (preview, "preview"), (html, "mail"), (text, "text")):
        tokens.check(part, where=where)
    boundary = "=_" + hashlib.sha256((subject + text + html).encode()).hexdigest()[:24]
    head = (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    ).encode()
    part = (
        "--{b}\r\nContent-Type: text/{t}; charset=utf-8\r\nContent-Transfer-Encoding: {e}\r\n\r\n"
    )
    literals: list[bytes] = []
    slots: list[Slot] = []
    pending = head
    for kind, content, context in (("plain", text, Context.PLAIN), ("html", html, Context.HTML)):
        pending += part.format(b=boundary, t=kind, e="quoted-printable").encode()
        for piece in tokens.pieces(content, context):
            if isinstance(piece, Slot):
                literals.append(pending)
                slots.append(piece)
                pending = b""
            else:
                pending += quoted(piece)
        pending += b"\r\n"
    literals.append(pending + f"--{boundary}--\r\n".encode())
    return Artefact(
        literals=literals, slots=slots, subject=subject, preview=preview, boundary=boundary, rtl=rtl
    )


def _one_line(name: str, value: str) -> str:
    if _BREAK.search(value):
        message = f"{name} must not hold a line break."
        raise Invalid(message, code="header.line_break", remedy="remove it", fields={name: message})
    return value


def encoded(text: str, *, used: int) -> str:
    """Header text by RFC 2047 and folded; `used` is the room the header's name takes."""
    if text.isascii() and len(text) + used <= LINE + 2:
        return text
    if text.isascii():
        return _folded(text, used)
    words: list[str] = []
    room = LINE - used
    chunk = ""
    for character in text:
        length = len(base64.b64encode((chunk + character).encode())) + 12
        if chunk and length > min(room, 75):
            words.append(_word(chunk))
            chunk, room = "", LINE - 1
        chunk += character
    words.append(_word(chunk))
    return "\r\n ".join(words)


def _word(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _folded(text: str, used: int) -> str:
    lines, line = [], ""
    room = LINE - used
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, LINE - 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


@lru_cache(maxsize=512)
def mailbox(name: str, address: str, header: str = "From") -> str:
    """A display name and address for a header.

    Raises `Invalid` for line breaks and for an address with anything else around it.
    """
    _one_line(header, name)
    if not _ADDRESS.match(_one_line(header, address)) or not address.isascii():
        message = f"“{address}” is not an address."
        raise Invalid(message, code="header.address", fields={header: message})
    name = " ".join(name.split())
    if not name:
        return address
    if not name.isascii():
        shown = encoded(name, used=len(header) + 2)
    elif _ATEXT.match(name):
        shown = name
    else:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    last = shown.rsplit("\n", 1)[-1]
    joint = "\r\n " if len(last) + len(address) + 3 + len(header) + 2 > LINE else " "
    return f"{shown}{joint}<{address}>"


def headers(  # noqa: PLR0913 - each part is named by the caller
    *,
    from_name: str,
    from_address: str,
    to_address: str,
    subject: str,
    date: datetime,
    message_id: str,
    to_name: str = "",
    reply_to: str = "",
    unsubscribe_url: str = "",
    unsubscribe_mailto: str = "",
    list_id: str = "",
    feedback_id: str = "",
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """The message's own headers, each ended by CRLF; `Artefact.fill` follows directly.

    `message_id` without angle brackets. With `unsubscribe_url` the one-click headers of RFC 8058
    are set. Raises `Invalid` when any value holds a line break or an address is none.
    """
    lines = [
        f"From: {mailbox(from_name, from_address)}",
        f"To: {mailbox(to_name, to_address, 'To')}",
        f"Subject: {encoded(_one_line('Subject', subject), used=9)}",
        f"Date: {format_datetime(date)}",
        f"Message-ID: <{_bare('Message-ID', message_id)}>",
    ]
    if reply_to:
        lines.append(f"Reply-To: {mailbox('', reply_to, 'Reply-To')}")
    lines += _ways_out(unsubscribe_url, unsubscribe_mailto)
    if list_id:
        lines.append(f"List-Id: <{_bare('List-Id', list_id)}>")
    if feedback_id:
        lines.append(f"Feedback-ID: {_bare('Feedback-ID', feedback_id)}")
    for name, value in (extra or {}).items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", name):
            message = f"“{name}” is not a header name."
            raise Invalid(message, code="header.name")
        lines.append(f"{name}: {encoded(_one_line(name, value), used=len(name) + 2)}")
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _ways_out(url: str, mailto: str) -> list[str]:
    """RFC 2369 and, for an address of the web, RFC 8058."""
    ways = []
    if url:
        if not url.startswith(("https://", "http://")):
            message = "The one-click address must be http(s)."
            raise Invalid(message, code="header.unsubscribe")
        ways.append(f"<{_bare('List-Unsubscribe', url)}>")
    if mailto:
        ways.append(f"<mailto:{_bare('List-Unsubscribe', mailto)}>")
    lines = ["List-Unsubscribe: " + ",\r\n ".join(ways)] if ways else []
    return [*lines, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if url else lines


def _bare(name: str, value: str) -> str:
    if not value.isascii() or re.search(r"[\s<>\x00-\x1f]", value):
        message = f"{name} must be plain characters without spaces, brackets or line breaks."
        raise Invalid(message, code="header.line_break", fields={name: message})
    return value
