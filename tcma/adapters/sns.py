"""Amazon SNS as it calls us: whose notice it is, whether Amazon signed it, and the answer to its
question whether we want notices at all.
"""

import base64
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from tcma.adapters.egress import Egress
from tcma.errors import Invalid, NotFound, Unavailable
from tcma.ports import HttpRequest, Web

LARGEST = 300_000  # octets; SNS sends 256 kB at most
AMAZON = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\Z")
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
"""What a signature covers, in this order; what is not there is left out."""
HASHES: dict[str, type[HashAlgorithm]] = {"1": SHA1, "2": SHA256}
"""By SignatureVersion; Amazon still signs with SHA-1 where a topic does not ask for 2."""


@dataclass(frozen=True, slots=True)
class SnsTopics:
    """The topics whose notices are ours; none others are read, so nobody can subscribe us."""

    arns: frozenset[str] = frozenset()
    web: Web = field(default_factory=Egress)
    _keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, raw: bytes) -> tuple[str, bytes] | None:
        """Return number and text of a notice; None when it was a question, which is answered.

        Raises NotFound for another topic, Invalid for what Amazon did not sign, Unavailable when
        its key cannot be had: SNS then tries again.
        """
        document = self._document(raw)
        if document.get("TopicArn") not in self.arns:
            raise NotFound
        self._verify(document)
        if document["Type"] == "Notification":
            return str(document["MessageId"]), str(document["Message"]).encode()
        self._get(_of_amazon(document.get("SubscribeURL")))
        return None

    def _get(self, url: str) -> bytes:
        answer = self.web.ask(HttpRequest("GET", url))
        if answer.status != 200:
            raise Unavailable(f"Amazon answered {answer.status}.", code="sns.away")
        return answer.body

    def _document(self, raw: bytes) -> Mapping[str, Any]:
        try:
            document = json.loads(raw) if len(raw) <= LARGEST else None
        except ValueError:
            document = None
        if not isinstance(document, dict) or document.get("Type") not in SIGNED:
            raise NotFound
        return document

    def _verify(self, document: Mapping[str, Any]) -> None:
        named = [name for name in SIGNED[document["Type"]] if document.get(name) is not None]
        text = "".join(f"{name}\n{document[name]}\n" for name in named).encode()
        method = HASHES.get(str(document.get("SignatureVersion")))
        if method is None:
            raise Invalid("Amazon does not sign like this.", code="sns.forged")
        key = self._key(_of_amazon(document.get("SigningCertURL")))
        try:
            signature = base64.b64decode(str(document.get("Signature")), validate=True)
            key.verify(signature, text, PKCS1v15(), method())
        except (InvalidSignature, ValueError):
            raise Invalid("Amazon did not sign this.", code="sns.forged") from None

    def _key(self, url: str) -> RSAPublicKey:
        with self._lock:
            if url in self._keys:
                return self._keys[url]
        try:
            from cryptography.x509 import load_pem_x509_certificate  # heavy: for SNS alone

            key = load_pem_x509_certificate(self._get(url)).public_key()
        except ValueError:
            key = None
        if not isinstance(key, RSAPublicKey):
            raise Invalid("This is no certificate of Amazon's.", code="sns.forged")
        with self._lock:
            self._keys[url] = key
        return key


def _of_amazon(url: object) -> str:
    """Return an address when it is one of SNS itself; Invalid for any other."""
    parts = urlsplit(str(url))
    plain = parts.scheme == "https" and not parts.username and parts.port in (None, 443)
    if not plain or not AMAZON.match(parts.hostname or ""):
        raise Invalid("This address is not Amazon's.", code="sns.forged")
    return str(url)
