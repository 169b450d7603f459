"""Founding vendors and partners, enrolling, inviting, territories, suspending."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain, count
from uuid import UUID

from babel.numbers import is_currency
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from tcma.accounts.actions import Invitation, accept_invitation, enlist
from tcma.accounts.queries import offer_of
from tcma.clock import zones
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Forbidden, Invalid
from tcma.jobs import Job
from tcma.partners import history
from tcma.partners.models import Enrolment, EnrolmentTerritory, Partner, Territory, Vendor
from tcma.partners.rules import (
    EnrolmentState,
    PartnerKind,
    Tier,
    slug_of,
    typed_certifications,
)
from tcma.permissions import Permission, Role
from tcma.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """What an organisation is founded with: ISO 3166 country, IANA zone, locale, ISO 4217."""

    name: str
    legal_name: str
    country: str
    zone: str
    locale: str
    currency: str
    slug: str = ""

    def checked(self) -> "Firm":
        """Return itself; Invalid with fields when something is missing or unknown."""
        fields = {}
        for name in ("name", "legal_name"):
            if not getattr(self, name).strip():
                fields[name] = say("Write the name.")
        if len(self.country) != 2 or not self.country.isupper():
            fields["country"] = say("Choose a country.")
        if self.zone not in zones():
            fields["zone"] = say("Choose a time zone.")
        if not is_currency(self.currency):
            fields["currency"] = say("Choose a currency.")
        if fields:
            raise Invalid(say("Some facts are missing."), code="partners.firm", fields=fields)
        return self


def create_vendor(work: Work, firm: Firm) -> UUID:
    """Found a vendor; only the house may. Returns its id."""
    if not work.principal.is_system:
        raise Forbidden(say("Vendors are set up by the operator of this installation."))
    vendor = Vendor(**_columns(work, firm, Vendor), kit={}, created_at=work.now)
    work.session.add(vendor)
    work.session.flush()  # others refer to the vendor by its id
    work.audit("founded", "vendor", vendor.id, vendor_id=vendor.id)
    return vendor.id


def create_partner(  # noqa: PLR0913 - a firm and its standing
    work: Work,
    firm: Firm,
    *,
    tier: Tier,
    kind: PartnerKind,
    territories: Collection[str] = (),
    vendor_id: UUID | None = None,
) -> UUID:
    """Found a partner and enrol it with the principal's vendor. Returns its id."""
    work.require(Permission.PARTNERS_MANAGE)
    partner = Partner(**_columns(work, firm, Partner), created_at=work.now)
    work.session.add(partner)
    work.session.flush()  # the enrolment refers to the partner
    enrol(
        work,
        partner_id=partner.id,
        tier=tier,
        kind=kind,
        territories=territories,
        vendor_id=vendor_id,
    )
    return partner.id


def _columns(work: Work, firm: Firm, model: type[Vendor | Partner]) -> dict[str, str]:
    firm.checked()
    stem = firm.slug or slug_of(firm.name)
    taken = set(work.session.scalars(select(model.slug).where(model.slug.startswith(stem))))
    slug = next(s for s in chain((stem,), (f"{stem}-{n}" for n in count(2))) if s not in taken)
    if firm.slug and slug != firm.slug:
        message = say("The short name “{slug}” is taken.", slug=firm.slug)
        raise Conflict(message, code="partners.slug")
    return {
        "slug": slug,
        "name": firm.name.strip(),
        "legal_name": firm.legal_name.strip(),
        "country": firm.country,
        "zone": firm.zone,
        "locale": firm.locale,
        "currency": firm.currency,
    }


def enrol(  # noqa: PLR0913 - an enrolment's columns
    work: Work,
    *,
    partner_id: UUID,
    tier: Tier,
    kind: PartnerKind,
    territories: Collection[str] = (),
    vendor_id: UUID | None = None,
    state: EnrolmentState = EnrolmentState.INVITED,
) -> None:
    """Enrol a partner with the principal's vendor (the house names one). Conflict when it is."""
    work.require(Permission.PARTNERS_MANAGE)
    vendor = _own_vendor(work, vendor_id)
    fresh = insert(Enrolment).values(
        vendor_id=vendor,
        partner_id=partner_id,
        tier=tier,
        kind=kind,
        state=state,
        joined_at=work.now,
    )
    added = work.session.scalar(fresh.on_conflict_do_nothing().returning(Enrolment.partner_id))
    if added is None:
        raise Conflict(say("This partner is enrolled already."), code="partners.enrolled")
    work.audit("enrolled", "partner", partner_id, vendor_id=vendor, partner_id=partner_id)
    set_territories(work, partner_id=partner_id, codes=territories, vendor_id=vendor)


def _own_vendor(work: Work, vendor_id: UUID | None) -> UUID:
    return found(vendor_id if work.principal.is_system else work.principal.vendor_id)


def invite_to_partner(
    work: Work, *, partner_id: UUID, email: str, name: str, role: Role = Role.OWNER
) -> Invitation:
    """Invite a person into a partner enrolled with the principal's vendor."""
    work.require(Permission.PARTNERS_MANAGE)
    _enrolment(work, partner_id)
    locale = work.session.get_one(Partner, partner_id).locale
    return enlist(work, email=email, name=name, role=role, partner_id=partner_id, locale=locale)


def join(work: Work, *, token: str, password: str, name: str = "") -> str:
    """Accept an invitation; the partner's invited enrolments become active. Returns a session."""
    offer = offer_of(work.session, work.site.signer, token, now=work.now)
    session_token = accept_invitation(work, token=token, password=password, name=name)
    if offer.organisation.kind == "partner":
        work.session.execute(
            update(Enrolment)
            .where(
                Enrolment.partner_id == offer.organisation.id,
                Enrolment.state == EnrolmentState.INVITED,
            )
            .values(state=EnrolmentState.ACTIVE)
        )
    return session_token


def _enrolment(work: Work, partner_id: UUID) -> Enrolment:
    wanted = select(Enrolment).where(Enrolment.partner_id == partner_id).limit(1)
    mine = visible(wanted, work.principal, Enrolment).with_for_update()
    row: Enrolment | None = work.session.scalars(mine).one_or_none()
    return found(row)


def change_enrolment(  # noqa: PLR0913 - an enrolment's columns
    work: Work,
    *,
    partner_id: UUID,
    tier: Tier | None = None,
    kind: PartnerKind | None = None,
    state: EnrolmentState | None = None,
    weight: int | None = None,
    certifications: str | None = None,
) -> None:
    """Change a partner's standing with the principal's vendor; `weight` 0 takes no new leads.

    `certifications` come as typed: one a line, `Name` or `Name until 2027-03-31`.
    """
    work.require(Permission.PARTNERS_MANAGE)
    row = _enrolment(work, partner_id)
    if weight is not None and not 0 <= weight <= 100:
        message = say("Choose a weight from 0 to 100.")
        raise Invalid(message, code="partners.weight", fields={"weight": message})
    before = facts_of(row)
    row.tier = tier or row.tier
    row.kind = kind or row.kind
    row.state = state or row.state
    row.weight = row.weight if weight is None else weight
    if certifications is not None:
        row.certifications = typed_certifications(certifications)
    history.record(work, "partner", partner_id, before, facts_of(row), vendor_id=row.vendor_id)
    if state in (EnrolmentState.SUSPENDED, EnrolmentState.ENDED):
        work.wake(Job.LAUNCH_SETTLE)


def facts_of(row: Enrolment) -> dict[str, str | int]:
    """Return what an enrolment's history keeps of it."""
    return {
        "tier": str(row.tier),
        "kind": str(row.kind),
        "state": str(row.state),
        "weight": row.weight,
        "certifications": ", ".join(sorted(row.certifications)),
    }


def save_territory(  # noqa: PLR0913 - a territory's columns
    work: Work,
    *,
    code: str,
    name: str,
    country: str,
    postcodes: Collection[str] = (),
    vendor_id: UUID | None = None,
) -> None:
    """Name an area of the principal's vendor, or change it."""
    work.require(Permission.PARTNERS_MANAGE)
    row = {
        "vendor_id": _own_vendor(work, vendor_id),
        "code": code.strip().upper(),
        "name": name.strip(),
        "country": country,
        "postcodes": sorted({p.replace(" ", "").upper() for p in postcodes if p.strip()}),
    }
    fresh = insert(Territory).values(row)
    changed = {key: row[key] for key in ("name", "country", "postcodes")}
    work.session.execute(
        fresh.on_conflict_do_update(index_elements=["vendor_id", "code"], set_=changed)
    )


def set_territories(
    work: Work, *, partner_id: UUID, codes: Collection[str], vendor_id: UUID | None = None
) -> None:
    """Say in which of the vendor's territories a partner works; Invalid for an unknown code."""
    work.require(Permission.PARTNERS_MANAGE)
    vendor = _own_vendor(work, vendor_id)
    known = set(work.session.scalars(select(Territory.code).where(Territory.vendor_id == vendor)))
    unknown = sorted(set(codes) - known)
    if unknown:
        message = say("There is no territory {unknown}.", unknown=", ".join(unknown))
        raise Invalid(message, code="partners.territory", fields={"territories": message})
    pair = {"vendor_id": vendor, "partner_id": partner_id}
    found(work.session.get(Enrolment, (vendor, partner_id), with_for_update=True))
    own = (EnrolmentTerritory.vendor_id == vendor) & (EnrolmentTerritory.partner_id == partner_id)
    before = sorted(work.session.scalars(select(EnrolmentTerritory.code).where(own)))
    work.session.execute(delete(EnrolmentTerritory).where(own))
    after = {"territories": sorted(set(codes))}
    history.record(work, "partner", partner_id, {"territories": before}, after, vendor_id=vendor)
    if codes:
        work.session.execute(
            insert(EnrolmentTerritory), [{**pair, "code": code} for code in sorted(set(codes))]
        )
