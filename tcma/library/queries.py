"""Campaigns as partners choose them and as vendors keep them, copies and pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, seen_by, visible
from tcma.db.work import Work
from tcma.library.models import Campaign, CampaignFile, CampaignVersion, PartnerCopy
from tcma.library.rules import CampaignState, PageState, VersionState
from tcma.library.seeing import seen_campaigns
from tcma.library.sources import source_of
from tcma.partners.models import Enrolment, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Principal
from tcma.rendering.source import CampaignSource


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCard:
    """A campaign as the library shows it; `hero` is a public key, `copy_id` the partner's own."""

    campaign_id: UUID
    version_id: UUID
    vendor_id: UUID
    vendor: str
    vendor_slug: str
    slug: str
    name: str
    summary: str
    audience: str
    product: str
    activity: str
    minutes: int
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    mails_n: int
    images_n: int
    hero: tuple[str, int, int] | None
    published_at: datetime
    ends_on: date | None
    copy_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """A campaign as the studio lists it: newest and published version, copies made of it."""

    campaign_id: UUID
    slug: str
    name: str
    state: CampaignState
    newest_no: int
    newest_state: VersionState
    published_no: int | None
    published_at: datetime | None
    ends_on: date | None
    copies_n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One immutable version with what the checks found."""

    id: UUID
    campaign_id: UUID
    vendor_id: UUID
    no: int
    state: VersionState
    content_hash: str
    facts: dict[str, Any]
    findings: tuple[dict[str, Any], ...]
    made_at: datetime
    published_at: datetime | None
    ends_on: date | None
    starts_on: date | None = None
    files_n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """A partner's copy with the names that pages show; `slots` are those of `language`."""

    id: UUID
    vendor_id: UUID
    partner_id: UUID
    campaign_id: UUID
    version_id: UUID
    vendor: str
    vendor_slug: str
    campaign: str
    campaign_slug: str
    language: str
    languages: tuple[str, ...]
    slots: dict[str, Any]
    version_no: int
    newest_no: int | None
    ends_on: date | None
    changed_at: datetime
    page_path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """A published landing page; `key` names its HTML in the file store."""

    id: UUID
    vendor_id: UUID
    partner_id: UUID
    campaign_id: UUID
    version_id: UUID
    copy_id: UUID
    path: str
    state: PageState
    key: str
    style_hashes: tuple[str, ...]
    consent_text: str
    consent_version: str
    published_at: datetime
    report: dict[str, Any]


def vendor_offers(partner_id: UUID, campaign_id: UUID) -> Select[CampaignVersion]:
    """Select the version of a campaign that a partner may start from: none or one."""
    return (
        select(CampaignVersion)
        .join(
            Enrolment,
            and_(
                Enrolment.vendor_id == CampaignVersion.vendor_id,
                Enrolment.partner_id == partner_id,
                Enrolment.state.in_((EnrolmentState.ACTIVE, EnrolmentState.INVITED)),
            ),
        )
        .where(
            CampaignVersion.campaign_id == campaign_id,
            CampaignVersion.state == VersionState.PUBLISHED,
        )
    )


def _cards(principal: Principal) -> Select[*tuple[Any, ...]]:
    wanted = (
        select(
            Campaign.id.label("campaign_id"),
            CampaignVersion.id.label("version_id"),
            Campaign.vendor_id,
            Vendor.name.label("vendor"),
            Vendor.slug.label("vendor_slug"),
            Campaign.slug,
            CampaignVersion.facts,
            CampaignVersion.published_at,
            CampaignVersion.ends_on,
            PartnerCopy.id.label("copy_id"),
        )
        .join(CampaignVersion, CampaignVersion.campaign_id == Campaign.id)
        .join(Vendor, Vendor.id == Campaign.vendor_id)
        .outerjoin(
            PartnerCopy,
            and_(
                PartnerCopy.campaign_id == Campaign.id,
                PartnerCopy.partner_id == principal.partner_id,
            ),
        )
        .where(CampaignVersion.state == VersionState.PUBLISHED)
    )
    if principal.partner_id is None:
        return wanted.where(seen_by(principal, Campaign))
    return wanted.join(
        Enrolment,
        and_(
            Enrolment.vendor_id == Campaign.vendor_id,
            Enrolment.partner_id == principal.partner_id,
            Enrolment.state.in_((EnrolmentState.ACTIVE, EnrolmentState.INVITED)),
        ),
    )


def _card(row: Any) -> CampaignCard:
    facts = row.facts
    hero = facts.get("art", {}).get("hero")
    return CampaignCard(
        campaign_id=row.campaign_id,
        version_id=row.version_id,
        vendor_id=row.vendor_id,
        vendor=row.vendor,
        vendor_slug=row.vendor_slug,
        slug=row.slug,
        name=facts["name"],
        summary=facts["summary"],
        audience=facts["audience"],
        product=facts["product"],
        activity=facts["activity"],
        minutes=facts["minutes"],
        languages=tuple(facts["languages"]),
        tags=tuple(facts["tags"]),
        mails_n=sum(mail["kind"] == "campaign" for mail in facts["mails"]),
        images_n=len(facts["images"]),
        hero=(hero[0], hero[1], hero[2]) if hero else None,
        published_at=row.published_at,
        ends_on=row.ends_on,
        copy_id=row.copy_id,
    )


def library_for(  # noqa: PLR0913 - the filters of the list
    session: Session,
    principal: Principal,
    *,
    search: str = "",
    vendor_id: UUID | None = None,
    language: str = "",
    today: date = date.min,
) -> list[CampaignCard]:
    """Return the published campaigns of a partner's vendors (a vendor sees its own), newest first.

    Only what the principal sees by the campaign's rules; certifications lapse by `today`. `search`
    looks at name, summary, audience, product and tags.
    """
    wanted = _cards(principal)
    if vendor_id:
        wanted = wanted.where(Campaign.vendor_id == vendor_id)
    rows = session.execute(wanted.order_by(CampaignVersion.published_at.desc(), Campaign.slug))
    cards = _seen(session, principal, [_card(row) for row in rows], today)
    words = search.casefold().split()
    return [
        card
        for card in cards
        if (not language or language in card.languages)
        and all(word in _searched(card) for word in words)
    ]


def _searched(card: CampaignCard) -> str:
    parts = (card.name, card.summary, card.audience, card.product, *card.tags)
    return " ".join(parts).casefold()


def _seen(
    session: Session, principal: Principal, cards: list[CampaignCard], today: date
) -> list[CampaignCard]:
    if principal.partner_id is None:
        return cards
    asked = [(card.campaign_id, card.vendor_id) for card in cards]
    role = principal.role.value
    shown = seen_campaigns(session, principal.partner_id, asked, today=today, role=role)
    return [card for card in cards if card.campaign_id in shown]


def campaign_card(
    session: Session,
    principal: Principal,
    *,
    vendor_slug: str,
    slug: str,
    today: date = date.min,
) -> CampaignCard:
    """Return one published campaign by its address; NotFound unless the principal may use it."""
    wanted = _cards(principal).where(Vendor.slug == vendor_slug, Campaign.slug == slug)
    card = _card(found(session.execute(wanted).first()))
    return found(next(iter(_seen(session, principal, [card], today)), None))


def campaigns(session: Session, principal: Principal) -> list[CampaignRow]:
    """Return the studio's list: every campaign of the vendor, drafts first, then by name."""
    newest = (
        select(func.max(CampaignVersion.no))
        .where(CampaignVersion.campaign_id == Campaign.id)
        .correlate(Campaign)
        .scalar_subquery()
    )
    live, last = CampaignVersion.__table__.alias("live"), CampaignVersion.__table__.alias("last")
    copies = (
        select(func.count())
        .where(PartnerCopy.campaign_id == Campaign.id)
        .correlate(Campaign)
        .scalar_subquery()
    )
    wanted = (
        select(
            Campaign.id,
            Campaign.slug,
            Campaign.name,
            Campaign.state,
            last.c.no.label("newest_no"),
            last.c.state.label("newest_state"),
            live.c.no.label("published_no"),
            live.c.published_at,
            live.c.ends_on,
            copies.label("copies_n"),
        )
        .select_from(Campaign)
        .join(last, and_(last.c.campaign_id == Campaign.id, last.c.no == newest))
        .outerjoin(
            live, and_(live.c.campaign_id == Campaign.id, live.c.state == VersionState.PUBLISHED)
        )
        .order_by(Campaign.state.desc(), Campaign.name)
    )
    if principal.vendor_id is None and not principal.is_system:
        return []
    return [
        CampaignRow(
            campaign_id=r.id,
            slug=r.slug,
            name=r.name,
            state=CampaignState(r.state),
            newest_no=r.newest_no,
            newest_state=VersionState(r.newest_state),
            published_no=r.published_no,
            published_at=r.published_at,
            ends_on=r.ends_on,
            copies_n=r.copies_n,
        )
        for r in session.execute(visible(wanted, principal, Campaign))
    ]


def _version_view(row: CampaignVersion, files_n: int = 0) -> VersionView:
    return VersionView(
        id=row.id,
        campaign_id=row.campaign_id,
        vendor_id=row.vendor_id,
        no=row.no,
        state=VersionState(row.state),
        content_hash=row.content_hash,
        facts=dict(row.facts),
        findings=tuple(row.findings),
        made_at=row.made_at,
        published_at=row.published_at,
        ends_on=row.ends_on,
        starts_on=row.starts_on,
        files_n=files_n,
    )


def version(session: Session, version_id: UUID) -> VersionView:
    """Return a version by id; for verbs that already hold a row that names it."""
    return _version_view(found(session.get(CampaignVersion, version_id)))


def versions(session: Session, principal: Principal, *, slug: str) -> Sequence[VersionView]:
    """Return every version of a vendor's campaign, newest first; NotFound when there is none."""
    counted = (
        select(func.count())
        .where(CampaignFile.version_id == CampaignVersion.id)
        .correlate(CampaignVersion)
        .scalar_subquery()
    )
    wanted = (
        select(CampaignVersion, counted.label("files_n"))
        .join(Campaign, Campaign.id == CampaignVersion.campaign_id)
        .where(Campaign.slug == slug)
        .order_by(CampaignVersion.no.desc())
    )
    rows = session.execute(visible(wanted, principal, CampaignVersion)).all()
    found(rows[0] if rows else None)
    return [_version_view(row[0], row.files_n) for row in rows]


def campaign_source(work: Work, version_id: UUID) -> CampaignSource:
    """Return a version as its author wrote it: mails, page, images, nurture plan, play."""
    return source_of(work, version_id)
