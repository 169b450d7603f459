"""Mail to partners, kept apart from mail through them: choices of people, announcements, who was reached."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model

WORDS = ARRAY(String())
NONE = text("'{}'")


class MailChoice(Model):
    """What a person said about one vendor's mail for one purpose; the newest row counts, none is no.

    `words` are what was agreed to or taken back, `how` it was said: `page` or `link`.
    """

    __tablename__ = "mail_choice"
    __table_args__ = (Index("mail_choice_newest", "user_id", "vendor_id", "purpose", "id"),)

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    purpose: Mapped[str]
    wants: Mapped[bool]
    words: Mapped[str]
    how: Mapped[str]
    at: Mapped[datetime]


class Announcement(Model):
    """What a vendor tells people of its partners. Empty `tiers`, `levels` or `roles` mean any.

    A draft until `sent_at`; shown on first pages until `shown_until`; without a mailing nobody chose
    such mail.
    """

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("shown_days >= 0", name="announcement_days"),
        Index("announcement_vendor", "vendor_id", "id"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    purpose: Mapped[str]
    title: Mapped[str]
    words: Mapped[str]
    link: Mapped[str] = mapped_column(server_default="")
    tiers: Mapped[list[str]] = mapped_column(WORDS, server_default=NONE)
    levels: Mapped[list[str]] = mapped_column(WORDS, server_default=NONE)
    roles: Mapped[list[str]] = mapped_column(WORDS, server_default=NONE)
    shown_days: Mapped[int] = mapped_column(SmallInteger())
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    sent_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    shown_until: Mapped[datetime | None]
    mailing_id: Mapped[int | None] = mapped_column(BigInteger(), ForeignKey("mailing.id"))


class AnnouncementReceipt(Model):
    """One person an announcement is for; without a message they had not chosen to be mailed."""

    __tablename__ = "announcement_receipt"
    __table_args__ = (
        Index("announcement_receipt_user", "user_id"),
        Index(
            "announcement_receipt_message",
            "message_id",
            unique=True,
            postgresql_where=text("message_id IS NOT NULL"),
        ),
    )

    announcement_id: Mapped[UUID] = mapped_column(ForeignKey("announcement.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    message_id: Mapped[int | None] = mapped_column(BigInteger())
    read_at: Mapped[datetime | None]
