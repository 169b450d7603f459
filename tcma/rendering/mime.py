"""The finished content: a body encoded once per mailing and filled per recipient by lining up
bytes; no line of it begins with a dot. RFC 2045, 2046, 5321.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tcma.errors import Invalid
from tcma.rendering import tokens
from tcma.rendering.tokens import Context, Slot

SOFT = b"=\r\n"
_DOTS = re.compile(rb"(?m)^\.+")
_PLAIN_VALUE = re.compile(r"[ !-<>-~]{1,70}\Z")
_READY = re.compile(r"[A-Za-z0-9/][A-Za-z0-9 .,:;/?@_~+*()-]{0,69}\Z")
"""What neither a context nor the encoding changes: most names, every address of ours."""
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
class _Gap:
    """Where one and the same value stands in the row of pieces, and what stands there without."""

    slot: Slot
    places: tuple[int, ...]
    fallback: bytes | None

    def piece(self, values: Mapping[str, str], *, rtl: bool) -> bytes:
        """What stands in these places for one recipient."""
        slot = self.slot
        value = values.get(slot.name) or tokens.greeting_of(slot, values)
        piece = _encoded(value, slot.context, rtl=rtl) if value else self.fallback
        if piece is None:
            message = f"There is no value for [[{slot.name}]]."
            raise Invalid(message, code="token.missing", remedy="give the value or a fallback")
        return piece


@dataclass(frozen=True, slots=True)
class _Name:
    """All places of one name; its gaps differ in context or fallback."""

    name: str
    places: tuple[int, ...]
    gaps: tuple[_Gap, ...]


def _names(slots: Sequence[Slot], *, rtl: bool) -> Iterator[_Name]:
    gaps: dict[str, dict[Slot, list[int]]] = {}
    for number, slot in enumerate(slots):
        gaps.setdefault(slot.name, {}).setdefault(slot, []).append(2 * number + 1)
    for name, places in gaps.items():
        yield _Name(
            name,
            tuple(at for where in places.values() for at in where),
            tuple(
                _Gap(slot, tuple(where), _fallback(slot, rtl=rtl)) for slot, where in places.items()
            ),
        )


def _fallback(slot: Slot, *, rtl: bool) -> bytes | None:
    return None if slot.fallback is None else _encoded(slot.fallback, slot.context, rtl=rtl)


def _encoded(value: str, context: Context, *, rtl: bool) -> bytes:
    return quoted_value(tokens.escape(value, context, rtl=rtl))


class Artefact:
    """One mail of one launch and language, ready for every recipient.

    `fill` gives the MIME headers of the content and the multipart/alternative body; put it right
    behind `headers(...)`. `head` and `pieces` are the same in parts: nothing is copied, and what
    all recipients share is shared. `names` are the tokens and links that body and subject need,
    `sha256` names the artefact in proofs.
    """

    __slots__ = (
        "_first",
        "_literals",
        "_row",
        "_slots",
        "_subject",
        "_wanted",
        "boundary",
        "head",
        "names",
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
        head, gap, self._first = literals[0].partition(b"\r\n\r\n")
        self.head = head + gap[:2]
        self._slots = tuple(slots)
        self._row = [self._first, *(each for later in literals[1:] for each in (b"", later))]
        self._wanted = tuple(_names(slots, rtl=rtl))
        self.subject_source = subject
        self._subject = tuple(tokens.pieces(subject, Context.PLAIN))
        asked = {slot.name for slot in slots}
        self.names = frozenset(asked | {match[1] for match in tokens.found(subject)})
        self.preview = preview
        self.boundary = boundary
        self.rtl = rtl
        self.sha256 = hashlib.sha256(self.to_bytes()).hexdigest()

    def subject(self, values: Mapping[str, str]) -> str:
        """The subject for one recipient, line breaks taken out."""
        return tokens.filled(self._subject, values, rtl=self.rtl)

    @property
    def first(self) -> bytes:
        """The first piece of every body: what a signer may hash once."""
        return self._first

    def fill(self, values: Mapping[str, str]) -> bytes:
        """Content headers and body for one recipient, in one piece."""
        return b"".join((self.head, b"\r\n", *self.pieces(values)))

    def pieces(self, values: Mapping[str, str]) -> list[bytes]:
        """The body for one recipient; every second piece, from the first, is the same for all.

        An absent or empty value falls back. Raises `Invalid` when there is no fallback.
        """
        out = self._row.copy()
        for wanted in self._wanted:
            value = values.get(wanted.name)
            if value and _READY.match(value) and not self.rtl:
                piece = value.encode() + SOFT
                for at in wanted.places:
                    out[at] = piece
                continue
            for gap in wanted.gaps:
                piece = gap.piece(values, rtl=self.rtl)
                for at in gap.places:
                    out[at] = piece
        return out

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
