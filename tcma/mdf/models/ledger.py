"""The ledger's tables; the database itself books (see the migration's triggers)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model, Number


class LedgerChain(Model):
    """One hash chain per budget; its head is the last transfer's hash."""

    __tablename__ = "ledger_chain"
    __table_args__ = (
        ForeignKeyConstraint(["id", "currency"], ["fund_budget.id", "fund_budget.currency"]),
        UniqueConstraint("id", "currency"),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    currency: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger(), server_default=text("0"))
    head_hash: Mapped[bytes] = mapped_column(server_default=text("sha256('tcma-ledger-1'::bytea)"))


class LedgerAccount(Model):
    """A pot of one budget; its balance moves by transfers only and is never below zero."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        ForeignKeyConstraint(
            ["chain_id", "currency"], ["ledger_chain.id", "ledger_chain.currency"]
        ),
        CheckConstraint(
            "balance >= 0 OR kind IN ('source', 'exchange')", name="ledger_account_never_negative"
        ),
        CheckConstraint(
            "(kind = 'forfeited' OR"
            " (kind IN ('source', 'unallocated', 'exchange', 'owed')) = (allocation_id IS NULL))"
            " AND (kind = 'reserved') = (request_id IS NOT NULL)"
            " AND (kind = 'accrued') = (claim_id IS NOT NULL)",
            name="ledger_account_kind",
        ),
        UniqueConstraint(
            "chain_id",
            "kind",
            "allocation_id",
            "request_id",
            "claim_id",
            name="ledger_account_one",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ledger_account_allocation", "allocation_id"),
        Index("ledger_account_request", "request_id"),
        Index("ledger_account_claim", "claim_id"),
        {"postgresql_with": {"fillfactor": "50"}},
    )

    id: Mapped[Number]
    chain_id: Mapped[UUID]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    currency: Mapped[str]
    kind: Mapped[str]
    allocation_id: Mapped[UUID | None] = mapped_column(ForeignKey("fund_allocation.id"))
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("fund_request.id"))
    claim_id: Mapped[UUID | None] = mapped_column(ForeignKey("claim.id"))
    balance: Mapped[Minor] = mapped_column(server_default=text("0"))
    moved_seq: Mapped[int] = mapped_column(BigInteger(), server_default=text("0"))


class LedgerTransfer(Model):
    """One booking, append-only: `amount` minor units leave `debit_id` and reach `credit_id`.

    `form` says what its hash covers: 1 everything but `rules_id`, 2 everything.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint("amount > 0", name="ledger_transfer_positive"),
        CheckConstraint("debit_id <> credit_id", name="ledger_transfer_two_accounts"),
        CheckConstraint(
            "(kind IN ('reverse', 'claw_back')) = (reverses IS NOT NULL)"
            " AND (reverses IS NULL OR reason <> '')",
            name="ledger_transfer_reverse_says",
        ),
        UniqueConstraint("chain_id", "seq", name="ledger_transfer_seq"),
        UniqueConstraint("subject_id", "kind", "step", name="ledger_transfer_once"),
        Index("ledger_transfer_debit", "debit_id", "at"),
        Index("ledger_transfer_credit", "credit_id", "at"),
        Index(
            "ledger_transfer_reverses_key",
            "reverses",
            unique=True,
            postgresql_where=text("reverses IS NOT NULL"),
        ),
        Index(
            "ledger_transfer_campaign",
            "campaign_id",
            "kind",
            postgresql_where=text("campaign_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    input_hash: Mapped[bytes]
    chain_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_chain.id"))
    seq: Mapped[int] = mapped_column(BigInteger())
    kind: Mapped[str]
    debit_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    credit_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    amount: Mapped[Minor]
    currency: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[UUID]
    step: Mapped[int] = mapped_column(SmallInteger(), server_default=text("1"))
    reverses: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfer.id"))
    campaign_id: Mapped[UUID | None] = mapped_column(ForeignKey("campaign.id"))
    activity_id: Mapped[UUID | None] = mapped_column(ForeignKey("fund_activity.id"))
    rules_id: Mapped[UUID | None] = mapped_column(ForeignKey("programme_version.id"))
    form: Mapped[int] = mapped_column(SmallInteger(), server_default=text("2"))
    actor_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]


class LedgerHead(Model):
    """How far a chain had come when it was proved, under the installation's key. Never changed.

    Whoever rewrites the books with fitting hashes, or cuts their end, is found by the next proof.
    """

    __tablename__ = "ledger_head"
    __table_args__ = (Index("ledger_head_chain", "chain_id", "seq", "id"),)

    id: Mapped[Key]
    chain_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_chain.id"))
    seq: Mapped[int] = mapped_column(BigInteger())
    hash: Mapped[bytes]
    at: Mapped[datetime]
    signature: Mapped[bytes]
