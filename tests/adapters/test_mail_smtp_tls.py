"""Lines to a real server that wants TLS, from the first byte or after STARTTLS, and a password."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tcma.adapters.mail_smtp import SmtpRelay
from tcma.embedded.process import free_port
from tcma.errors import Unavailable
from tcma.ports import Outgoing, Result

USER, PASSWORD = "tcma@relay.example", "pa ss/word:@"
TEXT = b"Subject: x\r\n\r\n" + b"0123456789 the quick brown fox\r\n" * 3_000


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "relay.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


class Keeper:
    """Keeps what it is given; lets one user in."""

    def __init__(self):
        self.kept = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.kept.append((session.authenticated, envelope.original_content))
        return "250 2.0.0 kept"


def let_in(server, session, envelope, mechanism, login):
    good = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@pytest.fixture(params=["smtps", "smtp+starttls"])
def relay(request, certificate):
    """A server of that kind: (its address without a user, its keeper)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    keeper, port = Keeper(), free_port()
    implicit = request.param == "smtps"
    controller = Controller(
        keeper, hostname="127.0.0.1", port=port, ssl_context=context if implicit else None,
        authenticator=let_in, auth_required=not implicit, auth_require_tls=not implicit,
        tls_context=None if implicit else context, require_starttls=not implicit,
    )  # fmt: skip
    controller.start()
    try:
        yield f"{request.param}://{{user}}127.0.0.1:{port}?ca={quote(str(certificate))}", keeper
    finally:
        controller.stop(no_assert=True)


class Nothing:
    def begun(self, ids): ...

    def answered(self, ids): ...


def sent(url, count=3, lines=2):
    sender = SmtpRelay(url).open(lines)
    batch = [
        Outgoing(n, "a@partner.example", f"p{n}@example.org", [TEXT[:100], TEXT[100:]])
        for n in range(count)
    ]
    try:
        return [each.result for each in sender.send(batch, Nothing())]
    finally:
        sender.close()


def test_mail_goes_over_tls_to_who_knows_the_password(relay):
    url, keeper = relay
    assert sent(url.format(user=f"{quote(USER)}:{quote(PASSWORD, safe='')}@")) == [Result.SENT] * 3
    assert keeper.kept == [(True, TEXT)] * 3


def test_a_wrong_password_is_said_in_the_servers_words(relay):
    url, keeper = relay
    with pytest.raises(Unavailable, match="535") as refused:
        sent(url.format(user=f"{quote(USER)}:wrong@"))
    assert refused.value.code == "relay.login"
    assert keeper.kept == []


def test_a_certificate_nobody_vouches_for_is_refused_before_the_password(relay):
    url, keeper = relay
    with pytest.raises(Unavailable, match="certificate") as refused:
        sent(url.format(user=f"{quote(USER)}:{quote(PASSWORD, safe='')}@").partition("?")[0])
    assert refused.value.code == "relay.certificate"
    assert keeper.kept == []
