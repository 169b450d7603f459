"""Partners' copies and their public pages."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.library.models import Campaign, CampaignVersion, Page, PartnerCopy
from tcma.library.queries import CopyView, PageView
from tcma.library.rules import PageState, VersionState
from tcma.library.stops import is_off_the_web
from tcma.partners.models import Vendor
from tcma.permissions import Principal


def _copies() -> Select[*tuple[Any, ...]]:
    newest = CampaignVersion.__table__.alias("newest")
    return (
        select(
            PartnerCopy,
            Vendor.name.label("vendor"),
            Vendor.slug.label("vendor_slug"),
            Campaign.name.label("campaign"),
            Campaign.slug.label("campaign_slug"),
            CampaignVersion.no.label("version_no"),
            CampaignVersion.facts["languages"].label("languages"),
            newest.c.no.label("newest_no"),
            newest.c.ends_on,
            Page.path.label("page_path"),
        )
        .join(Campaign, Campaign.id == PartnerCopy.campaign_id)
        .join(Vendor, Vendor.id == PartnerCopy.vendor_id)
        .join(CampaignVersion, CampaignVersion.id == PartnerCopy.version_id)
        .outerjoin(
            newest,
            and_(
                newest.c.campaign_id == PartnerCopy.campaign_id,
                newest.c.state == VersionState.PUBLISHED,
            ),
        )
        .outerjoin(Page, Page.copy_id == PartnerCopy.id)
    )


def _view(row: Any) -> CopyView:
    copy: PartnerCopy = row[0]
    return CopyView(
        id=copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        campaign_id=copy.campaign_id,
        version_id=copy.version_id,
        vendor=row.vendor,
        vendor_slug=row.vendor_slug,
        campaign=row.campaign,
        campaign_slug=row.campaign_slug,
        language=copy.language,
        languages=tuple(row.languages),
        slots=dict(copy.slots.get(copy.language, {})),
        version_no=row.version_no,
        newest_no=row.newest_no,
        ends_on=row.ends_on,
        changed_at=copy.changed_at,
        page_path=row.page_path,
    )


def copies(session: Session, principal: Principal) -> list[CopyView]:
    """Return the copies a principal may see, last changed first."""
    wanted = visible(_copies(), principal, PartnerCopy)
    return [_view(r) for r in session.execute(wanted.order_by(PartnerCopy.changed_at.desc()))]


def copy_by_id(session: Session, principal: Principal, copy_id: UUID) -> CopyView:
    """Return one copy; NotFound for others'."""
    wanted = visible(_copies(), principal, PartnerCopy).where(PartnerCopy.id == copy_id)
    return _view(found(session.execute(wanted).first()))


def copy_by_address(
    session: Session, principal: Principal, *, vendor_slug: str, slug: str
) -> CopyView:
    """Return the principal's copy of a campaign by the campaign's address; NotFound without one."""
    wanted = visible(_copies(), principal, PartnerCopy).where(
        Vendor.slug == vendor_slug, Campaign.slug == slug
    )
    return _view(found(session.execute(wanted).first()))


def _page(session: Session, condition: ColumnElement[bool]) -> PageView | None:
    """The page of a condition; while its campaign is stopped with its pages, it is recalled."""
    wanted = select(Page, is_off_the_web(Page.campaign_id)).where(condition)
    known = session.execute(wanted).one_or_none()
    if known is None:
        return None
    row, off = known
    return PageView(
        id=row.id,
        vendor_id=row.vendor_id,
        partner_id=row.partner_id,
        campaign_id=row.campaign_id,
        version_id=row.version_id,
        copy_id=row.copy_id,
        path=row.path,
        state=PageState.RECALLED if off else PageState(row.state),
        key=row.key,
        style_hashes=tuple(row.style_hashes),
        consent_text=row.consent_text,
        consent_version=row.consent_version,
        published_at=row.published_at,
        report=dict(row.report or {}),
    )


def page_at(session: Session, path: str) -> PageView:
    """Return the page at a public address, whatever became of it; NotFound where none ever was."""
    return found(_page(session, Page.path == path))


def site_at(session: Session, path: str) -> tuple[PageView, str]:
    """Return the page at an address, or the page whose further page stands there, and its name."""
    there = _page(session, Page.path == path)
    if there is not None:
        return there, ""
    home, _, name = path.rpartition("/")
    return page_at(session, home), name


def page_by_path(session: Session, path: str) -> PageView:
    """Return the page at a public address; NotFound unless it is live or paused."""
    there = page_at(session, path)
    return found(None if there.state is PageState.RECALLED else there)


def page_of_copy(session: Session, copy_id: UUID) -> PageView | None:
    """Return the page of a copy, None before its first launch."""
    return _page(session, Page.copy_id == copy_id)


def page(session: Session, page_id: UUID) -> PageView:
    """Return a page by id; for verbs that hold a row that names it."""
    return found(_page(session, Page.id == page_id))


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page that is on the web, by its campaign's name; `key` names its HTML in the file store."""

    id: UUID
    path: str
    key: str
    campaign: str


def live_pages(session: Session, partner_id: UUID) -> list[LivePage]:
    """Return a partner's pages that are on the web, the newest first."""
    wanted = (
        select(Page.id, Page.path, Page.key, Campaign.name)
        .join(Campaign, Campaign.id == Page.campaign_id)
        .where(
            Page.partner_id == partner_id,
            Page.state == PageState.LIVE,
            ~is_off_the_web(Page.campaign_id),
        )
        .order_by(Page.published_at.desc(), Page.path)
    )
    return [LivePage(*row) for row in session.execute(wanted)]
