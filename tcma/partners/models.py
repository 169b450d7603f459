"""Vendors, partners, enrolments with tier and territory, and versions of brand profiles."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.partners.rules import EnrolmentState


class Vendor(Model):
    """Owner of a brand, its campaigns and its funds.

    `zone` is fixed from the first fund, open or click on: days rest on it. `shows_chance` says
    whether its partners see the trained score of their leads.
    """

    __tablename__ = "vendor"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_name: Mapped[str]
    country: Mapped[str]
    zone: Mapped[str]
    locale: Mapped[str]
    currency: Mapped[str]
    kit: Mapped[dict[str, Any]]
    sender_policy: Mapped[str] = mapped_column(server_default=text("'lend'"))
    shows_chance: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]


class Partner(Model):
    """An independent firm that sells or services; enrolled with one or more vendors."""

    __tablename__ = "partner"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    legal_name: Mapped[str]
    country: Mapped[str]
    zone: Mapped[str]
    locale: Mapped[str]
    currency: Mapped[str]
    created_at: Mapped[datetime]


class Enrolment(Model):
    """Vendor and partner: the pair every shared row names. `weight` is its share of round robin,
    `certifications` are name → last day as text, "" without one.
    """

    __tablename__ = "enrolment"
    __table_args__ = (Index("enrolment_partner", "partner_id"),)

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    tier: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=EnrolmentState.INVITED)
    weight: Mapped[int] = mapped_column(server_default=text("1"))
    certifications: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    joined_at: Mapped[datetime]


class Territory(Model):
    """A vendor's named area: one country, or the postcodes in it that begin with a prefix."""

    __tablename__ = "territory"

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str]
    postcodes: Mapped[list[Any]]


class EnrolmentTerritory(Model):
    """A partner works in a territory of its vendor."""

    __tablename__ = "enrolment_territory"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        ForeignKeyConstraint(["vendor_id", "code"], ["territory.vendor_id", "territory.code"]),
    )

    vendor_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)


class BrandProfile(Model):
    """One version of a partner's brand: `fields` as `partners.rules` names them, logos by key.

    Immutable; the highest `no` is in force, launches name the version they used.
    """

    __tablename__ = "brand_profile"
    __table_args__ = (UniqueConstraint("partner_id", "no", name="brand_profile_version"),)

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    no: Mapped[int]
    fields: Mapped[dict[str, Any]]
    logo_key: Mapped[str | None]
    logo_white_key: Mapped[str | None]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]
