"""Signs mail for a sending domain: DKIM, relaxed headers and simple body, RSA-2048 or Ed25519.

The key is loaded once, a body is hashed piece by piece as it lies, and what all messages of a
mailing begin with is hashed once. RFC 6376, 8301, 8463; RFC 8058 for the one-click headers.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

RSA_BITS = 2048
OVERSIGNED = (b"from", b"to", b"subject", b"date")
"""Signed once more than they stand in the mail: nobody adds a second one on the way."""
SIGNED = (
    *OVERSIGNED, b"message-id", b"reply-to", b"mime-version", b"content-type", b"list-id",
    b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id", b"auto-submitted",
)  # fmt: skip
_BLANKS = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_PKCS1 = padding.PKCS1v15()
_SHA256 = hashes.SHA256()


class Algorithm(StrEnum):
    """Which kind of key; every receiver knows RSA, Ed25519 is ten times faster."""

    RSA = "rsa"
    ED25519 = "ed25519"


PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def new_key(algorithm: Algorithm) -> PrivateKey:
    """Make a key."""
    if algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65_537, key_size=RSA_BITS)


def key_bytes(key: PrivateKey) -> bytes:
    """Return a key for safe-keeping: DER, to be encrypted by whoever stores it."""
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def load_key(stored: bytes) -> PrivateKey:
    """Return the key that `key_bytes` wrote."""
    key = serialization.load_der_private_key(stored, password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise TypeError("neither RSA nor Ed25519")
    return key


def record(key: PrivateKey) -> str:
    """Return the text of the DNS record that lets everybody check signatures of this key."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        der = public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(public.public_bytes_raw()).decode()}"


@dataclass(frozen=True)
class DkimSigner:
    """Signs for `domain` with the key published under `selector`."""

    domain: str
    selector: str
    key: PrivateKey

    def header(self, head: bytes, body: Sequence[bytes], *, at: int) -> bytes:
        """Return the DKIM-Signature line for a message of whole CRLF lines.

        `head` is every header, each ended by CRLF; `body` lies in pieces, of which the first is
        the same for a whole mailing; it must not end in an empty line, `rendering.mime` does not.
        """
        stands = _relaxed(head)
        names = tuple([name for name in SIGNED if name in stands])
        shown, own = _frame(self.algorithm, self.domain, self.selector, names)
        when, bodys = b"%d" % at, binascii.b2a_base64(_body_hash(body), newline=False)
        lines = [name + b":" + stands[name] for name in names]
        lines.append(b"dkim-signature:" + _filled(own, when, bodys))
        coded = binascii.b2a_base64(self._sign(b"\r\n".join(lines)), newline=False)
        parts = [coded[at : at + 72] for at in range(0, len(coded), 72)]
        return _filled(shown, when, bodys) + b"\r\n ".join(parts) + b"\r\n"

    @cached_property
    def algorithm(self) -> Algorithm:
        """Which kind its key is of."""
        is_rsa = isinstance(self.key, rsa.RSAPrivateKey)
        return Algorithm.RSA if is_rsa else Algorithm.ED25519

    @cached_property
    def _sign(self) -> Callable[[bytes], bytes]:
        key = self.key
        if isinstance(key, rsa.RSAPrivateKey):
            return lambda data: key.sign(data, _PKCS1, _SHA256)
        return lambda data: key.sign(hashlib.sha256(data).digest())


Frame = tuple[bytes, bytes, bytes]
"""A signature's line without its time and the body's hash: before, between and after them."""


@lru_cache(maxsize=256)
def _frame(
    algorithm: Algorithm, domain: str, selector: str, names: tuple[bytes, ...]
) -> tuple[Frame, Frame]:
    """The line as it leaves, and its value in relaxed form: the same for all mails of a sender."""
    listed = b":".join([*names, *(name for name in OVERSIGNED if name in names)])
    folded = listed.replace(b":message-id", b":\r\n message-id").replace(
        b":list-unsubscribe:", b":\r\n list-unsubscribe:"
    )
    about = f"v=1; a={algorithm}-sha256; c=relaxed/simple; d={domain}; s={selector};"
    before, between, after = about.encode() + b"\r\n t=", b"; h=" + folded, b";\r\n b="
    between += b";\r\n bh="
    relaxed = [_BLANKS.sub(b" ", _FOLD.sub(b"", each)) for each in (before, between, after)]
    return (b"DKIM-Signature: " + before, between, after), (relaxed[0], relaxed[1], relaxed[2])


def _filled(frame: Frame, when: bytes, bodys: bytes) -> bytes:
    return frame[0] + when + frame[1] + bodys + frame[2]


def _relaxed(head: bytes) -> dict[bytes, bytes]:
    """The headers by lower-case name, unfolded, blanks collapsed (RFC 6376, 3.4.2)."""
    found = {}
    for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t").split(b"\r\n"):
        name, _, value = line.partition(b":")
        if b"  " in value or b"\t" in value:
            value = _BLANKS.sub(b" ", value)
        found[name.rstrip(b" \t").lower()] = value.strip(b" ")
    return found


def _body_hash(body: Sequence[bytes]) -> bytes:
    if len(body) < 2:
        return hashlib.sha256(body[0] if body else b"\r\n").digest()
    hashed = _begun(body[0]).copy()
    for piece in body[1:]:
        hashed.update(piece)
    return hashed.digest()


@lru_cache(maxsize=256)
def _begun(first: bytes) -> "hashlib._Hash":
    return hashlib.sha256(first)
