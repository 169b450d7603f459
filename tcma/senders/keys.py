"""Private keys at rest: sealed with a key derived from the installation's secret, opened once per
process.
"""

from functools import lru_cache

from tcma import vault
from tcma.errors import Unavailable
from tcma.senders.dkim import DkimSigner, PrivateKey, key_bytes, load_key
from tcma.words import say

_PURPOSE = b"tcma.dkim-key.1"


def seal(secret: bytes, key: PrivateKey, *, domain: str, selector: str) -> bytes:
    """Return a private key as it may lie in the database, bound to its selector."""
    bound = _bound(domain, selector)
    return vault.seal(secret, key_bytes(key), purpose=_PURPOSE, bound=bound)


def unseal(secret: bytes, sealed: bytes, *, domain: str, selector: str) -> PrivateKey:
    """Return the key; Unavailable when it was sealed with another secret, or changed."""
    bound = _bound(domain, selector)
    try:
        return load_key(vault.unseal(secret, sealed, purpose=_PURPOSE, bound=bound))
    except ValueError as error:
        raise Unavailable(
            say(
                "The key {selector} of {domain} does not open with this TCMA_SECRET.",
                selector=selector,
                domain=domain,
            ),
            code="sender.key",
            remedy=say("Put the old secret back, or make new keys on the domain’s page."),
        ) from error


@lru_cache(maxsize=1024)
def signer(secret: bytes, sealed: bytes, *, domain: str, selector: str) -> DkimSigner:
    """Return the signer of a sealed key; opened and parsed once per process."""
    return DkimSigner(domain, selector, unseal(secret, sealed, domain=domain, selector=selector))


def _bound(domain: str, selector: str) -> bytes:
    return f"{selector}._domainkey.{domain}".encode()
