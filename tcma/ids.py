"""Ids: ordered UUIDs for rows, signed tokens for links, references for people."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from tcma.errors import NotFound

TokenWriter = Callable[[int, int, int], str]
"""(message number, slot, mailing number or 0) → the token of a mailed link."""
_LINK = struct.Struct(">BQH")
_CLICK = struct.Struct(">BQHI")
_SHAPES = {b"\x01": _LINK, b"\x02": _CLICK}
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def new_id() -> UUID:
    """Return a UUIDv7: ordered by time, safe to show."""
    return uuid7()


def random_token(size: int = 24) -> str:
    """Return an unguessable URL-safe token of `size` random bytes."""
    return secrets.token_urlsafe(size)


def token_hash(token: str) -> bytes:
    """Return what is stored of a bearer token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()


def _b64(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise NotFound from None
    if _b64(raw) != text:  # bits that nobody reads: a token has one spelling
        raise NotFound
    return raw


@lru_cache(maxsize=64)
def _keyed(secret: bytes, purpose: str) -> tuple[Any, Any]:
    """Both hashes of HMAC-SHA-256 (RFC 2104) with the purpose's key in them.

    A mail needs eight codes: deriving a key costs more than all, `hmac` twice what its hashes do.
    """
    key = hashlib.sha256(b"tcma.link|" + purpose.encode() + b"|" + secret).digest().ljust(64, b"\0")
    inner, outer = (hashlib.sha256(bytes(each ^ pad for each in key)) for pad in (0x36, 0x5C))
    return inner, outer


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs what leaves the house; the purpose is inside the MAC, so kinds never mix."""

    secret: bytes

    def _mac(self, purpose: str, body: bytes) -> bytes:
        inner, outer = _keyed(self.secret, purpose)
        text, mac = inner.copy(), outer.copy()
        text.update(body)
        mac.update(text.digest())
        return bytes(mac.digest()[:16])

    def sign(self, purpose: str, payload: str, *, expires_at: datetime | None = None) -> str:
        """Return a token that carries `payload` for `purpose` until `expires_at`."""
        until = int(expires_at.timestamp()) if expires_at else 0
        body = struct.pack(">Q", until) + payload.encode()
        return f"{_b64(body)}.{_b64(self._mac(purpose, body))}"

    def read(self, purpose: str, token: str, now: datetime) -> str:
        """Return the payload; NotFound when forged, of another purpose, or expired."""
        head, _, mac = token.partition(".")
        body = _unb64(head)
        if len(body) < 8 or not hmac.compare_digest(_unb64(mac), self._mac(purpose, body)):
            raise NotFound
        until = struct.unpack(">Q", body[:8])[0]
        if until and now.timestamp() > until:
            raise NotFound("This link is no longer valid.", code="link.expired")
        return body[8:].decode()

    def tag(self, purpose: str, text: str) -> str:
        """Return twelve hexadecimal digits that only this installation can write beside `text`: for
        names that lose their capitals on the way.
        """
        return self._mac(purpose, text.encode()).hex()[:12]

    def expiry(self, token: str) -> datetime | None:
        """Return the end date written in a token, unchecked; None when it has none."""
        until = struct.unpack(">Q", _unb64(token.partition(".")[0])[:8])[0]
        return datetime.fromtimestamp(until, UTC) if until else None

    def message_token(
        self, purpose: str, message_id: int, slot: int = 0, mailing_id: int = 0
    ) -> str:
        """Return the short token of a mailed link: version, message, slot, the mailing where the
        link must be answered without a database, 128-bit MAC.
        """
        return self.token_writer(purpose)(message_id, slot, mailing_id)

    def token_writer(self, purpose: str) -> TokenWriter:
        """Return `message_token` of one purpose, for whoever writes thousands."""
        inner, outer = _keyed(self.secret, purpose)
        short, long = _LINK.pack, _CLICK.pack

        def written(message_id: int, slot: int, mailing_id: int) -> str:
            body = (
                long(2, message_id, slot, mailing_id) if mailing_id else short(1, message_id, slot)
            )
            text, mac = inner.copy(), outer.copy()
            text.update(body)
            mac.update(text.digest())
            return _b64(body + mac.digest()[:16])

        return written

    def read_message_token(self, purpose: str, token: str) -> tuple[int, int, int]:
        """Return (message id, slot, mailing id or 0); NotFound for anything forged or of another
        purpose.
        """
        raw = _unb64(token)
        body, mac = raw[:-16], raw[-16:]
        shape = _SHAPES.get(body[:1])
        if (
            shape is None
            or len(body) != shape.size
            or not hmac.compare_digest(mac, self._mac(purpose, body))
        ):
            raise NotFound
        _, message_id, slot, *mailing = shape.unpack(body)
        return message_id, slot, mailing[0] if mailing else 0

    def public_number(self, kind: str, number: int) -> str:
        """Return an opaque public name of a row number (no volume leak), 13 characters or so."""
        return _b64(self._permute(kind, number, (0, 1, 2, 3)).to_bytes(8, "big"))

    def read_public_number(self, kind: str, name: str) -> int:
        """Return the row number behind a public name; NotFound when malformed."""
        raw = _unb64(name)
        if len(raw) != 8:
            raise NotFound
        return self._permute(kind, int.from_bytes(raw, "big"), (3, 2, 1, 0))

    def _permute(self, kind: str, number: int, rounds: tuple[int, ...]) -> int:
        # A four-round Feistel network on 2 x 32 bits; running the rounds backwards inverts it.
        left, right = number >> 32, number & 0xFFFFFFFF
        for turn in rounds:
            body = struct.pack(">BI", turn, right)
            left, right = right, left ^ int.from_bytes(self._mac("number|" + kind, body)[:4], "big")
        return right << 32 | left
