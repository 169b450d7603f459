"""Asks DNS through dnspython: the machine's name servers, or those of TCMA_DNS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tcma.ports import NameAnswer

if TYPE_CHECKING:
    import dns.resolver

PATIENCE_S = 4.0


@dataclass(frozen=True, slots=True)
class Dns:
    """A resolver; `servers` are `host` or `host:port`, none means the machine's own.

    `local` answers for the endings that never exist in DNS (RFC 2606), where the product runs
    with its built-in name server.
    """

    servers: Sequence[str] = ()
    local: Sequence[str] = ()
    patience: float = PATIENCE_S
    endings: Sequence[str] = field(default=("example", "test"))

    def ask(self, name: str, kind: str) -> NameAnswer:
        """Return the values of TXT, CNAME or MX records; empty when there are none."""
        import dns.exception  # heavy: only who asks
        import dns.name
        import dns.resolver
        from dns.rdatatype import RdataType

        ending = name.rstrip(".").rpartition(".")[2]
        asked = self.local if self.local and ending in self.endings else self.servers
        try:
            resolver = _resolver(tuple(asked))
            found = resolver.resolve(
                name,
                RdataType[kind],
                lifetime=self.patience,
                raise_on_no_answer=False,
                search=False,
            )
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.NameTooLong):
            return NameAnswer()
        except (dns.exception.DNSException, OSError):
            return NameAnswer(silent=True)
        return NameAnswer([_text(each) for each in found.rrset or ()])


def _resolver(servers: tuple[str, ...]) -> dns.resolver.Resolver:
    import dns.resolver  # heavy: likewise

    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        hosts = [
            server.rpartition(":") if ":" in server else (server, "", "53") for server in servers
        ]
        resolver.nameservers = [host for host, _, _ in hosts]
        resolver.nameserver_ports = {host: int(port) for host, _, port in hosts}
    return resolver


def _text(value: object) -> str:
    strings = getattr(value, "strings", None)
    if strings is not None:  # TXT: its strings are one text (RFC 7208, 3.3)
        return b"".join(strings).decode("utf-8", "replace")
    target = getattr(value, "target", None) or getattr(value, "exchange", None)
    return str(target if target is not None else value).rstrip(".").lower()
