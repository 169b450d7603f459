"""Campaigns, immutable versions with their files, partners' copies and their landing pages."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.library.rules import CampaignState, PageState, VersionState


class Campaign(Model):
    """A themed bundle of mails, page and images that partners launch; `visibility` says which of them,
    as `library.visibility` reads it.
    """

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("vendor_id", "slug", name="campaign_slug"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    slug: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=CampaignState.DRAFT)
    visibility: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime]


class CampaignVersion(Model):
    """One import of a campaign's folder. `content_hash` is SHA-256 hex over all its files; it may be
    started from `starts_on` to `ends_on`, days of the vendor's zone, the last of which was announced
    when it is in `announced_for`.
    """

    __tablename__ = "campaign_version"
    __table_args__ = (
        UniqueConstraint("campaign_id", "no", name="campaign_version_no"),
        UniqueConstraint("campaign_id", "content_hash", name="campaign_version_content_once"),
        Index("campaign_version_vendor", "vendor_id", "state"),
    )

    id: Mapped[Key]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    no: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=VersionState.DRAFT)
    content_hash: Mapped[str]
    facts: Mapped[dict[str, Any]]
    findings: Mapped[list[Any]]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    announced_for: Mapped[date | None]


class CampaignFile(Model):
    """A file of a version; the bytes live in the file store under `campaigns/<sha256>`."""

    __tablename__ = "campaign_file"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_version.id"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int]


class CampaignDraft(Model):
    """A version in the making: its files by path as SHA-256 hex; `no` counts its saves."""

    __tablename__ = "campaign_draft"
    __table_args__ = (UniqueConstraint("vendor_id", "slug", name="campaign_draft_slug"),)

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    slug: Mapped[str]
    based_on: Mapped[UUID | None] = mapped_column(ForeignKey("campaign_version.id"))
    no: Mapped[int]
    files: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class DraftSave(Model):
    """One save of a draft: which file, by whom, and all files as they stood after it."""

    __tablename__ = "draft_save"

    draft_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_draft.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    files: Mapped[dict[str, Any]]
    by_user: Mapped[UUID | None]
    by_name: Mapped[str]
    at: Mapped[datetime]


class PartnerCopy(Model):
    """A partner's own parts of a campaign: slot values on top of a pinned version. `told_version_id` is
    the newest version its people have heard of, `begins_by_date_at` when the partner let its journey
    begin by itself, `begins_by` by what (`journeys.starts.cause_of`).
    """

    __tablename__ = "partner_copy"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint("partner_id", "campaign_id", name="partner_copy_once"),
        Index(
            "partner_copy_by_date",
            "campaign_id",
            postgresql_where=text("begins_by_date_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_version.id"))
    language: Mapped[str]
    slots: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    told_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign_version.id"))
    begins_by_date_at: Mapped[datetime | None]
    begins_by: Mapped[str | None]


class Page(Model):
    """A partner's landing page at its public address `/go/<path>`; the HTML lives under `key`."""

    __tablename__ = "page"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    copy_id: Mapped[UUID] = mapped_column(ForeignKey("partner_copy.id"), unique=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    version_id: Mapped[UUID] = mapped_column(ForeignKey("campaign_version.id"))
    path: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default=PageState.LIVE)
    key: Mapped[str]
    style_hashes: Mapped[list[Any]]
    consent_text: Mapped[str]
    consent_version: Mapped[str]
    published_at: Mapped[datetime]
    report: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class CampaignStop(Model):
    """A vendor's stop of a campaign for all partners, and how it ended: one open row a campaign.

    While it is open no mail of the campaign begins to leave; `recalls_pages` also takes its pages
    off the web. Nothing else changes, so lifting it is the whole way back.
    """

    __tablename__ = "campaign_stop"
    __table_args__ = (
        Index(
            "campaign_stopped",
            "campaign_id",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    reason: Mapped[str]
    recalls_pages: Mapped[bool]
    stopped_by: Mapped[str]
    stopped_at: Mapped[datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]


class PageVisit(Model):
    """How many people came to a page on a day by a QR code, on paper, from a web block
    or a social network.
    """

    __tablename__ = "page_visit"

    page_id: Mapped[UUID] = mapped_column(ForeignKey("page.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    via: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class SavedFilter(Model):
    """A view of the library that a person keeps under a name; `query` is its address's."""

    __tablename__ = "saved_filter"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    query: Mapped[str]
    saved_at: Mapped[datetime]
