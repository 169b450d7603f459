"""A line to an SMTP server: connect, greet, TLS, sign in; then bytes out and replies in, either
waiting for them or as a selector says. RFC 5321, 2920, 3207, 4954.
"""

import base64
import contextlib
import socket
import ssl
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from tcma.errors import Unavailable

MOST_REPLY = 64 * 1024
MOST_PIECES = 512
"""How many buffers one system call takes; Linux allows 1,024."""
ROOM = 256 * 1024
"""Bytes the kernel holds for us: a whole mail leaves in one call."""
PORTS = MappingProxyType({"smtp": 25, "smtps": 465, "smtp+starttls": 587})
_CODES = (
    (socket.gaierror, "relay.name"),
    (TimeoutError, "relay.timeout"),
    (ssl.SSLCertVerificationError, "relay.certificate"),
    (ssl.SSLError, "relay.not_tls"),
    (ConnectionRefusedError, "relay.closed"),
)
_NOT_NOW = (421, 454)
"""Said to a sign-in these are about the server, not about name and password (RFC 4954, 6)."""
_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_QUICK = getattr(socket, "TCP_QUICKACK", 0)
_MORE = getattr(socket, "MSG_MORE", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the relay is and how long it may take, in seconds (`answer`: after the final dot;
    `whole`: from the first packet until we are signed in, however slowly it talks).

    `ca` names a file of certificates to trust instead of the machine's own; `at` is the address to
    connect to where a guard has judged it, empty: whatever the host's name leads to.
    """

    host: str
    port: int
    scheme: str
    user: str = ""
    password: str = ""
    connect: float = 5.0
    command: float = 30.0
    answer: float = 60.0
    whole: float = 300.0
    ca: str | None = None
    at: str = ""

    def trust(self) -> ssl.SSLContext:
        """Return what a server's certificate is checked against; the host's name is checked too."""
        return ssl.create_default_context(cafile=self.ca)


def read_target(url: str) -> Target:
    """Read TCMA_SMTP_URL: `smtp://user:password@host:25?answer=60`."""
    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    patience: dict[str, Any] = {
        n: float(options[n]) for n in ("connect", "command", "answer", "whole") if n in options
    }
    return Target(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or PORTS[parts.scheme],
        scheme=parts.scheme,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        ca=options.get("ca"),
        **patience,
    )


class Broken(Exception):  # noqa: N818 - a fact about the line
    """The line is cut, silent, or speaks nonsense."""


class Reply(NamedTuple):
    """One answer: its code and its words."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        """Say whether it is a yes (2xx, 3xx)."""
        return 200 <= self.code < 400


class Wire:
    """A connected, greeted and signed-in line. `features` are EHLO keywords, upper case.

    Until `stream()` it waits for what it asks; after it `push`, `flush` and `replies` never wait.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.features: dict[str, str] = {}
        self._buffer = b""
        self._out: deque[memoryview] = deque()
        self._until = time.monotonic() + target.whole
        self._socket = self._connect()
        try:
            self._begin()
        except (Broken, OSError) as error:
            self.drop()
            raise Unavailable(
                f"The mail server at {target.host} hangs up: {error}",
                code=_code_of(error.__cause__ or error, "relay.broken"),
            ) from error
        except Unavailable:
            self.drop()
            raise

    def fileno(self) -> int:
        """Return what a selector watches."""
        return self._socket.fileno()

    def stream(self) -> None:
        """From here on nothing waits; the kernel takes a whole mail at once."""
        self._socket.setblocking(False)
        self._tls = isinstance(self._socket, ssl.SSLSocket)
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) < ROOM:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)

    def push(self, pieces: Sequence[bytes], *, more: bool = False) -> bool:
        """Send as much as the kernel takes now, without joining the pieces; say whether all went.

        `more` says that bytes follow at once, so the last packet need not leave half full.
        """
        if not self._out and not self._tls and len(pieces) <= MOST_PIECES:
            try:
                sent = self._socket.sendmsg(pieces, (), _MORE if more else 0)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                raise Broken(str(error)) from error
            if sent == sum(map(len, pieces)):
                return True
            self._out.extend(map(memoryview, pieces))
            self._sent(sent)
        else:
            self._out.extend(map(memoryview, pieces))
        return self.flush(more=more)

    def flush(self, *, more: bool = False) -> bool:
        """Go on sending what was pushed; say whether nothing is left. Broken when it is cut."""
        try:
            while self._out:
                self._sent(self._send(_MORE if more else 0))
        except _LATER:
            return False
        except OSError as error:
            raise Broken(str(error)) from error
        return True

    def replies(self) -> Iterator[Reply]:
        """Read what has come and give every whole reply in it; Broken when the line is cut."""
        while True:
            try:
                more = self._socket.recv(65536)
            except _LATER:
                break
            except OSError as error:
                raise Broken(str(error)) from error
            if not more:
                raise Broken("the line was cut")
            self._hasten()
            self._buffer += more
            yield from self._whole()
            if len(more) < 65536 and not self._tls:
                break
        if len(self._buffer) > MOST_REPLY:
            raise Broken("an endless reply")

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

    def _hasten(self) -> None:
        """Confirm at once what came: a server that sends its replies in small packets waits for
        it with the next, and we have nothing to say in between.
        """
        if _QUICK:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)

    def _send(self, flags: int) -> int:
        if self._tls:  # one buffer, one record
            head = self._out[0]
            if len(self._out) > 1:
                head = memoryview(b"".join(self._out))
                self._out.clear()
                self._out.append(head)
            return self._socket.send(head)
        pieces = [self._out[n] for n in range(min(len(self._out), MOST_PIECES))]
        return self._socket.sendmsg(pieces, (), flags)

    def _sent(self, count: int) -> None:
        while self._out and count >= len(self._out[0]):
            count -= len(self._out.popleft())
        if count:
            self._out[0] = self._out[0][count:]

    def _whole(self) -> Iterator[Reply]:
        start = 0
        while (end := self._buffer.find(b"\r\n", start)) >= 0:
            if self._buffer[start + 3 : start + 4] == b"-":
                start = end + 2
                continue
            whole, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
            start = 0
            yield _reply(whole)

    def _say(self, line: bytes) -> Reply:
        """Say one line and wait for its answer: for the beginning, where nothing is in a hurry."""
        try:
            self._be_patient()
            self._socket.sendall(line)
            while True:
                reply = next(self._whole(), None)
                if reply is not None:
                    return reply
                if len(self._buffer) > MOST_REPLY:
                    raise Broken("an endless reply")
                self._be_patient()
                more = self._socket.recv(65536)
                if not more:
                    raise Broken("the line was cut")
                self._buffer += more
        except OSError as error:
            raise Broken(str(error) or "no answer in time") from error

    def _be_patient(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        self._socket.settimeout(min(self.target.command, left))

    def _connect(self) -> socket.socket:
        where = self.target
        try:
            at = (where.at or where.host, where.port)
            line = socket.create_connection(at, timeout=where.connect)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if where.scheme == "smtps":
                line = where.trust().wrap_socket(line, server_hostname=where.host)
        except OSError as error:
            raise Unavailable(
                f"The mail server at {where.host}:{where.port} does not answer: {error}",
                code=_code_of(error, "relay.unavailable"),
            ) from error
        return line

    def _begin(self) -> None:
        self._expect(self._say(b""), "greets")
        self._greet()
        if self.target.scheme == "smtp+starttls":
            self._start_tls()
        if self.target.user:
            self._sign_in()

    def _greet(self) -> None:
        name = socket.gethostname()
        name = name if name.isascii() and "." in name else "[127.0.0.1]"
        reply = self._say(f"EHLO {name}\r\n".encode())
        if reply.code in {500, 502}:
            reply = self._say(f"HELO {name}\r\n".encode())
        self._expect(reply, "answers the greeting")
        self.features = {}
        for line in reply.text.split("\n")[1:]:
            keyword, _, rest = line.partition(" ")
            self.features[keyword.upper()] = rest

    def _start_tls(self) -> None:
        if "STARTTLS" not in self.features:
            raise Unavailable("The mail server does not offer STARTTLS.", code="relay.no_tls")
        self._expect(self._say(b"STARTTLS\r\n"), "starts TLS")
        self._buffer = b""  # what came before TLS is nobody's word
        try:
            context = self.target.trust()
            self._socket = context.wrap_socket(self._socket, server_hostname=self.target.host)
        except OSError as error:
            raise Broken(str(error)) from error
        self._greet()

    def _sign_in(self) -> None:
        ways = self.features.get("AUTH", "").upper().split()
        user, password = self.target.user.encode(), self.target.password.encode()
        if "LOGIN" in ways and "PLAIN" not in ways:
            self._expect(self._say(b"AUTH LOGIN\r\n"), "asks for the name")
            asked = self._say(base64.b64encode(user) + b"\r\n")
            self._expect(asked, "asks for the password")
            said = self._say(base64.b64encode(password) + b"\r\n")
        else:
            secret = base64.b64encode(b"\0" + user + b"\0" + password)
            said = self._say(b"AUTH PLAIN " + secret + b"\r\n")
        self._expect(said, "lets us in", code="relay.login" if ways else "relay.no_login")

    def _expect(self, reply: Reply, what: str, *, code: str = "relay.refused") -> None:
        if not reply.good:
            raise Unavailable(
                f"The mail server at {self.target.host} refuses before it {what}: "
                f"{reply.code} {reply.text}",
                code="relay.refused" if reply.code in _NOT_NOW else code,
            )


def _code_of(error: BaseException, otherwise: str) -> str:
    """Return the code of what the network said, the same for whoever explains it to people."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), otherwise)


@lru_cache(maxsize=256)
def _reply(whole: bytes) -> Reply:
    last = whole.rpartition(b"\n")[2]
    code = last[:3]
    if not code.isdigit():
        raise Broken(f"not SMTP: {last[:80]!r}")
    if len(last) == len(whole):
        return Reply(int(code), whole[4:].decode("utf-8", "replace"))
    lines = whole.decode("utf-8", "replace").split("\r\n")
    return Reply(int(code), "\n".join(line[4:] for line in lines))
