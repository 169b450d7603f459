"""A sender's own relays: what one may be, in which order they stand, and what to do about one that
does not take mail.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import quote
from uuid import UUID

from tcma.errors import Invalid
from tcma.words import Words, say


class RelayKind(StrEnum):
    """How one talks to a relay; the values are schemes of relay addresses."""

    STARTTLS = "smtp+starttls"
    TLS = "smtps"
    PLAIN = "smtp"
    SES = "ses"


KIND_WORDS: Mapping[RelayKind, tuple[str, str]] = {
    RelayKind.STARTTLS: (
        say("SMTP, TLS after the greeting (STARTTLS)"),
        say("What most providers want, on port 587."),
    ),
    RelayKind.TLS: (say("SMTP, TLS from the start"), say("Usually on port 465.")),
    RelayKind.SES: (say("Amazon SES"), say("A region, and a key that may send mail.")),
    RelayKind.PLAIN: (
        say("SMTP without TLS"),
        say("Only for a host inside the network of this installation."),
    ),
}
USUAL_PORT: Mapping[RelayKind, int] = {
    RelayKind.STARTTLS: 587,
    RelayKind.TLS: 465,
    RelayKind.PLAIN: 25,
    RelayKind.SES: 443,
}
MOST_RELAYS = 5
LONGEST_SAID = 300
LONGEST_SECRET = 500
PATIENCE = {"connect": 5, "command": 10, "answer": 30, "whole": 20}
"""Seconds; less than the installation's own relays get, for somebody else's mail may wait."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-\d{1,2}\Z")


@dataclass(frozen=True, slots=True)
class RelayFacts:
    """A relay as somebody wants it; for Amazon SES `host` is the region and `user` the key's id."""

    kind: RelayKind
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def place(self) -> tuple[str, str, int, str]:
        """Where the password goes: a stored one is never taken along to another place."""
        return (self.kind, self.host, self.port, self.user)

    @property
    def address(self) -> str:
        """The relay's address, as `tcma.wiring.RELAYS` reads it."""
        signed = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@"
        if self.kind is RelayKind.SES:
            return f"{self.kind}://{signed}{self.host}?forward=1"
        asked = "&".join(f"{name}={seconds}" for name, seconds in PATIENCE.items())
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.kind}://{signed if self.user else ''}{host}:{self.port}?{asked}"


def relay_facts(  # noqa: PLR0913 - what a relay is made of
    kind: RelayKind,
    *,
    host: str,
    port: int | None,
    user: str,
    password: str,
    is_stored: bool = False,
) -> RelayFacts:
    """Return a relay as it may stand; Invalid, at each field, for what cannot be one.

    `is_stored`: a password lies here already, so none need be typed.
    """
    host, user = host.strip().lower().rstrip("."), user.strip()
    wrong = dict[str, str]()
    if kind is RelayKind.SES:
        if not _REGION.match(host):
            wrong["host"] = say("Write the region, such as eu-central-1.")
    elif not _is_host(host):
        wrong["host"] = say("Write the name of the mail server, such as smtp.provider.example.")
    if not all(each.isascii() and each.isprintable() for each in (user, password)):
        wrong["user"] = say("A name or password holds a sign that cannot be sent.")
    if bool(user) != bool(password or (user and is_stored)):
        missing = "password" if user else "user"
        wrong[missing] = say("A user name and a password belong together.")
    if kind is RelayKind.SES and not user and not password:
        wrong["user"] = say("Write the key’s id here and its secret below.")
    if len(user) > LONGEST_SECRET or len(password) > LONGEST_SECRET:
        wrong["password"] = say("This is too long.")
    if port is not None and not 0 < port < 65_536:
        wrong["port"] = say("Write a number from 1 to 65535.")
    if wrong:
        raise Invalid(say("The relay cannot stand so."), code="sender.relay", fields=wrong)
    usual = USUAL_PORT[kind]
    return RelayFacts(kind, host, usual if kind is RelayKind.SES else port or usual, user, password)


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        labels = host.split(".")
        return len(host) <= 250 and all(map(_LABEL.match, labels)) and not labels[-1].isdigit()
    return True


@dataclass(frozen=True, slots=True)
class OwnRelay:
    """One relay of a sender's own: `address` is one of `tcma.wiring.RELAYS`, with its secret in it."""

    id: UUID
    address: str = field(repr=False)
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class OwnRelays:
    """A sender's own relays in the order in which they are wanted; then perhaps the installation's."""

    relays: Sequence[OwnRelay]
    house_is_last: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a relay does not take mail, for people: what it is, and what mends it."""

    words: str
    remedy: str


_SPELLING = say("Check how it is spelled.")
_NO_NAME = (say("The name {host} is not found."), _SPELLING)
_AWAY = (
    say("{host} takes no mail on port {port} at the moment."),
    say("Try again in a few minutes. If it stays so, show your provider what it said."),
)
TROUBLES: Mapping[str, tuple[Words, Words]] = {
    "egress.name": _NO_NAME,
    "relay.name": _NO_NAME,
    "egress.refused": (
        say("{host}, port {port}, may not be reached from here."),
        say(
            "Write a public mail server and one of its usual ports, or ask whoever runs this "
            "installation to name the host in TCMA_INSIDE_HOSTS."
        ),
    ),
    "egress.clear": (
        say("Without TLS nothing leaves this installation’s own network."),
        say("Choose a kind with TLS."),
    ),
    "relay.timeout": (
        say("{host} does not answer in time on port {port}."),
        say(
            "Check host and port. If both are right, a firewall may keep us out: ask your provider."
        ),
    ),
    "relay.closed": (
        say("At {host} nobody listens on port {port}."),
        say("Check the port: 587 for STARTTLS, 465 for TLS from the start."),
    ),
    "relay.no_tls": (
        say("{host} offers no TLS on port {port}."),
        say("Choose TLS from the start with port 465, or ask your provider which port has TLS."),
    ),
    "relay.not_tls": (
        say("{host} does not speak TLS from the start on port {port}."),
        say("Choose STARTTLS, or the port your provider names for TLS."),
    ),
    "relay.certificate": (
        say("The certificate of {host} is not valid for this name."),
        say(
            "Write the server’s name as your provider writes it; an address of digits has no "
            "certificate."
        ),
    ),
    "relay.login": (
        say("{host} refuses the user name or the password."),
        say(
            "Type both anew. Many providers want a password made for programs, not the one you "
            "read mail with."
        ),
    ),
    "relay.no_login": (
        say("{host} lets nobody sign in on port {port}."),
        say("Take the port your provider names for sending, usually 587 or 465."),
    ),
    "relay.key": (
        say("The password of {host} does not open with this installation’s secret any more."),
        say("Type it anew."),
    ),
    "relay.paused": (
        say("Amazon SES has paused sending for this account."),
        say("Look at the account’s state in the console of Amazon SES."),
    ),
}
"""What it is and what mends it, by the code of the refusal."""

IN_ITS_WORDS = frozenset({"relay.login", "relay.no_login", "relay.paused"})
"""Where the server's own words tell more than ours."""


def says_more(code: str) -> bool:
    """Say whether what the server said helps, beside what its code means."""
    return code not in TROUBLES or code in IN_ITS_WORDS


def trouble_of(code: str, *, host: str, port: int) -> Trouble:
    """Return what a refusal's code means for people."""
    words, remedy = TROUBLES.get(code, _AWAY)
    return Trouble(words.filled(host=host, port=port), remedy)
