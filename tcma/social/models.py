"""Posts that a partner says it published, with text, link and picture as they were."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model


class SocialPost(Model):
    """One post at its address on a network. `picture_key` is the file store's, "" without a picture."""

    __tablename__ = "social_post"
    __table_args__ = (
        ForeignKeyConstraint(
            ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
        ),
        UniqueConstraint("copy_id", "network", "address", name="social_post_once"),
        Index("social_post_campaign", "partner_id", "campaign_id", "id"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    copy_id: Mapped[UUID] = mapped_column(ForeignKey("partner_copy.id"))
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    network: Mapped[str]
    words: Mapped[str]
    link: Mapped[str]
    picture_key: Mapped[str]
    address: Mapped[str]
    posted_by: Mapped[str]
    posted_at: Mapped[datetime]
