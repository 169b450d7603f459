"""Private keys at rest: sealed with a key derived from the installation's secret, opened once per
process.
"""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tcma.errors import Unavailable
from tcma.senders.dkim import DkimSigner, PrivateKey, key_bytes, load_key

_PURPOSE = b"tcma.dkim-key.1"
_VERSION = b"\x01"
_NONCE = 12


def seal(secret: bytes, key: PrivateKey, *, domain: str, selector: str) -> bytes:
    """Return a private key as it may lie in the database: AES-256-GCM, bound to its selector."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = _lock(secret).encrypt(nonce, key_bytes(key), _bound(domain, selector))
    return _VERSION + nonce + sealed


def unseal(secret: bytes, sealed: bytes, *, domain: str, selector: str) -> PrivateKey:
    """Return the key; Unavailable when it was sealed with another secret, or changed."""
    nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return load_key(_lock(secret).decrypt(nonce, body, _bound(domain, selector)))
    except (InvalidTag, ValueError) as error:
        raise Unavailable(
            f"The key {selector} of {domain} does not open with this TCMA_SECRET.",
            code="sender.key",
            remedy="Put the old secret back, or make new keys on the domain’s page.",
        ) from error


@lru_cache(maxsize=1024)
def signer(secret: bytes, sealed: bytes, *, domain: str, selector: str) -> DkimSigner:
    """Return the signer of a sealed key; opened and parsed once per process."""
    return DkimSigner(domain, selector, unseal(secret, sealed, domain=domain, selector=selector))


@lru_cache(maxsize=8)
def _lock(secret: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret))


def _bound(domain: str, selector: str) -> bytes:
    return f"{selector}._domainkey.{domain}".encode()
