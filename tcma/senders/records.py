"""The DNS records of a sending domain: what must stand there, what does, and what that means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tcma.senders.rules import Verdict
from tcma.words import say

LONGEST_STRING = 255
"""Octets of one string inside a TXT record (RFC 1035, 3.3); longer values are cut into several."""
MOST_LOOKUPS = 10
_WHITE = re.compile(r"\s+")


class Kind(StrEnum):
    """What a record is for, in the order in which a person sets them up."""

    DKIM_RSA = "dkim_rsa"
    DKIM_ED25519 = "dkim_ed25519"
    BOUNCE = "bounce"
    SPF = "spf"
    DMARC = "dmarc"


KIND_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.DKIM_RSA: (
        say("Signature (DKIM)"),
        say("Proves that a mail is yours and was not changed."),
    ),
    Kind.DKIM_ED25519: (
        say("Second signature (DKIM, Ed25519)"),
        say("A newer kind of key beside the first. Optional, and worth a minute."),
    ),
    Kind.BOUNCE: (say("Return path"), say("Where mails that cannot be delivered come back to.")),
    Kind.SPF: (say("Permission (SPF)"), say("Lets our servers send for this domain.")),
    Kind.DMARC: (
        say("Policy (DMARC)"),
        say("Large mailbox services refuse bulk mail without one."),
    ),
}
OPTIONAL = frozenset({Kind.DKIM_ED25519, Kind.SPF})


@dataclass(frozen=True, slots=True)
class Record:
    """A record to paste. `name` is whole; `key` tells two signatures of one kind apart."""

    kind: Kind
    name: str
    type: str
    value: str
    key: str = ""

    @property
    def pieces(self) -> list[str]:
        """The value as the strings of one TXT record."""
        return [
            self.value[at : at + LONGEST_STRING] for at in range(0, len(self.value), LONGEST_STRING)
        ]

    @property
    def quoted(self) -> str:
        """The value as a zone file writes it: quoted strings, none too long."""
        return " ".join(f'"{piece}"' for piece in self.pieces)

    def below(self, zone: str) -> str:
        """Return the name as a form of the zone's own provider asks for it."""
        return self.name.removesuffix(f".{zone}") if self.name != zone else "@"


@dataclass(frozen=True, slots=True)
class Seen:
    """What DNS said: the values under a name; `silent` when it did not answer at all.

    `doubled` are values under the name with the domain written twice, a slip of many forms.
    """

    values: Sequence[str] = ()
    silent: bool = False
    doubled: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One record after a look: its verdict, what stands there, and what to do."""

    kind: Kind
    verdict: Verdict
    words: str
    stands: Sequence[str] = field(default_factory=tuple)
    paste: str = ""
    """What to paste when that is not the record's own value."""
    key: str = ""


def judge(record: Record, seen: Seen, *, domain: str) -> Finding:
    """Return what a look at one record found."""
    if seen.silent:
        silent = say("The name server did not answer. We ask again in a quarter of an hour.")
        return Finding(record.kind, Verdict.SILENT, silent, key=record.key)
    judged = {
        Kind.DKIM_RSA: _dkim,
        Kind.DKIM_ED25519: _dkim,
        Kind.BOUNCE: _bounce,
        Kind.SPF: _spf,
        Kind.DMARC: _dmarc,
    }[record.kind]
    words: str
    verdict, words, paste = judged(record, list(seen.values))
    if verdict is Verdict.MISSING and seen.doubled:
        words = say(
            "It stands under {record}.{domain}: the form adds the domain by itself. Write "
            "only {below} as the name.",
            record=record.name,
            domain=domain,
            below=record.below(domain),
        )
        return Finding(record.kind, Verdict.WRONG, words, tuple(seen.doubled), key=record.key)
    return Finding(record.kind, verdict, words, tuple(seen.values), paste, record.key)


def tags(text: str) -> dict[str, str]:
    """Return a `tag=value; …` list (RFC 6376, 3.2) as a mapping, white space removed."""
    parts = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): _WHITE.sub("", value) for name, _, value in parts}


Judged = tuple[Verdict, str, str]


def _dkim(record: Record, values: Sequence[str]) -> Judged:
    if not values:
        return Verdict.MISSING, say("Nothing stands there yet."), ""
    stands, must = tags(values[0]), tags(record.value)
    right = stands.get("p") == must["p"] and stands.get("k", "rsa") == must["k"]
    fault = _key_fault(values, stands.get("p"), must["p"], right=right)
    if fault:
        return Verdict.WRONG, fault, ""
    if "y" in stands.get("t", "").split(":"):
        words = say("It says t=y, for trying out: receivers may ignore it. Remove that part.")
        return Verdict.WRONG, words, ""
    return Verdict.FOUND, say("The key is ours."), ""


def _key_fault(values: Sequence[str], key: str | None, must: str, *, right: bool) -> str:
    """What is wrong with a key's record; empty when nothing is."""
    cut = say(
        "The key was cut off after {n} of {n2} characters. Paste it in pieces of at "
        "most {longest_string}.",
        n=len(key or ""),
        n2=len(must),
        longest_string=LONGEST_STRING,
    )
    faults = (
        (
            any('"' in value for value in values),
            say("Quotation marks have become part of the value. Paste it without them."),
        ),
        (len(values) > 1, say("Several records stand under this name. Keep only the one below.")),
        (right, ""),
        (key is None, say("What stands there is no key. Replace it.")),
        (not key, say("The key was withdrawn: p= is empty. Paste the value again.")),
        (must.startswith(key or ""), cut),
        (True, say("Another key stands there. Replace it with the value below.")),
    )
    return next(words for holds, words in faults if holds)


def _bounce(record: Record, values: Sequence[str]) -> Judged:
    if not values:
        return Verdict.MISSING, say("Nothing stands there yet."), ""
    if values[0].rstrip(".").lower() == record.value.lower():
        return Verdict.FOUND, say("Mails that come back reach us."), ""
    return Verdict.WRONG, say("It leads somewhere else. Replace it."), ""


def _spf(record: Record, values: Sequence[str]) -> Judged:
    policies = [v for v in values if v.lower().split(" ")[0] == "v=spf1"]
    wanted = record.value.split()[1]
    if not policies:
        return Verdict.MISSING, say("No permission stands there yet."), ""
    if len(policies) > 1:
        words = say(
            "Two SPF records stand there; receivers then believe neither. Join them into one."
        )
        joined = " ".join(t for p in policies for t in p.split()[1:] if not t.endswith("all"))
        return Verdict.WRONG, words, _with(f"v=spf1 {joined} ~all", wanted)
    terms = policies[0].lower().split()
    if "+all" in terms or "all" in terms:
        words = say("It allows everybody to send (+all). End it with ~all.")
        narrow = " ".join(t for t in policies[0].split() if t.lower() not in {"+all", "all"})
        return Verdict.WRONG, words, _with(f"{narrow} ~all", wanted)
    if wanted.lower() not in [term.lstrip("+") for term in terms]:
        words = say(
            "A record stands there, but does not name us. Replace it with the joined one below."
        )
        return Verdict.WRONG, words, _with(policies[0], wanted)
    if _lookups(terms) > MOST_LOOKUPS:
        words = say(
            "It asks for {lookups} look-ups; receivers stop after {most_lookups}. Remove "
            "services you no longer use.",
            lookups=_lookups(terms),
            most_lookups=MOST_LOOKUPS,
        )
        return Verdict.WRONG, words, ""
    return Verdict.FOUND, say("Our servers may send for it."), ""


def _with(policy: str, wanted: str) -> str:
    """An SPF record with one more term before its end."""
    terms = [t for t in policy.split() if t.lower() != wanted.lower()]
    last = next((n for n, t in enumerate(terms) if t.lower().endswith("all") or "redirect=" in t.lower()),
                len(terms))  # fmt: skip
    return " ".join([*terms[:last], wanted, *terms[last:]])


def _lookups(terms: Sequence[str]) -> int:
    bare = (term.lstrip("+-~?") for term in terms)
    asking = ("include:", "exists:", "redirect=", "ptr")
    return sum(
        term.startswith(asking) or term.split("/")[0].split(":")[0] in {"a", "mx"} for term in bare
    )


def _dmarc(record: Record, values: Sequence[str]) -> Judged:
    del record
    policies = [v for v in values if _WHITE.sub("", v).lower().startswith("v=dmarc1")]
    if not policies:
        return Verdict.MISSING, say("No policy stands there yet, nor at a domain above it."), ""
    if len(policies) > 1:
        return Verdict.WRONG, say("Two policies stand there; receivers ignore both. Keep one."), ""
    policy = tags(policies[0]).get("p", "")
    if policy not in {"none", "quarantine", "reject"}:
        return (
            Verdict.WRONG,
            say("p={policy} is not a policy. Write p=none to begin with.", policy=policy or "…"),
            "",
        )
    return Verdict.FOUND, say("A policy stands there (p={policy}).", policy=policy), ""


def proved(findings: Sequence[Finding]) -> bool | None:
    """Say whether mail from here is proved; None when DNS left that open.

    A signature must be found, a policy, and one way for the return path to be ours: its own name
    or the domain's permission.
    """
    best: dict[Kind, Verdict] = {}
    for each in findings:
        if best.get(each.kind) is not Verdict.FOUND:
            best[each.kind] = each.verdict
    needs = (
        (Kind.DKIM_RSA,),
        (Kind.DMARC,),
        (Kind.BOUNCE, Kind.SPF),
    )
    answers = [_any_of([best.get(kind, Verdict.MISSING) for kind in need]) for need in needs]
    if False in answers:
        return False
    return None if None in answers else True


def _any_of(verdicts: Sequence[Verdict]) -> bool | None:
    if Verdict.FOUND in verdicts:
        return True
    return None if Verdict.SILENT in verdicts else False


def alignment(findings: Sequence[Finding], *, domain: str) -> list[tuple[bool, str]]:
    """Return in words what a receiver will conclude (RFC 7489, 3.1): good or not, and why."""
    found = {each.kind for each in findings if each.verdict is Verdict.FOUND}
    strict = next((tags(v) for f in findings if f.kind is Kind.DMARC for v in f.stands), {})
    said: list[tuple[bool, str]] = []
    if found & {Kind.DKIM_RSA, Kind.DKIM_ED25519}:
        said.append(
            (
                True,
                say(
                    "Mails are signed for {domain}, which is what stands in From: aligned.",
                    domain=domain,
                ),
            )
        )
    else:
        said.append((False, say("Mails cannot be signed for {domain} yet.", domain=domain)))
    if Kind.BOUNCE in found:
        good = strict.get("aspf") != "s"
        words = (
            say(
                "The return path is bounce.{domain}, below the domain in From: aligned.",
                domain=domain,
            )
            if good
            else say(
                "The return path is bounce.{domain}, below the domain in From: not aligned, for "
                "your policy asks for the very same (aspf=s).",
                domain=domain,
            )
        )
        said.append((good, words))
    elif Kind.SPF in found:
        said.append(
            (
                True,
                say(
                    "The return path is {domain} itself, and we may send for it: aligned.",
                    domain=domain,
                ),
            )
        )
    else:
        said.append(
            (False, say("The return path is not ours yet: neither name nor permission is set."))
        )
    passes = any(good for good, _ in said) and Kind.DMARC in found
    said.append(
        (True, say("So the check that receivers make (DMARC) passes."))
        if passes
        else (False, say("So the check that receivers make (DMARC) does not pass yet."))
    )
    return said
