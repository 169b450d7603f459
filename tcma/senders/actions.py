"""Verbs on sending domains: set up, rotate keys, record a look at DNS, choose the policy."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import delete, select, update

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Unavailable
from tcma.ids import new_id
from tcma.partners.models import Vendor
from tcma.permissions import Permission
from tcma.senders import dkim, keys
from tcma.senders.dkim import Algorithm
from tcma.senders.models import DomainKey, SenderDomain
from tcma.senders.queries import KIND_OF, domain_by_id, records_of
from tcma.senders.records import Finding, Kind, Seen, judge, proved
from tcma.senders.rules import (
    KEEP_RECORD,
    DomainState,
    Policy,
    Verdict,
    domain_name,
    next_look,
    next_state,
)
from tcma.words import say

MARK = {Algorithm.RSA: "r", Algorithm.ED25519: "e"}


@dataclass(frozen=True, slots=True)
class Change:
    """What a look did to a domain."""

    domain_id: UUID
    name: str
    before: DomainState
    after: DomainState


def may_edit(work: Work) -> None:
    """Raise Forbidden unless the principal keeps the sending domains of its side."""
    own = Permission.VENDOR_EDIT if work.principal.vendor_id else Permission.BRAND_EDIT
    work.require(own)


def add_domain(work: Work, text: str) -> str:
    """Set up a domain of the principal's side: two keys are made here, nothing is asked of DNS yet.

    Returns its name; the same domain again is the same. Raises Invalid for what is no domain of
    one's own.
    """
    may_edit(work)
    name = domain_name(text)
    if _own(work, name) is not None:
        return name
    domain = SenderDomain(
        id=new_id(),
        vendor_id=work.principal.vendor_id,
        partner_id=None if work.principal.vendor_id else found(work.principal.partner_id),
        name=name,
        state=DomainState.PENDING,
        since=work.now,
        due_at=work.now,
        created_at=work.now,
    )
    work.session.add(domain)
    work.session.flush()  # its keys name it
    _make_keys(work, domain, generation=1)
    work.audit("added", "sender_domain", domain.id, name=name)
    return name


def remove_domain(work: Work, name: str) -> None:
    """Forget a domain and its keys. What sends from it must be gone before."""
    may_edit(work)
    domain = found(_own(work, name))
    work.session.execute(delete(SenderDomain).where(SenderDomain.id == domain.id))
    work.audit("removed", "sender_domain", domain.id, name=name)


def rotate(work: Work, name: str) -> None:
    """Make new keys. The old ones sign until DNS shows the new, so that no mail is ever unsigned.

    Raises Conflict while the last new keys still wait for DNS.
    """
    may_edit(work)
    domain = found(_own(work, name))
    standing = _keys(work, domain.id)
    if any(key.published_at is None for key in standing if key.algorithm == Algorithm.RSA):
        raise Conflict(
            say("The newest keys are not in DNS yet. Paste their records first."),
            code="sender.rotating",
        )
    made = work.session.scalars(select(DomainKey.id).where(DomainKey.domain_id == domain.id)).all()
    _make_keys(work, domain, generation=len(made) // 2 + 1)
    domain.due_at = work.now
    work.audit("rotated", "sender_domain", domain.id, name=name)


def set_policy(work: Work, policy: Policy) -> None:
    """Choose what happens to mail of a partner whose domain is not proved."""
    work.require(Permission.VENDOR_EDIT)
    vendor_id = found(work.principal.vendor_id)
    work.session.execute(update(Vendor).where(Vendor.id == vendor_id).values(sender_policy=policy))
    work.audit("chose", "sender_policy", vendor_id, policy=policy.value)


def record_look(work: Work, domain_id: UUID, seen: Mapping[str, Seen]) -> Change:
    """Write down what DNS said, by record name; keys that it shows begin to sign, old ones retire.

    A name that was not asked counts as silent.
    """
    domain = found(work.session.get(SenderDomain, domain_id, with_for_update=True))
    records = records_of(
        work.session, domain_by_id(work.session, domain_id), mail_host=work.site.mail_host
    )
    silent = Seen(silent=True)
    findings = [judge(each, seen.get(each.name, silent), domain=domain.name) for each in records]
    findings = _published(work, domain, findings)
    before = DomainState(domain.state)
    good = proved(findings)
    after = next_state(before, proved=good, since=domain.failing_since, now=work.now)
    if after is not before:
        domain.since = work.now
        domain.state = after
        work.audit(
            after.value, "sender_domain", domain.id, name=domain.name,
            vendor_id=domain.vendor_id, partner_id=domain.partner_id,
        )  # fmt: skip
    if after is DomainState.VERIFIED:
        domain.failing_since = None
        if before is DomainState.PENDING:
            domain.warm_from = work.now
    elif domain.failing_since is None and after is DomainState.FAILING:
        domain.failing_since = work.now
    domain.findings = [asdict(each) | {"stands": list(each.stands)} for each in findings]
    domain.has_return_path = _return_path(findings, was=domain.has_return_path)
    domain.checked_at = work.now
    domain.due_at = next_look(after, proved=good, since=domain.since, now=work.now)
    return Change(domain_id, domain.name, before, after)


def _return_path(findings: list[Finding], *, was: bool) -> bool:
    verdict = next((each.verdict for each in findings if each.kind is Kind.BOUNCE), Verdict.MISSING)
    return was if verdict is Verdict.SILENT else verdict is Verdict.FOUND


def _published(work: Work, domain: SenderDomain, findings: list[Finding]) -> list[Finding]:
    """Let keys sign as DNS shows them; of each kind only the newest that it shows stays."""
    verdicts = {each.key: each.verdict for each in findings if each.key}
    standing = _keys(work, domain.id)
    closed = {key.selector for key in standing if not _opens(work, domain.name, key)}
    for key in standing:
        verdict = verdicts.get(key.selector, Verdict.SILENT)
        if verdict is Verdict.FOUND and key.selector not in closed:
            key.published_at = key.published_at or work.now
        elif verdict is not Verdict.SILENT:
            key.published_at = None
    for algorithm in Algorithm:
        shown = [k for k in standing if k.algorithm == algorithm and k.published_at is not None]
        for old in shown[:-1]:
            old.retired_at = work.now
    work.session.execute(
        update(DomainKey)
        .where(DomainKey.domain_id == domain.id, DomainKey.retired_at < work.now - KEEP_RECORD)
        .values(sealed=None)
    )
    return [_closed(each) if each.key in closed else each for each in findings]


def _closed(finding: Finding) -> Finding:
    words = say("This key does not open with the installation’s secret any more. Make new keys.")
    return Finding(finding.kind, Verdict.WRONG, words, finding.stands, key=finding.key)


def _opens(work: Work, domain: str, key: DomainKey) -> bool:
    try:
        keys.signer(work.site.secret, key.sealed or b"", domain=domain, selector=key.selector)
    except Unavailable:
        return False
    return True


def _keys(work: Work, domain_id: UUID) -> list[DomainKey]:
    """The keys that have not retired, oldest first."""
    return list(
        work.session.scalars(
            select(DomainKey)
            .where(DomainKey.domain_id == domain_id, DomainKey.retired_at.is_(None))
            .order_by(DomainKey.created_at, DomainKey.selector)
        )
    )


def _make_keys(work: Work, domain: SenderDomain, *, generation: int) -> None:
    for algorithm in KIND_OF:
        key = dkim.new_key(algorithm)
        selector = f"t{domain.id.hex[-6:]}{MARK[algorithm]}{generation}"
        work.session.add(
            DomainKey(
                id=new_id(),
                domain_id=domain.id,
                algorithm=algorithm,
                selector=selector,
                sealed=keys.seal(work.site.secret, key, domain=domain.name, selector=selector),
                record=dkim.record(key),
                created_at=work.now,
            )
        )


def _own(work: Work, name: str) -> SenderDomain | None:
    query = visible(select(SenderDomain), work.principal, SenderDomain)
    return work.session.scalar(query.where(SenderDomain.name == name).with_for_update())
