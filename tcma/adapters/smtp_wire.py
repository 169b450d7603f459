"""A line to an SMTP server: connect, greet, TLS, sign in, replies and timeouts. RFC 5321, 2920."""

import base64
import socket
import ssl
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qs, unquote, urlsplit

from tcma.errors import Unavailable

MOST_REPLY = 64 * 1024
PORTS = MappingProxyType({"smtp": 25, "smtps": 465, "smtp+starttls": 587})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the relay is and how long it may take, in seconds (`answer`: after the final dot)."""

    host: str
    port: int
    scheme: str
    user: str = ""
    password: str = ""
    connect: float = 5.0
    command: float = 30.0
    answer: float = 60.0


def read_target(url: str) -> Target:
    """Read TCMA_SMTP_URL: `smtp://user:password@host:25?answer=60`."""
    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    patience = {n: float(options[n]) for n in ("connect", "command", "answer") if n in options}
    return Target(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or PORTS[parts.scheme],
        scheme=parts.scheme,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        **patience,
    )


class Broken(Exception):  # noqa: N818 - a fact about the line
    """The line is cut, silent, or speaks nonsense."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: its code and the last line's words."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        """Say whether it is a yes (2xx, 3xx)."""
        return 200 <= self.code < 400


class Wire:
    """A connected, greeted and signed-in line. `features` are EHLO keywords, upper case."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.features: dict[str, str] = {}
        self._buffer = b""
        self._socket = self._connect()
        try:
            self._begin()
        except (Broken, OSError) as error:
            self.drop()
            raise Unavailable(f"The mail server at {target.host} hangs up: {error}") from error
        except Unavailable:
            self.drop()
            raise

    def write(self, data: bytes, *, patience: float | None = None) -> None:
        """Send bytes; Broken when the line is cut or takes none."""
        self._socket.settimeout(patience or self.target.command)
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise Broken(str(error)) from error

    def read(self, *, patience: float | None = None) -> Reply:
        """Return the next whole reply; Broken when none comes in time."""
        self._socket.settimeout(patience or self.target.command)
        start = 0
        while True:
            end = self._buffer.find(b"\r\n", start)
            if end >= 0:
                if self._buffer[start + 3 : start + 4] != b"-":
                    whole, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
                    return _reply(whole)
                start = end + 2
                continue
            if len(self._buffer) > MOST_REPLY:
                raise Broken("an endless reply")
            try:
                more = self._socket.recv(65536)
            except OSError as error:
                raise Broken(str(error) or "no answer in time") from error
            if not more:
                raise Broken("the line was cut")
            self._buffer += more

    def drop(self) -> None:
        """Cut the line without a word."""
        self._socket.close()

    def quit(self) -> None:
        """Say goodbye; quiet whatever happens."""
        try:
            self._socket.settimeout(1.0)
            self._socket.sendall(b"QUIT\r\n")
        except OSError:
            pass
        finally:
            self._socket.close()

    def _connect(self) -> socket.socket:
        where = self.target
        try:
            line = socket.create_connection((where.host, where.port), timeout=where.connect)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if where.scheme == "smtps":
                line = ssl.create_default_context().wrap_socket(line, server_hostname=where.host)
        except OSError as error:
            raise Unavailable(
                f"The mail server at {where.host}:{where.port} does not answer: {error}",
                code="relay.unavailable",
            ) from error
        return line

    def _begin(self) -> None:
        self._expect(self.read(), "greets")
        self._greet()
        if self.target.scheme == "smtp+starttls":
            self._start_tls()
        if self.target.user:
            self._sign_in()

    def _greet(self) -> None:
        name = socket.gethostname()
        name = name if name.isascii() and "." in name else "[127.0.0.1]"
        self.write(f"EHLO {name}\r\n".encode())
        reply = self.read()
        if reply.code in {500, 502}:
            self.write(f"HELO {name}\r\n".encode())
            reply = self.read()
        self._expect(reply, "answers the greeting")
        self.features = {}
        for line in reply.text.split("\n")[1:]:
            keyword, _, rest = line.partition(" ")
            self.features[keyword.upper()] = rest

    def _start_tls(self) -> None:
        if "STARTTLS" not in self.features:
            raise Unavailable("The mail server does not offer STARTTLS.", code="relay.no_tls")
        self.write(b"STARTTLS\r\n")
        self._expect(self.read(), "starts TLS")
        self._buffer = b""  # what came before TLS is nobody's word
        try:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=self.target.host)
        except OSError as error:
            raise Broken(str(error)) from error
        self._greet()

    def _sign_in(self) -> None:
        ways = self.features.get("AUTH", "").upper().split()
        user, password = self.target.user.encode(), self.target.password.encode()
        if "LOGIN" in ways and "PLAIN" not in ways:
            self.write(b"AUTH LOGIN\r\n")
            self._expect(self.read(), "asks for the name")
            self.write(base64.b64encode(user) + b"\r\n")
            self._expect(self.read(), "asks for the password")
            self.write(base64.b64encode(password) + b"\r\n")
        else:
            secret = base64.b64encode(b"\0" + user + b"\0" + password)
            self.write(b"AUTH PLAIN " + secret + b"\r\n")
        self._expect(self.read(), "lets us in")

    def _expect(self, reply: Reply, what: str) -> None:
        if not reply.good:
            raise Unavailable(
                f"The mail server at {self.target.host} refuses before it {what}: "
                f"{reply.code} {reply.text}",
                code="relay.refused",
            )


def _reply(whole: bytes) -> Reply:
    lines = whole.decode("utf-8", "replace").split("\r\n")
    code = lines[-1][:3]
    if not (code.isascii() and code.isdigit()):
        raise Broken(f"not SMTP: {lines[-1][:80]!r}")
    return Reply(int(code), "\n".join(line[4:] for line in lines))
