"""Senders, mailings, messages and what came back; one row per intended mail."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model, Number
from tcma.db.sentences import Sentence
from tcma.delivery.rules import MailingState

NUMBER = BigInteger()
SMALL = SmallInteger()
ZERO = text("0")


class Sender(Model):
    """An address mail is sent from, of a partner or a vendor.

    While it is held no bulk mail leaves from it; what comes back is counted from `counted_from`.
    """

    __tablename__ = "sender"
    __table_args__ = (
        CheckConstraint("num_nonnulls(vendor_id, partner_id) >= 1", name="sender_side"),
        CheckConstraint(
            "from_name !~ '[\\r\\n]' AND from_address !~ '[\\r\\n ]'", name="sender_clean"
        ),
        UniqueConstraint(
            "partner_id",
            "vendor_id",
            "from_address",
            name="sender_once",
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    from_name: Mapped[str]
    from_address: Mapped[str]
    reply_to: Mapped[str | None]
    is_fallback: Mapped[bool] = mapped_column(server_default=text("false"))
    held_at: Mapped[datetime | None]
    held_reason: Mapped[str | None] = mapped_column(Sentence())
    counted_from: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Mailing(Model):
    """A stream of messages with one compiled artefact, sender, priority and finish equation.

    Delivery knows mailings, never launches. `artefact_key` is null for notices, whose messages
    carry their own body; `from_name` is a name in the inbox other than the sender's own.
    """

    __tablename__ = "mailing"
    __table_args__ = (
        CheckConstraint(
            "state <> 'finished' OR (num_nulls(expected_n, sent_n, failed_n, skipped_n, uncertain_n,"
            " cancelled_n) = 0 AND expected_n = sent_n + failed_n + skipped_n + uncertain_n"
            " + cancelled_n)",
            name="mailing_equation",
        ),
        CheckConstraint("from_name !~ '[\\r\\n]'", name="mailing_from_clean"),
        Index("mailing_active", "priority", "id", postgresql_where=text("state = 'running'")),
        Index("mailing_partner", "partner_id", "id"),
        Index("mailing_vendor", "vendor_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    campaign_id: Mapped[UUID | None]
    kind: Mapped[int] = mapped_column(SMALL)
    topic: Mapped[str | None]
    sender_id: Mapped[UUID | None] = mapped_column(ForeignKey("sender.id"))
    from_name: Mapped[str | None]
    priority: Mapped[int] = mapped_column(SMALL, server_default=ZERO)
    resend_uncertain: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str] = mapped_column(server_default=MailingState.PREPARING)
    paused_reason: Mapped[str | None] = mapped_column(Sentence())
    artefact_key: Mapped[str | None]
    subject: Mapped[str] = mapped_column(server_default="")
    back_off_until: Mapped[datetime | None]
    trouble_n: Mapped[int] = mapped_column(SMALL, server_default=ZERO)
    counted_from: Mapped[datetime | None]
    expected_n: Mapped[int | None]
    sent_n: Mapped[int | None]
    failed_n: Mapped[int | None]
    skipped_n: Mapped[int | None]
    uncertain_n: Mapped[int | None]
    cancelled_n: Mapped[int | None]
    equation_broken_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class FrequencyRule(Model):
    """How much marketing mail a vendor lets one person have: `mails` in `days`, of all its partners."""

    __tablename__ = "frequency_rule"
    __table_args__ = (CheckConstraint("mails > 0 AND days > 0", name="frequency_rule_positive"),)

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    mails: Mapped[int] = mapped_column(SMALL)
    days: Mapped[int] = mapped_column(SMALL)
    changed_at: Mapped[datetime]


class SharedLimit(Model):
    """How much marketing mail one person gets from all vendors together: one row, or none.

    `everybody`: it holds for every vendor, else for those that take part.
    """

    __tablename__ = "shared_limit"
    __table_args__ = (
        CheckConstraint("id = 1", name="shared_limit_once"),
        CheckConstraint("mails > 0 AND days > 0", name="shared_limit_positive"),
    )

    id: Mapped[int] = mapped_column(SMALL, primary_key=True, autoincrement=False)
    mails: Mapped[int] = mapped_column(SMALL)
    days: Mapped[int] = mapped_column(SMALL)
    everybody: Mapped[bool]
    changed_at: Mapped[datetime]


class SharedLimitVendor(Model):
    """A vendor that takes part in the limit of its own will."""

    __tablename__ = "shared_limit_vendor"

    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"), primary_key=True)
    at: Mapped[datetime]


class Destination(Model):
    """A large mailbox provider, and how many mails a second it gets from this installation.

    `free_at` is when the last mail that was let through has had its time. Null: no limit.
    """

    __tablename__ = "destination"
    __table_args__ = (
        CheckConstraint("lane > 0", name="destination_lane"),
        CheckConstraint("per_second > 0", name="destination_pace"),
    )

    lane: Mapped[int] = mapped_column(SMALL, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    per_second: Mapped[int | None]
    free_at: Mapped[datetime | None]


class DestinationDomain(Model):
    """A mail domain of a destination."""

    __tablename__ = "destination_domain"

    domain: Mapped[str] = mapped_column(primary_key=True)
    lane: Mapped[int] = mapped_column(ForeignKey("destination.lane", ondelete="CASCADE"))


class MailingLink(Model):
    """Where a numbered link of a mailing leads; no destination ever stands in a mailed URL."""

    __tablename__ = "mailing_link"
    __table_args__ = (
        CheckConstraint("url ~* '^(https?://|mailto:|tel:)'", name="mailing_link_scheme"),
    )

    mailing_id: Mapped[int] = mapped_column(
        ForeignKey("mailing.id"), primary_key=True, autoincrement=False
    )
    slot: Mapped[int] = mapped_column(SMALL, primary_key=True, autoincrement=False)
    url: Mapped[str]


class Message(Model):
    """One intended mail. No foreign keys: they cost two thirds of the freeze.

    `lease` is worker number << 32 | claim counter, so the rows of a dead worker are one range.
    `origin_id` is 0 for launches, the nurture run, or a notice's own number; `address` is frozen.
    `lane` is the destination whose pace it keeps, 0 for all the others. `attempt` counts the hands
    that took it since somebody answered, `later_n` how often its receiver asked for patience;
    `resent_at` is when it was sent again after doubt: the database lets that happen once. Nobody takes it
    from `leave_by` on, the end of its hours: whoever keeps them gives it the next. Null: at any hour.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("state BETWEEN 0 AND 7", name="message_state"),
        CheckConstraint(
            "state NOT IN (1, 2) OR lease IS NOT NULL", name="message_leased_has_lease"
        ),
        CheckConstraint("state NOT IN (4, 5) OR reason > 0", name="message_ended_has_reason"),
        UniqueConstraint("mailing_id", "contact_id", "origin_id", "step_no", name="message_once"),
        Index(
            "message_ready",
            "mailing_id",
            "lane",
            "due_at",
            "id",
            postgresql_where=text("state = 0"),
        ),
        Index("message_leased", "lease", postgresql_where=text("state IN (1, 2)")),
        Index("message_contact", "contact_id", "id", postgresql_where=text("contact_id > 0")),
        Index("message_person", "address_hash", "id", postgresql_where=text("contact_id = 0")),
        Index("message_unsettled", "mailing_id", "id", postgresql_where=text("state IN (4, 6)")),
        {
            "postgresql_with": {
                "fillfactor": "85",
                "autovacuum_vacuum_scale_factor": "0.02",
                "autovacuum_analyze_scale_factor": "0.05",
            }
        },
    )

    id: Mapped[Number]
    origin_id: Mapped[int] = mapped_column(NUMBER, server_default=ZERO)
    contact_id: Mapped[int] = mapped_column(NUMBER, server_default=ZERO)
    mailing_id: Mapped[int]
    step_no: Mapped[int] = mapped_column(server_default=ZERO)
    due_at: Mapped[datetime]
    lease: Mapped[int | None] = mapped_column(NUMBER)
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    state: Mapped[int] = mapped_column(SMALL)
    reason: Mapped[int] = mapped_column(SMALL, server_default=ZERO)
    attempt: Mapped[int] = mapped_column(SMALL, server_default=ZERO)
    address_hash: Mapped[bytes]
    address: Mapped[str]
    answer: Mapped[str | None]
    lane: Mapped[int] = mapped_column(SMALL, server_default=ZERO)
    later_n: Mapped[int] = mapped_column(SMALL, server_default=ZERO)
    resent_at: Mapped[datetime | None]
    leave_by: Mapped[datetime | None]


class MessageBody(Model):
    """The content of a message that has no shared artefact: a notice to one person."""

    __tablename__ = "message_body"

    message_id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    subject: Mapped[str]
    html: Mapped[str]
    plain: Mapped[str]


class MessageReaction(Model):
    """First reactions to a message, apart from the hot send rows; uniques are additive."""

    __tablename__ = "message_reaction"
    __table_args__ = (Index("message_reaction_mailing", "mailing_id"),)

    message_id: Mapped[int] = mapped_column(NUMBER, primary_key=True, autoincrement=False)
    mailing_id: Mapped[int]
    delivered_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    complained_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    human_opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    human_clicked_at: Mapped[datetime | None]


class ReactionSums:
    """How many messages of a mailing first reacted on a day, in its vendor's zone."""

    opened: Mapped[int] = mapped_column(server_default=ZERO)
    human_opened: Mapped[int] = mapped_column(server_default=ZERO)
    clicked: Mapped[int] = mapped_column(server_default=ZERO)
    human_clicked: Mapped[int] = mapped_column(server_default=ZERO)
    bounced: Mapped[int] = mapped_column(server_default=ZERO)
    complained: Mapped[int] = mapped_column(server_default=ZERO)
    unsubscribed: Mapped[int] = mapped_column(server_default=ZERO)
    replied: Mapped[int] = mapped_column(server_default=ZERO)


class ReactionDay(ReactionSums, Model):
    """Sums of `message_reaction`; what is not in them yet lies in `reaction_change`."""

    __tablename__ = "reaction_day"
    __table_args__ = ({"postgresql_with": {"fillfactor": "80"}},)

    mailing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    on_day: Mapped[date] = mapped_column(primary_key=True)


class ReactionChange(ReactionSums, Model):
    """What one statement changed in those sums, less and more; a trigger of `message_reaction` writes it."""

    __tablename__ = "reaction_change"
    __table_args__ = (
        {
            "postgresql_with": {
                "autovacuum_vacuum_scale_factor": "0",
                "autovacuum_vacuum_threshold": "5000",
            }
        },
    )

    id: Mapped[Number]
    mailing_id: Mapped[int]
    on_day: Mapped[date]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ReactionAudit(Model):
    """One comparison of the sums with the rows: from which day on, and how many days of mailings differed."""

    __tablename__ = "reaction_audit"

    id: Mapped[Number]
    at: Mapped[datetime]
    since: Mapped[date | None]
    wrong: Mapped[int]
    mended: Mapped[bool]


class FeedbackReport(Model):
    """A bounce, complaint or reply as it came; the same report twice is one row.

    `told_at` is when a reply was shown to the partner; of nothing else.
    """

    __tablename__ = "feedback_report"
    __table_args__ = (
        UniqueConstraint("source", "external_id", name="feedback_report_once"),
        Index("feedback_report_message", "message_id"),
        Index(
            "feedback_report_to_tell",
            "id",
            postgresql_where=text(
                "action = 'reply' AND told_at IS NULL AND message_id IS NOT NULL"
            ),
        ),
    )

    id: Mapped[Number]
    source: Mapped[str]
    external_id: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(NUMBER)
    action: Mapped[str]
    status: Mapped[str]
    recipient: Mapped[str]
    detail: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Worker(Model):
    """A sending process; its number stands in leases, its journal proves what it did."""

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    host: Mapped[str]
    pid: Mapped[int]
    journal: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
