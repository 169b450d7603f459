"""The only way out by HTTP: to public addresses, over verified TLS, with limits of size and time;
and the judge of mail servers that people name (`mail_server`).

A name is resolved once; every address it has is judged, and the connection is made to an address
that was judged, so a name server that answers otherwise a moment later changes nothing. No redirect
is followed: where it leads is the sender's word, and a 3xx is an answer like any other.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from tcma.errors import Invalid, Unavailable
from tcma.ports import HttpAnswer, HttpRequest

PORTS = frozenset({443, 8443})
SMTP_PORTS = frozenset({25, 465, 587, 2465, 2525, 2587})
CONNECT_S = 5.0
WHOLE_S = 15.0
"""From the first packet to the last octet, however slowly the other side talks."""
LARGEST = 1_048_576
LONGEST_URL = 2_000
Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Sequence[str]]

_CLOSED = tuple(
    ip_network(each)
    for each in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "240.0.0.0/4", "64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "fec0::/10",
    )
)  # fmt: skip
"""Closed whatever the interpreter's own tables say, which changed between its versions."""
_NAT64 = IPv6Network("64:ff9b::/96")


def of_the_system(host: str) -> list[str]:
    """Return every address of a name as the machine resolves it."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(text: str) -> bool:
    """Say whether an address is one of the open internet, also behind its IPv6 disguises."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(address.packed[-4:])
        if inner is not None:
            return is_public(str(inner))
        if address.teredo is not None:
            return False
    closed = any(address in net for net in _CLOSED if net.version == address.version)
    return address.is_global and not address.is_multicast and not closed


@dataclass(frozen=True, slots=True)
class Egress:
    """Asks other hosts. `inside` are hosts of the installation's own network that it may reach, as
    `host` or `host:port`: for them alone addresses, plain http and ports are not judged.
    """

    inside: Collection[str] = ()
    resolve: Resolve = of_the_system
    authorities: str | None = None
    whole_s: float = WHOLE_S

    def check(self, url: str) -> None:
        """Raise Invalid for an address that could never be asked; nothing is resolved."""
        self._parts(url)

    def ask(self, request: HttpRequest) -> HttpAnswer:
        """Send one request and return its answer, whatever its status.

        Raises Invalid for a place that may not be reached, Unavailable when nobody answers in time
        or the answer is too large.
        """
        parts, port, inside = self._parts(request.url)
        host = parts.hostname or ""
        address = self._address(host, inside=inside)
        try:
            with socket.create_connection((address, port), timeout=CONNECT_S) as line:
                return self._talk(line, parts, port, request)
        except ssl.SSLCertVerificationError as error:
            raise _away(host, f"its certificate is refused: {error.verify_message}") from error
        except TimeoutError as error:
            raise _away(host, "it does not answer in time") from error
        except (OSError, HTTPException, ValueError) as error:
            raise _away(host, "the connection broke") from error

    def check_mail_server(self, host: str, port: int, *, in_clear: bool) -> bool:
        """Raise Invalid for a mail server that could never be reached; nothing is resolved.

        `in_clear` is without TLS: then only hosts of our own network may be. Return whether it is one.
        """
        inside = bool({host, f"{host}:{port}"} & set(self.inside))
        if not inside and port not in SMTP_PORTS:
            raise _refused(f"Port {port} is not one of {', '.join(map(str, sorted(SMTP_PORTS)))}.")
        if not inside and in_clear:
            raise Invalid("Without TLS nothing leaves this network.", code="egress.clear")
        return inside

    def mail_server(self, host: str, port: int, *, in_clear: bool) -> str:
        """Return the address at which a mail server that people named is to be reached.

        Raises Invalid for a place that may not be, Unavailable for a name that is not found.
        """
        inside = self.check_mail_server(host, port, in_clear=in_clear)
        return self._address(host, inside=inside)

    def _parts(self, url: str) -> tuple[SplitResult, int, bool]:
        """Return an address taken apart, its port, and whether it is one of our own network's."""
        if len(url) > LONGEST_URL or not url.isascii() or any(c <= " " for c in url):
            raise _refused("It is no address.")
        try:
            parts = urlsplit(url)
            host, named = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise _refused("It is no address.") from None
        if parts.scheme not in {"https", "http"} or not host:
            raise _refused("It does not begin with https://.")
        if parts.username is not None or parts.password is not None:
            raise _refused("A name or password stands in it.")
        port = named or (443 if parts.scheme == "https" else 80)
        inside = bool({host, f"{host}:{port}"} & set(self.inside))
        if not inside and parts.scheme != "https":
            raise _refused("It does not begin with https://.")
        if not inside and port not in PORTS:
            raise _refused(f"Port {port} is not one of {', '.join(map(str, sorted(PORTS)))}.")
        return parts, port, inside

    def _address(self, host: str, *, inside: bool) -> str:
        """Return the address a connection is made to; all addresses of the name were judged."""
        try:
            found = self.resolve(host)
        except (OSError, UnicodeError) as error:
            raise _away(host, "its name is not found", code="egress.name") from error
        if not found:
            raise _away(host, "its name is not found", code="egress.name")
        if not inside and not all(map(is_public, found)):
            raise _refused(f"{host} is not on the open internet.")
        return found[0]

    def _talk(
        self, line: socket.socket, parts: SplitResult, port: int, request: HttpRequest
    ) -> HttpAnswer:
        host = parts.hostname or ""
        late = _Deadline(line.dup(), self.whole_s)
        connection = HTTPConnection(host, port)
        connection.default_port = 443 if parts.scheme == "https" else 80
        connection.auto_open = 0
        with late:
            try:
                secure = parts.scheme == "https"
                connection.sock = _wrapped(line, host, self.authorities) if secure else line
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request(
                    request.method, target, body=request.body or None, headers=dict(request.headers)
                )
                answer = connection.getresponse()
                body = answer.read(LARGEST + 1)
            except (OSError, HTTPException, ValueError) as error:
                if late.is_over:
                    raise TimeoutError from error
                raise
            finally:
                connection.close()
        if late.is_over:
            raise TimeoutError
        if len(body) > LARGEST:
            raise _away(host, "its answer is too large")
        headers: Mapping[str, str] = {k.lower(): v for k, v in answer.getheaders()}
        return HttpAnswer(answer.status, headers, body)


class _Deadline:
    """Shuts a connection down from beside when its time is over: a slow talker resets every other
    timeout with each octet.
    """

    def __init__(self, line: socket.socket, seconds: float) -> None:
        self.is_over = False
        self._line = line
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._line.close()

    def _end(self) -> None:
        self.is_over = True
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)


@cache
def _context(authorities: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authorities)


def _wrapped(line: socket.socket, host: str, authorities: str | None) -> ssl.SSLSocket:
    return _context(authorities).wrap_socket(line, server_hostname=host)


def _refused(why: str) -> Invalid:
    return Invalid(
        f"This address cannot be reached from here. {why}",
        code="egress.refused",
        remedy="Write a public address that begins with https://, or ask whoever runs this"
        " installation to name the host in TCMA_INSIDE_HOSTS.",
    )


def _away(host: str, why: str, *, code: str = "egress.unavailable") -> Unavailable:
    return Unavailable(f"{host} cannot be asked: {why}.", code=code)
