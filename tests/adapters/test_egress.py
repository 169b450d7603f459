"""Egress against real servers and a real name server: only open places, pinned, in limits (X4)."""

import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tcma.adapters.dns import Dns
from tcma.adapters.egress import LARGEST, Egress, is_public
from tcma.embedded import names
from tcma.errors import Invalid, Unavailable
from tcma.ports import HttpRequest
from tests.services import ROOT

SHARED = ROOT.parent / "shared" / "data" / "attacks" / "ssrf.json"
CLOSED = (
    "127.0.0.1", "127.8.9.10", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2001:0:4136:e378::1", "2001:db8::1", "not an address",
)  # fmt: skip
OPEN = ("9.9.9.9", "93.184.215.14", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909")
NEVER = (
    "http://9.9.9.9/", "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example:80/x",
    "https://", "https:///x", "hooks.example", "https://user:word@hooks.example/",
    "https://hooks.example:22/", "https://hooks.example:6379/", "https://hooks.example:99999/",
    "https://hooks.example/a b", "https://hooks.example/\r\nHost: x", "https://[::1", "",
)  # fmt: skip
SPELLED = (
    "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/",
    "https://127.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/",
    "https://localhost/", "https://127.0.0.1./",
)  # fmt: skip


class Place(BaseHTTPRequestHandler):
    """Keeps what it was asked; answers by the path."""

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, self.headers["Host"], body))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/inner")
            self.end_headers()
        elif self.path == "/drip":
            self.drip()
        else:
            self.answer(b"x" * (LARGEST + 1) if self.path == "/large" else b"taken")

    do_POST = do_GET  # noqa: N815 - the name http.server calls

    def answer(self, said):
        self.send_response(200)
        self.send_header("X-Word", "yes")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def drip(self):
        self.send_response(200)
        self.flush_headers()
        try:
            for _ in range(500):
                self.wfile.write(b"X-Slow: 1\r\n")
                self.wfile.flush()
                self.server.over.wait(0.05)
        except OSError:
            return

    def log_message(self, *_):
        return


@contextmanager
def serving(wrap=None):
    with ThreadingHTTPServer(("127.0.0.1", 0), Place) as server:
        server.asked, server.over = [], threading.Event()
        server.handle_error = lambda *_: None
        if wrap:
            server.socket = wrap(server.socket)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def place():
    with serving() as server:
        yield server


@pytest.fixture
def inside(place):
    """An Egress that may reach the place by its name alone."""
    place.asked.clear()
    return Egress((f"hooks.test:{place.server_port}",), resolve=lambda _: ["127.0.0.1"])


def get(url, **more):
    return HttpRequest("GET", url, **more)


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_that_is_not_of_the_open_internet_is_closed(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", OPEN)
def test_an_address_of_the_open_internet_is_open(address):
    assert is_public(address)


@pytest.mark.parametrize("url", NEVER)
def test_what_could_never_be_asked_is_refused_before_its_name_is_looked_up(url):
    asked = []
    with pytest.raises(Invalid):
        Egress(resolve=asked.append).ask(get(url))
    with pytest.raises(Invalid):
        Egress().check(url)
    assert asked == []


@pytest.mark.parametrize("url", SPELLED)
def test_x4_however_this_machine_is_spelled_it_is_refused(url):
    with pytest.raises((Invalid, Unavailable)) as refused:
        Egress().ask(get(url))
    assert refused.value.code in {"egress.refused", "egress.unavailable", "egress.name"}


def test_x4_every_attack_of_the_collection_is_refused_whatever_its_scheme():
    own = [f"http://{each}/latest/meta-data/" for each in ("169.254.169.254", "192.0.0.192")]
    own += ["gopher://metadata.google.internal:80/xGET", "http://127.0.0.1:2375/containers/json"]
    more = json.loads(SHARED.read_text())["payloads"] if SHARED.exists() else []
    for url in own + more:
        secure = "https" + url.partition(":")[1] + url.partition(":")[2]
        for spelled in (url, secure.replace(":2375", "").replace("//metadata", "//127.0.0.1")):
            with pytest.raises((Invalid, Unavailable)):
                Egress(resolve=lambda host: [host]).ask(get(spelled))


def test_one_closed_address_among_several_closes_the_name():
    egress = Egress(resolve=lambda _: ["9.9.9.9", "127.0.0.1"])
    with pytest.raises(Invalid, match="not on the open internet"):
        egress.ask(get("https://hooks.example/"))


def test_x4_a_name_server_that_answers_otherwise_later_opens_nothing(place, tmp_path):
    """The name is on the open internet when it is written down, and is this machine when it is used."""
    place.asked.clear()
    zone = tmp_path / "zone.txt"
    server = names.start(zone)
    try:
        dns = Dns((server.address,))
        egress = Egress(resolve=lambda host: list(dns.ask(host, "A").values))
        zone.write_text("hooks.example A 9.9.9.9\n")
        assert is_public(egress._address("hooks.example", inside=False))
        zone.write_text("hooks.example A 127.0.0.1\n")
        with pytest.raises(Invalid, match="open internet"):
            egress.ask(get("https://hooks.example:8443/"))
        zone.write_text("other.example A 9.9.9.9\n")
        with pytest.raises(Unavailable, match="not found"):
            egress.ask(get("https://hooks.example/"))
    finally:
        server.stop()
    assert place.asked == []


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_judged(place):
    answers = iter([["127.0.0.1"]])
    port = place.server_port
    egress = Egress((f"hooks.test:{port}",), resolve=lambda _: next(answers))
    answer = egress.ask(
        HttpRequest("POST", f"http://hooks.test:{port}/in?a=1", {"X-A": "b"}, b"body")
    )
    assert (answer.status, answer.body, answer.headers["x-word"]) == (200, b"taken", "yes")
    assert place.asked[-1] == ("/in?a=1", f"hooks.test:{port}", b"body")
    assert next(answers, None) is None


def test_a_host_is_let_in_by_its_name_and_port_and_no_other(place, inside):
    with pytest.raises(Invalid):
        inside.ask(get(f"http://127.0.0.1:{place.server_port}/"))
    with pytest.raises(Invalid):
        inside.ask(get("http://hooks.test/"))
    assert place.asked == []


def test_x4_a_redirect_is_an_answer_and_is_not_followed(place, inside):
    answer = inside.ask(get(f"http://hooks.test:{place.server_port}/away"))
    assert answer.status == 302
    assert [path for path, *_ in place.asked] == ["/away"]


def test_an_answer_that_is_too_large_is_left(place, inside):
    with pytest.raises(Unavailable, match="too large"):
        inside.ask(get(f"http://hooks.test:{place.server_port}/large"))


def test_whoever_drips_is_left_when_the_whole_time_is_over(place):
    port = place.server_port
    egress = Egress((f"hooks.test:{port}",), resolve=lambda _: ["127.0.0.1"], whole_s=0.3)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="in time"):
        egress.ask(get(f"http://hooks.test:{port}/drip"))
    assert time.monotonic() - begun < 10


def test_nobody_there_is_said_in_words():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    egress = Egress((f"hooks.test:{port}",), resolve=lambda _: ["127.0.0.1"])
    with pytest.raises(Unavailable, match=r"hooks\.test cannot be asked"):
        egress.ask(get(f"http://hooks.test:{port}/"))


def a_certificate(folder, name):
    """A key and a certificate that signs itself, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_tls_is_verified_by_the_name_that_was_asked_not_by_the_address(tmp_path):
    cert, key = a_certificate(tmp_path, "hooks.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with serving(lambda line: context.wrap_socket(line, server_side=True)) as server:
        port = server.server_port
        hosts = ("hooks.test", "other.test")
        knows = Egress(hosts, resolve=lambda _: ["127.0.0.1"], authorities=cert)
        assert knows.ask(get(f"https://hooks.test:{port}/in")).body == b"taken"
        with pytest.raises(Unavailable, match="certificate"):
            knows.ask(get(f"https://other.test:{port}/in"))
        stranger = Egress(hosts, resolve=lambda _: ["127.0.0.1"])
        with pytest.raises(Unavailable, match="certificate"):
            stranger.ask(get(f"https://hooks.test:{port}/in"))
        assert [path for path, *_ in server.asked] == ["/in"]
