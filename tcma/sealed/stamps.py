"""Time stamps by RFC 3161: an authority says that some bytes existed at a time, checked offline.

What is stamped is the signature of a case file; it covers the manifest, which covers every file.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from cryptography import x509

from tcma.errors import Invalid

if TYPE_CHECKING:  # two megabytes in every worker, for what few installations ask
    from rfc3161_client import TimeStampResponse

STAMP, ROOTS = "timestamp.tsr", "timestamp-authority.pem"
_REASON = re.compile(r'Verify error: (?P<why>[^"]+)"')
LARGEST = 100_000
"""Octets of a stamp or of its roots; real ones have some thousands."""


class NotStamped(Exception):  # noqa: N818 - an answer, not an error
    """An answer is no stamp of these bytes; says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A checked time stamp: when the authority saw the bytes, and who it says it is."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Stamped:
    """An authority's answer as it came (DER) with the roots (PEM) it was checked against."""

    token: bytes
    roots: bytes


class TimeAuthority(Protocol):
    """Asks somebody outside for the time stamp of some bytes."""

    def stamp(self, content: bytes) -> Stamped | None:
        """Return a checked stamp, None where no authority is named; Unavailable without a good answer."""


class NoAuthority:
    """The time is what this installation says; nobody is asked."""

    def stamp(self, content: bytes) -> None:  # noqa: ARG002 - the port's own
        """Return None."""
        return


def roots_of(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM text, one at least; raises Invalid."""
    try:
        found = x509.load_pem_x509_certificates(pem) if len(pem) <= LARGEST else []
    except ValueError:
        found = []
    if not found:
        raise Invalid(
            "This is no certificate of a time authority.",
            code="config.certificate",
            remedy="Name a PEM file with the authority's root certificate.",
        )
    return found


def question(content: bytes) -> tuple[bytes, int | None]:
    """Return what an authority is asked about `content` (DER), and the number its answer repeats."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA512).build()
    return asked.as_bytes(), asked.nonce


def read(
    token: bytes, content: bytes, roots: list[x509.Certificate], *, nonce: int | None = None
) -> Stamp:
    """Return what an answer says about `content`; its certificates held at its time, up to a root.

    Raises NotStamped for an answer that is broken, refused, about other bytes, or by another.
    """
    from rfc3161_client import VerificationError, VerifierBuilder

    answer = _decoded(token)
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        builder.build().verify_message(answer, content)
    except (VerificationError, ValueError) as why:
        raise NotStamped(_plain(str(why))) from None
    at = answer.tst_info.gen_time
    return Stamp(at if at.tzinfo else at.replace(tzinfo=UTC), _signer(answer))


def _decoded(token: bytes) -> "TimeStampResponse":
    from rfc3161_client import PKIStatus, decode_timestamp_response

    if len(token) > LARGEST:
        raise NotStamped("it is too large")
    try:
        answer = decode_timestamp_response(token)
        if PKIStatus(answer.status) is not PKIStatus.GRANTED:
            said = "; ".join(answer.status_string) if answer.status_string else ""
            raise NotStamped(f"the authority refused: {said or PKIStatus(answer.status).name}")
    except ValueError:
        raise NotStamped("it cannot be read") from None
    return answer


def _plain(why: str) -> str:
    """Return OpenSSL's reason without the places in its source."""
    found = _REASON.search(why)
    return found["why"] if found else why.strip().rstrip(".")


def _signer(answer: "TimeStampResponse") -> str:
    """Return the name in the certificate that signed; the signature covers which one that is."""
    (signer,) = answer.signed_data.signer_infos
    for der in answer.signed_data.certificates:
        each = x509.load_der_x509_certificate(der)
        if each.issuer == signer.issuer and each.serial_number == signer.serial_number:
            return each.subject.rfc4514_string()
    return signer.issuer.rfc4514_string()
