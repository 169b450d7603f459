"""Vendors, partners, enrolments, territories and brand profiles as a principal may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, column, false, func, or_, select, table
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.db.scope import found, visible
from tcma.partners.models import (
    BrandProfile,
    Enrolment,
    EnrolmentTerritory,
    Partner,
    Territory,
    Vendor,
)
from tcma.partners.rules import (
    EnrolmentState,
    PartnerKind,
    Tier,
    missing_from_profile,
    read_certifications,
)
from tcma.permissions import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """A vendor or a partner by its facts; money in `currency`, days in `zone`."""

    id: UUID
    slug: str
    name: str
    legal_name: str
    country: str
    zone: str
    locale: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentView:
    """A pair of vendor and partner with the names both sides read."""

    vendor_id: UUID
    partner_id: UUID
    vendor: str
    partner: str
    vendor_slug: str
    partner_slug: str
    tier: Tier
    kind: PartnerKind
    state: EnrolmentState
    weight: int
    joined_at: datetime
    territories: tuple[str, ...]
    certifications: dict[str, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryView:
    """A named area: `postcodes` are prefixes in `country`, none means the whole country."""

    vendor_id: UUID
    code: str
    name: str
    country: str
    postcodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """A brand profile version; `no` 0 is the empty form that a partner starts from.

    `marks` holds the logos as mails show them: `light` and `dark` grounds → (key, width, height).
    """

    id: UUID | None
    partner_id: UUID
    no: int
    fields: dict[str, str]
    logo_key: str | None
    logo_white_key: str | None
    marks: dict[str, tuple[str, int, int]]
    made_at: datetime | None

    @property
    def missing(self) -> list[str]:
        """The required fields that are still empty."""
        return missing_from_profile(self.fields)

    @property
    def is_complete(self) -> bool:
        """Say whether mails may leave with this profile."""
        return not self.missing

    @property
    def has_logo(self) -> bool:
        """Say whether any logo was given."""
        return bool(self.logo_key or self.logo_white_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerRow:
    """A line of the desk's list of partners."""

    partner_id: UUID
    slug: str
    name: str
    country: str
    tier: Tier
    kind: PartnerKind
    state: EnrolmentState
    joined_at: datetime
    territories: tuple[str, ...]
    people_n: int
    last_seen: datetime | None


def _organisation(row: Vendor | Partner) -> OrganisationView:
    return OrganisationView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        legal_name=row.legal_name,
        country=row.country,
        zone=row.zone,
        locale=row.locale,
        currency=row.currency,
    )


def vendor(session: Session, vendor_id: UUID) -> OrganisationView:
    """Return a vendor's facts; for verbs that already hold a row of it."""
    return _organisation(found(session.get(Vendor, vendor_id)))


def vendor_by_slug(session: Session, slug: str) -> OrganisationView:
    """Return a vendor by its name in addresses."""
    return _organisation(
        found(session.scalars(select(Vendor).where(Vendor.slug == slug)).one_or_none())
    )


def partner_of(session: Session, partner_id: UUID) -> OrganisationView:
    """Return a partner's facts; for verbs that already hold a row of it."""
    return _organisation(found(session.get(Partner, partner_id)))


def partner_by_slug(session: Session, slug: str) -> OrganisationView:
    """Return a partner by its name in addresses; not limited, for public pages and the CLI."""
    return _organisation(
        found(session.scalars(select(Partner).where(Partner.slug == slug)).one_or_none())
    )


def own_organisation(session: Session, principal: Principal) -> OrganisationView:
    """Return the side the principal acts for."""
    if principal.vendor_id:
        return vendor(session, principal.vendor_id)
    return partner_of(session, found(principal.partner_id))


def _territory_codes() -> Any:
    return (
        select(func.array_agg(EnrolmentTerritory.code))
        .where(
            EnrolmentTerritory.vendor_id == Enrolment.vendor_id,
            EnrolmentTerritory.partner_id == Enrolment.partner_id,
        )
        .correlate(Enrolment)
        .scalar_subquery()
    )


def _enrolments() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Enrolment.vendor_id,
            Enrolment.partner_id,
            Vendor.name.label("vendor"),
            Partner.name.label("partner"),
            Vendor.slug.label("vendor_slug"),
            Partner.slug.label("partner_slug"),
            Enrolment.tier,
            Enrolment.kind,
            Enrolment.state,
            Enrolment.weight,
            Enrolment.joined_at,
            Enrolment.certifications,
            _territory_codes().label("territories"),
        )
        .join(Vendor, Vendor.id == Enrolment.vendor_id)
        .join(Partner, Partner.id == Enrolment.partner_id)
    )


def _enrolment(row: Any) -> EnrolmentView:
    return EnrolmentView(
        vendor_id=row.vendor_id,
        partner_id=row.partner_id,
        vendor=row.vendor,
        partner=row.partner,
        vendor_slug=row.vendor_slug,
        partner_slug=row.partner_slug,
        tier=Tier(row.tier),
        kind=PartnerKind(row.kind),
        state=EnrolmentState(row.state),
        weight=row.weight,
        joined_at=row.joined_at,
        territories=tuple(sorted(row.territories or ())),
        certifications=read_certifications(row.certifications),
    )


def enrolments(session: Session, principal: Principal) -> list[EnrolmentView]:
    """Return the principal's pairs: a vendor's partners, a partner's vendors; ended ones too."""
    wanted = visible(_enrolments(), principal, Enrolment).order_by(Vendor.name, Partner.name)
    return [_enrolment(row) for row in session.execute(wanted)]


def enrolment(session: Session, vendor_id: UUID, partner_id: UUID) -> EnrolmentView:
    """Return one pair; NotFound when the two are not enrolled. Not limited by a principal."""
    wanted = _enrolments().where(
        Enrolment.vendor_id == vendor_id, Enrolment.partner_id == partner_id
    )
    return _enrolment(found(session.execute(wanted).first()))


def candidates(session: Session, vendor_id: UUID) -> list[EnrolmentView]:
    """Return a vendor's active pairs with their territories, for routing."""
    wanted = _enrolments().where(
        Enrolment.vendor_id == vendor_id, Enrolment.state == EnrolmentState.ACTIVE
    )
    return [_enrolment(row) for row in session.execute(wanted.order_by(Partner.slug))]


def territories(session: Session, vendor_id: UUID) -> list[TerritoryView]:
    """Return a vendor's territories by code."""
    wanted = select(Territory).where(Territory.vendor_id == vendor_id).order_by(Territory.code)
    return [
        TerritoryView(
            vendor_id=t.vendor_id,
            code=t.code,
            name=t.name,
            country=t.country,
            postcodes=tuple(t.postcodes),
        )
        for t in session.scalars(wanted)
    ]


def partners(  # noqa: PLR0913 - the list's filters
    session: Session,
    principal: Principal,
    *,
    search: str = "",
    tier: Tier | None = None,
    state: EnrolmentState | None = None,
    after: str | None = None,
) -> Page[PartnerRow]:
    """Return the desk's list, newest first; a partner's own people see an empty one."""
    membership = table(
        "membership", column("id", Uuid()), column("partner_id", Uuid()), column("state")
    )
    visit = table("sign_in_session", column("membership_id", Uuid()), column("seen_at"))
    of_partner = membership.c.partner_id == Enrolment.partner_id
    people = select(func.count()).where(of_partner, membership.c.state == "active")
    seen = select(func.max(visit.c.seen_at)).where(
        visit.c.membership_id == membership.c.id, of_partner
    )
    wanted = visible(_enrolments(), principal, Enrolment).add_columns(
        Partner.country,
        people.correlate(Enrolment).scalar_subquery().label("people_n"),
        seen.correlate(Enrolment).scalar_subquery().label("last_seen"),
    )
    if principal.partner_id:
        wanted = wanted.where(false())
    if search.strip():
        like = f"%{search.strip()}%"
        wanted = wanted.where(or_(Partner.name.ilike(like), Partner.slug.ilike(like)))
    if tier:
        wanted = wanted.where(Enrolment.tier == tier)
    if state:
        wanted = wanted.where(Enrolment.state == state)
    page = page_of(session, wanted, [Enrolment.joined_at, Enrolment.partner_id], after=after)
    return Page([_partner_row(row) for row in page.rows], page.next)


def _partner_row(row: Any) -> PartnerRow:
    return PartnerRow(
        partner_id=row.partner_id,
        slug=row.partner_slug,
        name=row.partner,
        country=row.country,
        tier=Tier(row.tier),
        kind=PartnerKind(row.kind),
        state=EnrolmentState(row.state),
        joined_at=row.joined_at,
        territories=tuple(sorted(row.territories or ())),
        people_n=row.people_n,
        last_seen=row.last_seen,
    )


def partner_detail(
    session: Session, principal: Principal, *, slug: str
) -> tuple[OrganisationView, Sequence[EnrolmentView]]:
    """Return a partner and its pairs that the principal may see; NotFound when there is none."""
    pairs = [
        _enrolment(row)
        for row in session.execute(
            visible(_enrolments(), principal, Enrolment).where(Partner.slug == slug)
        )
    ]
    first = found(pairs[0] if pairs else None)
    return partner_of(session, first.partner_id), pairs


def _profile(row: BrandProfile) -> ProfileView:
    fields = dict(row.fields)
    marks = fields.pop("marks", {})
    return ProfileView(
        id=row.id,
        partner_id=row.partner_id,
        no=row.no,
        fields=fields,
        logo_key=row.logo_key,
        logo_white_key=row.logo_white_key,
        marks={ground: (m[0], m[1], m[2]) for ground, m in marks.items()},
        made_at=row.made_at,
    )


def brand_in_force(session: Session, partner_id: UUID) -> ProfileView:
    """Return the newest profile; without one, number 0 with the names the partner came with."""
    newest = (
        select(BrandProfile)
        .where(BrandProfile.partner_id == partner_id)
        .order_by(BrandProfile.no.desc())
        .limit(1)
    )
    row = session.scalars(newest).one_or_none()
    if row is not None:
        return _profile(row)
    firm = partner_of(session, partner_id)
    return ProfileView(
        id=None,
        partner_id=partner_id,
        no=0,
        fields={"name": firm.name, "legal_name": firm.legal_name},
        logo_key=None,
        logo_white_key=None,
        marks={},
        made_at=None,
    )


def vendor_brand(session: Session, vendor_id: UUID) -> dict[str, Any]:
    """Return a vendor's brand: primary colour, logo keys and `marks` as in a profile."""
    return dict(found(session.get(Vendor, vendor_id)).kit)


def brand_version(session: Session, profile_id: UUID) -> ProfileView:
    """Return the version a launch or page named."""
    return _profile(found(session.get(BrandProfile, profile_id)))


def logo_key(session: Session, *, kind: str, organisation_id: UUID) -> str | None:
    """Return the public key of an organisation's logo on light ground, None without one."""
    if kind == "vendor":
        kit = session.scalar(select(Vendor.kit).where(Vendor.id == organisation_id)) or {}
        marks = kit.get("marks", {})
    else:
        newest = select(BrandProfile.fields).where(BrandProfile.partner_id == organisation_id)
        fields = session.scalar(newest.order_by(BrandProfile.no.desc()).limit(1)) or {}
        marks = fields.get("marks", {})
    light = marks.get("light")
    return str(light[0]) if light else None
