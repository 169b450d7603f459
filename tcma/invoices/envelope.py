"""Signed envelopes (CMS and PKCS#7 SignedData, `.p7m`): takes out what was signed, as it is.

DER and BER, as octets or in base64, one in another, as Italian law allows them for e-invoices (CNIPA 45/2009,
article 21). Whether the signature holds is not asked: a person compares the paper.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from tcma.invoices.record import Refused

_SIGNED = bytes.fromhex("06092a864886f70d010702")
"""The object identifier of SignedData, with tag and length."""
_HEAD = 600
"""Octets in which the identifier stands, in base64 too."""
_SEQUENCE, _GIVEN, _OCTETS, _OCTETS_IN_PARTS = 0x30, 0xA0, 0x04, 0x24
_ENDS = b"\0\0"
_ARMOUR = re.compile(rb"-----[A-Z0-9 ]+-----")


def is_signed(content: bytes) -> bool:
    """Say whether a file begins as a signed envelope."""
    return _SIGNED in _octets_of(content[:_HEAD])[:60]


def taken_out(content: bytes) -> bytes:
    """Return what an envelope holds; raises Refused for one that is broken, or signs what is elsewhere."""
    data = _octets_of(content)
    try:
        _, signed = _children(data, 0, _SEQUENCE)
        _, _, held, *_ = _children(data, next(_children(data, signed, _GIVEN)), _SEQUENCE)
        _, given = _children(data, held, _SEQUENCE)
        return _joined(data, next(_children(data, given, _GIVEN)))
    except (ValueError, IndexError, StopIteration, RecursionError):
        raise Refused(
            "The signed file (.p7m) is broken, or what it signs is not in it. Upload the invoice itself."
        ) from None


def _octets_of(content: bytes) -> bytes:
    if content[:1] == bytes([_SEQUENCE]):
        return content
    text = b"".join(_ARMOUR.sub(b"", content).split())
    try:
        return base64.b64decode(text[: len(text) // 4 * 4], validate=True)
    except binascii.Error:
        return b""


def _children(data: bytes, at: int, tag: int) -> Iterator[int]:
    """Yield where each part of the node at `at` begins; raises ValueError for a node of another tag."""
    found, at, length = _head(data, at)
    if found != tag:
        raise ValueError
    end = len(data) if length is None else at + length
    while at < end and (length is not None or data[at : at + 2] != _ENDS):
        yield at
        at = _after(data, at)


def _head(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Return a node's tag, where its content begins and how long it is; None says that two zeros end it."""
    tag, size = data[at], data[at + 1]
    at += 2
    if size < 0x80:
        return tag, at, size
    size &= 0x7F
    if not size:
        return tag, at, None
    if size > 4 or tag & 0x1F == 0x1F:
        raise ValueError
    return tag, at + size, int.from_bytes(data[at : at + size])


def _after(data: bytes, at: int) -> int:
    _, at, length = _head(data, at)
    if length is not None:
        if at + length > len(data):
            raise ValueError
        return at + length
    while data[at : at + 2] != _ENDS:
        at = _after(data, at)
    return at + 2


def _joined(data: bytes, at: int) -> bytes:
    tag, start, _ = _head(data, at)
    if tag == _OCTETS:
        return data[start : _after(data, at)]
    return b"".join(_joined(data, each) for each in _children(data, at, _OCTETS_IN_PARTS))
