"""Host names of partners: which ones may be one, the records that prove it, and what a look found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from tcma.errors import Invalid
from tcma.ports import NameAnswer
from tcma.senders.rules import PROVED, Verdict, domain_name
from tcma.words import say

ANSWERED = PROVED
"""States in which pages are answered on a host: one look that failed is not enough to stop."""
PROOF = "tcma-page="


class Kind(StrEnum):
    """What a record is for."""

    ADDRESS = "address"
    PROOF = "proof"


KIND_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.ADDRESS: (say("Address (CNAME)"), say("Leads visitors of this name to your pages.")),
    Kind.PROOF: (
        say("Proof (TXT)"),
        say("Shows that the name is yours, so that nobody else can claim it."),
    ),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A record to paste; `name` is whole."""

    kind: Kind
    name: str
    type: str
    value: str

    @property
    def pieces(self) -> list[str]:
        """The value as the strings of one record."""
        return [self.value]

    def below(self, zone: str) -> str:
        """Return the name as a form of the zone's own provider asks for it."""
        return self.name.removesuffix(f".{zone}")


VERDICT_WORDS: Mapping[Verdict, str] = {
    Verdict.WAITING: "",
    Verdict.FOUND: say("It stands as it must."),
    Verdict.MISSING: say("Nothing stands there yet."),
    Verdict.WRONG: say("Something else stands there. Replace it."),
    Verdict.SILENT: say("The name server did not answer. We ask again in a quarter of an hour."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One record after a look: its verdict, and what stands there."""

    kind: Kind
    verdict: Verdict
    stands: Sequence[str] = field(default_factory=tuple)

    @property
    def words(self) -> str:
        """What the look found, and what to do."""
        return VERDICT_WORDS[self.verdict]


def host_name(text: str, *, ours: str) -> str:
    """Return a host name as DNS writes it; Invalid for what cannot be a partner's own."""
    try:
        name = domain_name(text)
    except Invalid:
        name = ""
    words = ""
    if not name:
        words = say("This is not a host name. Write it like go.yourfirm.example.")
    elif name == ours:
        words = say("This is the name of the product itself. Take one of your own.")
    elif len(name.split(".")) < 3:
        words = say(
            "A CNAME cannot stand at {name} itself, where your website and mail are kept. "
            "Take a part of it, such as go.{name}.",
            name=name,
        )
    if words:
        raise Invalid(words, code="hosts.name", fields={"host": words})
    return name


def target_of(public_url: str, mail_host: str) -> str:
    """Return the name that partners' records lead to: ours, else the one that mail has."""
    host = urlsplit(public_url).hostname or ""
    return host if has_name(public_url) else mail_host


def has_name(public_url: str) -> bool:
    """Say whether the installation is reached by a name of DNS: to a number no record leads."""
    host = urlsplit(public_url).hostname or ""
    return "." in host and not is_address(host)


def is_address(host: str) -> bool:
    """Say whether a host is a number rather than a name."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)  # asked before each request
def is_ours(host: str, public_url: str) -> bool:
    """Say whether a request's host is the product's own: its name, a number, a name of one's network."""
    name = host.lower().rstrip(".")
    return "." not in name or is_address(name) or name == urlsplit(public_url).hostname


def records_of(name: str, token: str, *, target: str) -> tuple[Record, ...]:
    """Return what must stand in DNS for a host."""
    return (
        Record(Kind.ADDRESS, name, "CNAME", target),
        Record(Kind.PROOF, f"_tcma.{name}", "TXT", f"{PROOF}{token}"),
    )


def judge(record: Record, answer: NameAnswer) -> Finding:
    """Return what a look at one record found."""
    if answer.silent:
        return Finding(record.kind, Verdict.SILENT)
    stands = tuple(answer.values)
    if record.kind is Kind.PROOF:
        stands = tuple(value for value in stands if value.startswith(PROOF))
    if record.value.lower() in [value.rstrip(".").lower() for value in stands]:
        return Finding(record.kind, Verdict.FOUND, stands)
    if not stands:
        return Finding(record.kind, Verdict.MISSING)
    return Finding(record.kind, Verdict.WRONG, stands)


def proved(findings: Sequence[Finding]) -> bool | None:
    """Say whether a host is proved; None when DNS left that open."""
    verdicts = [each.verdict for each in findings]
    if all(each is Verdict.FOUND for each in verdicts):
        return True
    return False if {Verdict.WRONG, Verdict.MISSING} & set(verdicts) else None
