"""A partner's accounts at networks, and its posts with words, link and picture as they are sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.db.sentences import Sentence
from tcma.social.rules import PostState


class SocialAccount(Model):
    """A partner's page at a network; its token is sealed, and forgotten when it is ended."""

    __tablename__ = "social_account"
    __table_args__ = (
        Index(
            "social_account_once",
            "partner_id",
            "network",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("partner.id"))
    network: Mapped[str]
    account: Mapped[str]
    url: Mapped[str]
    name: Mapped[str]
    token: Mapped[bytes]
    said: Mapped[str] = mapped_column(server_default="")
    remedy: Mapped[str] = mapped_column(server_default="")
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SocialPost(Model):
    """One post on a network, at `address` once it stands. `picture_key` is the file store's, "" without
    a picture.

    With an account it is sent when `due_at` comes: `sending` is committed before the wire, and then
    `due_at` is when whoever sends must have answered. `may_stand` says that an answer was lost: the
    network is asked for the post, from `tried_at` on, before it is sent again.
    """

    __tablename__ = "social_post"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        CheckConstraint("state <> 'posted' OR address <> ''", name="social_post_stands"),
        Index(
            "social_post_once",
            "copy_id",
            "network",
            "address",
            unique=True,
            postgresql_where=text("address <> ''"),
        ),
        Index("social_post_campaign", "partner_id", "campaign_id", "id"),
        Index("social_post_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    copy_id: Mapped[UUID] = mapped_column(ForeignKey("partner_copy.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("social_account.id"))
    network: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=PostState.POSTED)
    words: Mapped[str]
    alt: Mapped[str] = mapped_column(server_default="")
    link: Mapped[str]
    picture_key: Mapped[str]
    number: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    tried_at: Mapped[datetime | None]
    may_stand: Mapped[bool] = mapped_column(server_default=text("false"))
    said: Mapped[str] = mapped_column(Sentence(), server_default="")
    remedy: Mapped[str] = mapped_column(Sentence(), server_default="")
    posted_by: Mapped[str]
    posted_at: Mapped[datetime | None]
