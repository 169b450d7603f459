"""Accounts, memberships, sign-in sessions and links that work once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tcma.accounts.rules import AccountState, MembershipState
from tcma.db.base import Key, Model


class UserAccount(Model):
    """A person who signs in. `email` is the normal form; no password until the invitation."""

    __tablename__ = "user_account"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="en-GB")
    zone: Mapped[str] = mapped_column(server_default="Europe/London")
    theme: Mapped[str] = mapped_column(server_default="system")
    state: Mapped[str] = mapped_column(server_default=AccountState.INVITED)
    failed_n: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Membership(Model):
    """One person's role on one side: at a vendor or at a partner."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("num_nonnulls(vendor_id, partner_id) = 1", name="membership_one_side"),
        UniqueConstraint(
            "user_id",
            "vendor_id",
            "partner_id",
            name="membership_once",
            postgresql_nulls_not_distinct=True,
        ),
        Index("membership_partner", "partner_id"),
        Index("membership_vendor", "vendor_id"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    vendor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vendor.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partner.id"))
    role: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=MembershipState.INVITED)
    created_at: Mapped[datetime]


class SignInSession(Model):
    """A browser that is signed in; the cookie holds the token, the row only its hash."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("sign_in_session_user", "user_id"),)

    id: Mapped[Key]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class UsedLink(Model):
    """A single-use signed link that has been used."""

    __tablename__ = "used_link"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    used_at: Mapped[datetime]
