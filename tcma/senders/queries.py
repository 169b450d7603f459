"""Reads of sending domains: their records, the last look, who signs, and the desk's view of all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.permissions import Principal
from tcma.senders.dkim import Algorithm, DkimSigner
from tcma.senders.keys import signer
from tcma.senders.models import DomainKey, SenderDomain
from tcma.senders.records import Finding, Kind, Record
from tcma.senders.rules import KEEP_RECORD, DomainState, Policy, Verdict

KIND_OF = {Algorithm.RSA: Kind.DKIM_RSA, Algorithm.ED25519: Kind.DKIM_ED25519}


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A sending domain after its last look. `owner` is the partner's name, else the vendor's."""

    id: UUID
    name: str
    owner: str
    partner_id: UUID | None
    state: DomainState
    since: datetime
    checked_at: datetime | None
    due_at: datetime
    findings: tuple[Finding, ...]
    has_return_path: bool
    per_hour: int | None
    house_is_last: bool


@dataclass(frozen=True, slots=True)
class OldKey:
    """A key that no longer signs: its record must stand until `keep_until`."""

    name: str
    selector: str
    keep_until: datetime


def domains(session: Session, principal: Principal) -> list[Domain]:
    """Return the principal's own domains, by name."""
    rows = session.execute(visible(_domains(), principal, SenderDomain).order_by(SenderDomain.name))
    return [_domain(row) for row in rows]


def partners_domains(session: Session, principal: Principal) -> list[Domain]:
    """Return the domains of the vendor's partners, those that need somebody first."""
    query = _domains().join(Enrolment, Enrolment.partner_id == SenderDomain.partner_id)
    rows = session.execute(query.where(Enrolment.vendor_id == found(principal.vendor_id)))
    weight = [DomainState.BROKEN, DomainState.FAILING, DomainState.PENDING, DomainState.VERIFIED]
    return sorted(map(_domain, rows), key=lambda each: (weight.index(each.state), each.owner))


def domain_by_name(session: Session, principal: Principal, name: str) -> Domain:
    """Return one of the principal's own domains; NotFound for any other."""
    query = visible(_domains(), principal, SenderDomain).where(SenderDomain.name == name)
    return _domain(found(session.execute(query).one_or_none()))


def domain_by_id(session: Session, domain_id: UUID) -> Domain:
    """Return a domain, whoever's."""
    return _domain(
        found(session.execute(_domains().where(SenderDomain.id == domain_id)).one_or_none())
    )


def due_domains(session: Session, now: datetime, *, most: int) -> list[UUID]:
    """Return which domains are to be looked at, the longest waiting first."""
    due = select(SenderDomain.id).where(SenderDomain.due_at <= now)
    return list(session.scalars(due.order_by(SenderDomain.due_at).limit(most)))


def records_of(session: Session, domain: Domain, *, mail_host: str) -> list[Record]:
    """Return the records that must stand in DNS for a domain, in the order to paste them."""
    keys = session.execute(
        select(DomainKey.algorithm, DomainKey.selector, DomainKey.record)
        .where(DomainKey.domain_id == domain.id, DomainKey.retired_at.is_(None))
        .order_by(DomainKey.algorithm.desc(), DomainKey.created_at)
    )
    name = domain.name
    signing = [
        Record(KIND_OF[Algorithm(key.algorithm)], f"{key.selector}._domainkey.{name}", "TXT",
               key.record, key.selector)
        for key in keys
    ]  # fmt: skip
    return [
        *signing,
        Record(Kind.BOUNCE, f"bounce.{name}", "CNAME", mail_host),
        Record(Kind.SPF, name, "TXT", f"v=spf1 include:{mail_host} ~all"),
        Record(Kind.DMARC, f"_dmarc.{name}", "TXT", "v=DMARC1; p=none"),
    ]


def old_keys(session: Session, domain: Domain, *, now: datetime) -> list[OldKey]:
    """Return the keys whose records must stand a while longer, or may be removed by now."""
    rows = session.execute(
        select(DomainKey.selector, DomainKey.retired_at)
        .where(DomainKey.domain_id == domain.id, DomainKey.retired_at.is_not(None))
        .order_by(DomainKey.retired_at.desc())
        .limit(4)
    )
    return [
        OldKey(f"{row.selector}._domainkey.{domain.name}", row.selector, row.retired_at + KEEP_RECORD)
        for row in rows
        if row.retired_at + 2 * KEEP_RECORD > now
    ]  # fmt: skip


def signers_of(session: Session, secret: bytes, domain_id: UUID, name: str) -> list[DkimSigner]:
    """Return who signs mail of a domain: of each algorithm the newest key that DNS shows.

    Raises Unavailable when a key does not open with this secret.
    """
    keys = session.execute(
        select(DomainKey.algorithm, DomainKey.selector, DomainKey.sealed)
        .where(
            DomainKey.domain_id == domain_id,
            DomainKey.published_at.is_not(None),
            DomainKey.retired_at.is_(None),
            DomainKey.sealed.is_not(None),
        )
        .order_by(DomainKey.created_at)
    )
    newest = {key.algorithm: key for key in keys}
    return [
        signer(secret, newest[each].sealed, domain=name, selector=newest[each].selector)
        for each in sorted(newest, reverse=True)
    ]


def policy_of(session: Session, vendor_id: UUID | None) -> Policy:
    """Return what a vendor wants for mail of a partner whose domain is not proved."""
    kept = session.scalar(select(Vendor.sender_policy).where(Vendor.id == vendor_id))
    return Policy(kept or Policy.LEND)


def broken_domains(session: Session) -> list[str]:
    """Return the names of domains that are broken or about to be, for doctor and health."""
    bad = (DomainState.BROKEN, DomainState.FAILING)
    rows = session.scalars(select(SenderDomain.name).where(SenderDomain.state.in_(bad)))
    return sorted(rows)


def sealed_keys(session: Session) -> list[tuple[str, str, bytes]]:
    """Return (domain, selector, sealed key) of every key that may still sign."""
    rows = session.execute(
        select(SenderDomain.name, DomainKey.selector, DomainKey.sealed)
        .join(SenderDomain, SenderDomain.id == DomainKey.domain_id)
        .where(DomainKey.sealed.is_not(None), DomainKey.retired_at.is_(None))
    )
    return [(row.name, row.selector, row.sealed or b"") for row in rows]


def _domains() -> Any:
    return (
        select(
            SenderDomain.id, SenderDomain.name, SenderDomain.partner_id, SenderDomain.state,
            SenderDomain.since, SenderDomain.checked_at, SenderDomain.due_at, SenderDomain.findings,
            SenderDomain.has_return_path, SenderDomain.per_hour, SenderDomain.house_is_last, Partner.name.label("partner"), Vendor.name.label("vendor"),
        )
        .outerjoin(Partner, Partner.id == SenderDomain.partner_id)
        .outerjoin(Vendor, Vendor.id == SenderDomain.vendor_id)
        .where(or_(Partner.id.is_not(None), Vendor.id.is_not(None)))
    )  # fmt: skip


def _domain(row: Any) -> Domain:
    return Domain(
        id=row.id,
        name=row.name,
        owner=row.partner or row.vendor,
        partner_id=row.partner_id,
        state=DomainState(row.state),
        since=row.since,
        checked_at=row.checked_at,
        due_at=row.due_at,
        findings=tuple(finding_of(each) for each in row.findings),
        has_return_path=row.has_return_path,
        per_hour=row.per_hour,
        house_is_last=row.house_is_last,
    )


def finding_of(kept: dict[str, Any]) -> Finding:
    """Return a finding as it was kept."""
    return Finding(
        kind=Kind(kept["kind"]),
        verdict=Verdict(kept["verdict"]),
        words=kept["words"],
        stands=tuple(kept["stands"]),
        paste=kept["paste"],
        key=kept["key"],
    )
