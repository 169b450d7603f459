"""Sending domains of partners and vendors, with the keys their mail is signed with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Model
from tcma.senders.rules import DomainState


class SenderDomain(Model):
    """A domain mail comes from. `findings` is the last look; `due_at` is when the next one is due.

    `has_return_path` says whether mails that come back may be addressed to `bounce.<name>`;
    `warm_from` is the first day of its warm-up, `per_hour` a limit that people set;
    `house_is_last` lets the installation's relays send when none of its own takes mail.
    """

    __tablename__ = "sender_domain"
    __table_args__ = (
        CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="sender_domain_side"),
        UniqueConstraint(
            "partner_id",
            "vendor_id",
            "name",
            name="sender_domain_once",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("per_hour > 0", name="sender_domain_pace"),
        Index("sender_domain_due", "due_at"),
    )

    id: Mapped[Key]
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=DomainState.PENDING)
    since: Mapped[datetime]
    failing_since: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    findings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    has_return_path: Mapped[bool] = mapped_column(server_default=text("false"))
    warm_from: Mapped[datetime | None]
    per_hour: Mapped[int | None]
    house_is_last: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]


class DomainUse(Model):
    """How many mails of a limited domain relays took, or may have, by hour (UTC)."""

    __tablename__ = "domain_use"

    domain_id: Mapped[UUID] = mapped_column(
        ForeignKey("sender_domain.id", ondelete="CASCADE"), primary_key=True
    )
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    accepted: Mapped[int]


class SenderRelay(Model):
    """A relay of a domain's own, tried in the order of `place`; without any the installation's send.

    `sealed` is the password under the installation's secret, empty without one. `trouble` is the code
    of what it said when it took no mail the last time, since `away_since`; `answered_at` is when it
    was tried by people and did well.
    """

    __tablename__ = "sender_relay"
    __table_args__ = (
        CheckConstraint("port BETWEEN 1 AND 65535", name="sender_relay_port"),
        Index("sender_relay_domain", "domain_id", "place"),
    )

    id: Mapped[Key]
    domain_id: Mapped[UUID] = mapped_column(ForeignKey("sender_domain.id", ondelete="CASCADE"))
    place: Mapped[int]
    kind: Mapped[str]
    host: Mapped[str]
    port: Mapped[int]
    username: Mapped[str]
    sealed: Mapped[bytes]
    away_since: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(server_default="")
    said: Mapped[str] = mapped_column(server_default="")
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DomainKey(Model):
    """A key pair of a domain: `sealed` is the private half under the installation's secret.

    A key signs from `published_at`, when its record was found, until `retired_at`; `sealed` is
    emptied when no mail on its way can need it any more.
    """

    __tablename__ = "domain_key"
    __table_args__ = (UniqueConstraint("domain_id", "selector", name="domain_key_once"),)

    id: Mapped[Key]
    domain_id: Mapped[UUID] = mapped_column(ForeignKey("sender_domain.id", ondelete="CASCADE"))
    algorithm: Mapped[str]
    selector: Mapped[str]
    sealed: Mapped[bytes | None]
    record: Mapped[str]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
