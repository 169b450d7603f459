"""Secrets at rest: AES-256-GCM with a key derived from the installation's secret, bound to their owner."""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE = 12


def seal(secret: bytes, plain: bytes, *, purpose: bytes, bound: bytes) -> bytes:
    """Return `plain` as it may lie in the database; it opens for the same purpose and owner only."""
    nonce = secrets.token_bytes(_NONCE)
    return _VERSION + nonce + _lock(secret, purpose).encrypt(nonce, plain, bound)


def unseal(secret: bytes, sealed: bytes, *, purpose: bytes, bound: bytes) -> bytes:
    """Return what was sealed; ValueError when it was sealed with another secret, or changed."""
    nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return _lock(secret, purpose).decrypt(nonce, body, bound)
    except InvalidTag:
        raise ValueError("it does not open with this secret") from None


@lru_cache(maxsize=16)
def _lock(secret: bytes, purpose: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret))
