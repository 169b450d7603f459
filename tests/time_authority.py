"""A time authority on a real socket: answers RFC 3161 with a certificate chain of its own.

The DER is written by hand, so that what asks and checks is not the one that answers.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SEEN = datetime(2026, 3, 2, 9, 0, 7, tzinfo=UTC)
SEQUENCE, SET, INTEGER, OCTETS, OID, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
WHICH_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
SHA256, ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def number(value):
    return der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytearray([first * 40 + second])
    for each in rest:
        groups = [each & 0x7F]
        while each := each >> 7:
            groups.append(0x80 | (each & 0x7F))
        out += bytes(reversed(groups))
    return der(OID, bytes(out))


def values(body):
    """The elements of a sequence's body, as (tag, whole, inner)."""
    found, at = [], 0
    while at < len(body):
        size, head = body[at + 1], 2
        if size & 0x80:
            count = size & 0x7F
            size, head = int.from_bytes(body[at + 2 : at + 2 + count], "big"), 2 + count
        end = at + head + size
        found.append((body[at], body[at:end], body[at + head : end]))
        at = end
    return found


@dataclass
class Authority:
    """Two certificates, root and signer, and what is said with them."""

    name: str
    purpose: object = ExtendedKeyUsageOID.TIME_STAMPING
    until: datetime = SEEN + timedelta(days=3650)
    at: datetime = SEEN
    asked: list = field(default_factory=list)
    answer: object = None
    """Called with (request, answer) in place of saying the answer."""

    def __post_init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        root_key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._certificate(f"{self.name} root", f"{self.name} root", root_key, root_key)
        self.signer = self._certificate(self.name, f"{self.name} root", self.key, root_key)

    def _certificate(self, subject, issuer, key, by):
        def named(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        is_root = key is by
        made = (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(SEEN - timedelta(days=30))
            .not_valid_after(self.until)
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        )
        if not is_root:
            made = made.add_extension(x509.ExtendedKeyUsage([self.purpose]), critical=True)
        return made.sign(by, hashes.SHA256())

    @property
    def pem(self):
        return self.root.public_bytes(serialization.Encoding.PEM)

    def says(self, request):
        """The answer to a request: granted, about the bytes it names."""
        ((_, _, body),) = values(request)
        _version, imprint, *others = values(body)
        nonce = [whole for tag, whole, _ in others if tag == INTEGER]
        info = der(
            SEQUENCE, number(1), oid("1.3.6.1.4.1.57264.2"), imprint[1], number(7),
            der(TIME, f"{self.at:%Y%m%d%H%M%SZ}".encode()), *nonce,
        )  # fmt: skip
        hashed = der(SEQUENCE, oid(SHA256))
        mine = der(SEQUENCE, der(OCTETS, sha256(self._der(self.signer)).digest()))
        attributes = sorted(
            [
                der(SEQUENCE, oid(CONTENT_TYPE), der(SET, oid(TST_INFO))),
                der(SEQUENCE, oid(DIGEST), der(SET, der(OCTETS, sha256(info).digest()))),
                der(SEQUENCE, oid(WHICH_CERTIFICATE), der(SET, der(SEQUENCE, der(SEQUENCE, mine)))),
            ]
        )
        signature = self.key.sign(der(SET, *attributes), ec.ECDSA(hashes.SHA256()))
        signed_by = der(
            SEQUENCE,
            number(1),
            der(SEQUENCE, self.signer.issuer.public_bytes(), number(self.signer.serial_number)),
            hashed,
            der(0xA0, *attributes),
            der(SEQUENCE, oid(ECDSA_SHA256)),
            der(OCTETS, signature),
        )
        signed = der(
            SEQUENCE,
            number(3),
            der(SET, hashed),
            der(SEQUENCE, oid(TST_INFO), der(0xA0, der(OCTETS, info))),
            der(0xA0, self._der(self.signer)),
            der(SET, signed_by),
        )
        token = der(SEQUENCE, oid(SIGNED_DATA), der(0xA0, signed))
        return der(SEQUENCE, der(SEQUENCE, number(0)), token)

    @staticmethod
    def _der(certificate):
        return certificate.public_bytes(serialization.Encoding.DER)


def refused():
    """The answer of an authority that will not."""
    return der(SEQUENCE, der(SEQUENCE, number(2)))


@cache
def known(name="Time of Test"):
    """The same authority for every test of a process: keys cost time."""
    return Authority(name)


class _Door(BaseHTTPRequestHandler):
    def do_POST(self):
        authority = self.server.authority
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        authority.asked.append((self.path, self.headers["Content-Type"], asked))
        said = authority.says(asked)
        said = authority.answer(asked, said) if authority.answer else said
        self.send_response(503 if said is None else 200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(said or b"")))
        self.end_headers()
        self.wfile.write(said or b"")

    def log_message(self, *_):
        pass


@contextmanager
def listening(authority):
    """The address at which an authority is asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.authority = authority
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
