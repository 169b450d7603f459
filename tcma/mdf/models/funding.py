"""Budgets, allocations, requests with activities, proofs and claims."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from tcma.db.base import Key, Minor, Model
from tcma.db.sentences import Sentence
from tcma.mdf.rules import ActivityState, ClaimState, RequestState

IS_WAY = "way IN ('cash', 'credit', 'discount', 'access')"


def enrolled() -> ForeignKeyConstraint:
    """Return the key that holds a row to an enrolled pair."""
    return ForeignKeyConstraint(
        ["vendor_id", "partner_id"], ["enrolment.vendor_id", "enrolment.partner_id"]
    )


class FundBudget(Model):
    """A vendor's pot for a period, one currency, one ledger chain; its rules are a programme's.

    Of a `pooled` one nobody has a part beforehand: approved plans take from the whole, and partners
    see what is left of it when `pot_shown`. `point` is what one point is worth, as the books stand.
    """

    __tablename__ = "fund_budget"
    __table_args__ = (
        UniqueConstraint("id", "currency"),
        UniqueConstraint("vendor_id", "name", name="fund_budget_name"),
        ForeignKeyConstraint(
            ["programme_id", "vendor_id"], ["fund_programme.id", "fund_programme.vendor_id"]
        ),
        CheckConstraint("point > 0", name="fund_budget_point"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID] = mapped_column(ForeignKey("vendor.id"))
    name: Mapped[str]
    currency: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    programme_id: Mapped[UUID]
    pooled: Mapped[bool] = mapped_column(server_default=false())
    pot_shown: Mapped[bool] = mapped_column(server_default=true())
    point: Mapped[Decimal | None] = mapped_column(Numeric(18, 8))
    closed_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class FundAllocation(Model):
    """A partner's part of a budget; its sums are the balances of its ledger accounts."""

    __tablename__ = "fund_allocation"
    __table_args__ = (
        enrolled(),
        ForeignKeyConstraint(["budget_id", "currency"], ["fund_budget.id", "fund_budget.currency"]),
        UniqueConstraint("budget_id", "partner_id", name="fund_allocation_once"),
        Index("fund_allocation_partner", "partner_id"),
    )

    id: Mapped[Key]
    budget_id: Mapped[UUID]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    currency: Mapped[str]
    created_at: Mapped[datetime]


class FundExtension(Model):
    """A partner's money may be used until a later day; who approved it, and why. Never changed."""

    __tablename__ = "fund_extension"
    __table_args__ = (enrolled(), Index("fund_extension_allocation", "allocation_id", "id"))

    id: Mapped[Key]
    allocation_id: Mapped[UUID] = mapped_column(ForeignKey("fund_allocation.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    until: Mapped[date]
    approver: Mapped[str]
    reason: Mapped[str]
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]


class FundRequest(Model):
    """A plan with a sum: approved, it reserves money; `claim_by` is the last day to claim.

    `input_hash` is what was first written under its key, `revision` counts how often it changed.
    """

    __tablename__ = "fund_request"
    __table_args__ = (
        enrolled(),
        CheckConstraint("requested_minor > 0", name="fund_request_positive"),
        CheckConstraint(
            "approved_minor IS NULL OR (approved_minor > 0 AND approved_minor <= requested_minor)",
            name="fund_request_not_above",
        ),
        CheckConstraint(
            "state NOT IN ('pre_approved', 'rejected') OR decided_by IS NULL"
            " OR decided_by <> submitted_by",
            name="fund_request_four_eyes",
        ),
        Index("fund_request_partner", "partner_id", "id"),
        Index("fund_request_allocation", "allocation_id", "id"),
        Index("fund_request_queue", "vendor_id", "state", "answer_by"),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    allocation_id: Mapped[UUID] = mapped_column(ForeignKey("fund_allocation.id"))
    title: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=RequestState.DRAFT)
    currency: Mapped[str]
    requested_minor: Mapped[Minor]
    approved_minor: Mapped[Minor | None]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[datetime | None]
    answer_by: Mapped[date | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Sentence, server_default="")
    trace: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    claim_by: Mapped[date | None]
    input_hash: Mapped[bytes | None]
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]


class FundActivity(Model):
    """What the money is for: one campaign, between two days; answered and claimed by itself.

    `share_bps` is the vendor's part of its cost, `reason` and `note` why it was cut or refused.
    `facts` are what the programme asks of the plan by name (place, audience), `outcome` what its
    partner says afterwards: how it was done, and the results. `way` is how its claims are settled.
    """

    __tablename__ = "fund_activity"
    __table_args__ = (
        enrolled(),
        UniqueConstraint("request_id", "no", name="fund_activity_no"),
        CheckConstraint("requested_minor > 0", name="fund_activity_positive"),
        CheckConstraint(
            "approved_minor IS NULL OR (approved_minor > 0 AND approved_minor <= requested_minor)",
            name="fund_activity_not_above",
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'closed') OR num_nulls(approved_minor, claim_by) = 0",
            name="fund_activity_granted",
        ),
        CheckConstraint(IS_WAY, name="fund_activity_way"),
        Index("fund_activity_request", "request_id"),
    )

    id: Mapped[Key]
    request_id: Mapped[UUID] = mapped_column(ForeignKey("fund_request.id"))
    no: Mapped[int]
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    kind: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(server_default=ActivityState.PLANNED)
    share_bps: Mapped[int]
    requested_minor: Mapped[Minor]
    approved_minor: Mapped[Minor | None]
    claim_by: Mapped[date | None]
    reason: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(Sentence, server_default="")
    closed_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    outcome: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    way: Mapped[str] = mapped_column(server_default="cash")


class FundCostLine(Model):
    """One planned cost of an activity, net of tax, before the vendor's share.

    `kind` is one of the programme's kinds of costs, empty where it is another.
    """

    __tablename__ = "fund_cost_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="fund_cost_line_positive"),)

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("fund_activity.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    label: Mapped[str]
    amount_minor: Mapped[Minor]
    kind: Mapped[str] = mapped_column(server_default="")


class ActivityLaunch(Model):
    """A launch that carries out a funded activity.

    `proven` says how far its proof is written: empty, all of the "start", or of the "end";
    `looked_at` when that was tried last.
    """

    __tablename__ = "activity_launch"

    activity_id: Mapped[UUID] = mapped_column(ForeignKey("fund_activity.id"), primary_key=True)
    launch_id: Mapped[UUID] = mapped_column(
        ForeignKey("launch.id", ondelete="CASCADE"), primary_key=True
    )
    proven: Mapped[str] = mapped_column(server_default="")
    looked_at: Mapped[datetime | None]


class Proof(Model):
    """One piece of evidence in an activity's case file; `source` names what wrote it.

    `picture_mark` finds the same picture in another file, empty of what is none. `preview_due_at` is
    when a worker may make its small copy, nothing when none is to be made; `preview_why` says why
    there is none.
    """

    __tablename__ = "proof"
    __table_args__ = (
        enrolled(),
        UniqueConstraint("activity_id", "kind", "source", name="proof_once"),
        Index("proof_pictures", "id", postgresql_where=text("picture_mark <> ''")),
        Index(
            "proof_preview_due",
            "preview_due_at",
            postgresql_where=text("preview_due_at IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("fund_activity.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    source: Mapped[str]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    detail: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    picture_mark: Mapped[str] = mapped_column(server_default="")
    preview_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    preview_due_at: Mapped[datetime | None]
    preview_tries: Mapped[int] = mapped_column(server_default=text("0"))
    preview_why: Mapped[str] = mapped_column(server_default="")


class Claim(Model):
    """Money asked back for an activity; `amount_minor` is the vendor's share of the invoices."""

    __tablename__ = "claim"
    __table_args__ = (
        enrolled(),
        CheckConstraint("amount_minor > 0", name="claim_positive"),
        CheckConstraint(
            "approved_minor IS NULL OR (approved_minor > 0 AND approved_minor <= amount_minor)",
            name="claim_not_above",
        ),
        CheckConstraint("decided_by IS NULL OR decided_by <> filed_by", name="claim_four_eyes"),
        CheckConstraint(
            "state NOT IN ('approved', 'payment_pending', 'paid')"
            " OR num_nulls(approved_minor, decided_by) = 0",
            name="claim_approved_is_decided",
        ),
        UniqueConstraint("id", "decided_by"),
        Index("claim_partner", "partner_id", "id"),
        Index("claim_queue", "vendor_id", "state", "answer_by"),
        Index("claim_request", "request_id"),
        Index("claim_activity", "activity_id"),
        Index(
            "claim_filed",
            "partner_id",
            "vendor_id",
            postgresql_where=text("state IN ('submitted', 'info_requested')"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(unique=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("fund_request.id"))
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("fund_activity.id"))
    vendor_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default=ClaimState.DRAFT)
    currency: Mapped[str]
    amount_minor: Mapped[Minor]
    approved_minor: Mapped[Minor | None]
    filed_by: Mapped[UUID | None]
    filed_at: Mapped[datetime | None]
    answer_by: Mapped[date | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Sentence, server_default="")
    trace: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime]


class Invoice(Model):
    """Proof of cost of a claim. `net_minor` + `tax_minor` is what was paid.

    In another currency than the claim it counts at `rate_id`, the stored rate of its day. `lines`
    are its parts by kind of cost, together the net; `shown` is what else a person saw on it.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("net_minor > 0 AND tax_minor >= 0", name="invoice_positive"),
        Index("invoice_twin", "issuer", "number"),
    )

    id: Mapped[Key]
    claim_id: Mapped[UUID] = mapped_column(ForeignKey("claim.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    issuer: Mapped[str]
    number: Mapped[str]
    issued_on: Mapped[date]
    made_out_to: Mapped[str]
    net_minor: Mapped[Minor]
    tax_minor: Mapped[Minor]
    currency: Mapped[str]
    rate_id: Mapped[UUID | None] = mapped_column(ForeignKey("exchange_rate.id"))
    lines: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    shown: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    order_number: Mapped[str] = mapped_column(server_default="")
