"""The installation's key for case files: one Ed25519 key, derived from its secret, never stored."""

import base64
import binascii
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tcma.errors import Invalid

_PURPOSE = b"tcma.case-file.1"


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    """Return the key of an installation; another secret is another key."""
    seed = HKDF(hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as PEM text, as it lies in a case file and is published."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return what two people read to each other to know that they hold the same key."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    digest = sha256(raw).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


def read_public(text: bytes) -> Ed25519PublicKey:
    """Return the key of a PEM text, or of 32 raw bytes in base64 or hex; raises Invalid."""
    try:
        if b"BEGIN" in text:
            key = serialization.load_pem_public_key(text)
            if isinstance(key, Ed25519PublicKey):
                return key
        else:
            return Ed25519PublicKey.from_public_bytes(_raw(text.strip()))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        pass
    raise Invalid(
        "This is not a public Ed25519 key.",
        code="config.key",
        remedy="Give the PEM file from /.well-known/tcma-case-key.pem of the installation.",
    )


def _raw(text: bytes) -> bytes:
    return (
        bytes.fromhex(text.decode()) if len(text) == 64 else base64.b64decode(text, validate=True)
    )


def signed_by(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is `key`'s for `message`."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True
