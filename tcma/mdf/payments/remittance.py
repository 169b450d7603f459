"""Remittance advice: what one partner is paid by one batch, for which claims, onto which account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.db.scope import found, visible
from tcma.mdf.claim_rows import TITLE
from tcma.mdf.judging.claims import GIVEN_NUMBER
from tcma.mdf.models.bank import BankAccount
from tcma.mdf.models.funding import Claim, FundActivity, FundBudget, FundRequest
from tcma.mdf.models.funding import FundAllocation as Part
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.payments import bank_accounts
from tcma.mdf.payments.repaying import kept_for
from tcma.mdf.programme.settled import CASH
from tcma.mdf.rules import PaymentState
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal

TOLD = (PaymentState.SENT, PaymentState.SETTLED)
"""Payments a partner is told of: with the bank, or paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceRow:
    """One partner's share of one batch, as a list shows it."""

    batch_ref: str
    vendor_name: str
    total: Money
    claims: int
    sent_at: datetime
    paid_at: datetime | None
    way: str = CASH


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceLine:
    """One claim that is paid: what was claimed, what was approved and leaves.

    `kept` of it stayed for money that is owed back for the claims `kept_for`. `memo` numbers what was
    given where it is no money, `document_id` is its paper.
    """

    claim_ref: str
    title: str
    fund: str
    order_number: str
    claimed: Money
    paid: Money
    kept: Money
    kept_for: tuple[str, ...] = ()
    memo: str = ""
    document_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """The whole advice; `account` is masked, empty where the vendor pays by other means."""

    batch_ref: str
    vendor_name: str
    vendor_legal: str
    vendor_tax_id: str
    partner_name: str
    partner_legal: str
    partner_slug: str
    partner_country: str
    partner_locale: str
    partner_tax_id: str
    account: str
    sent_at: datetime
    paid_at: datetime | None
    zone: str
    bank_reference: str
    lines: tuple[RemittanceLine, ...]
    total: Money
    way: str = CASH
    note: str = ""


def remittances(
    session: Session, principal: Principal, *, after: str | None = None
) -> Page[RemittanceRow]:
    """Return a page of what a partner was paid, newest batch first."""
    rows = visible(
        select(
            PaymentBatch.ref,
            PaymentBatch.exported_at,
            PaymentBatch.settled_at,
            PaymentBatch.way,
            Vendor.name,
            Payment.currency,
            func.sum(Payment.amount_minor).label("minor"),
            func.count().label("claims"),
        )
        .join(PaymentBatch, PaymentBatch.id == Payment.batch_id)
        .join(Vendor, Vendor.id == Payment.vendor_id)
        .where(Payment.state.in_(TOLD))
        .group_by(PaymentBatch.id, Vendor.id, Payment.currency),
        principal,
        Payment,
    )
    page = page_of(session, rows, [PaymentBatch.id], after=after)
    return Page([_row(row) for row in page.rows], page.next)


def _row(row: Row[*tuple[Any, ...]]) -> RemittanceRow:
    return RemittanceRow(
        batch_ref=row.ref,
        vendor_name=row.name,
        total=Money(int(row.minor), row.currency),
        claims=row.claims,
        sent_at=row.exported_at,
        paid_at=row.settled_at,
        way=row.way,
    )


def remittance(
    session: Session, principal: Principal, ref: str, *, partner: str = ""
) -> Remittance:
    """Return the advice of a batch to one partner; a vendor names it by its short name."""
    rows = session.execute(visible(_lines(ref, partner), principal, Payment)).all()
    first = found(rows[0] if rows else None)
    payment, batch = first.Payment, first.PaymentBatch
    total = Money(sum(row.Payment.amount_minor for row in rows), payment.currency)
    own = bank_accounts.in_force(session, vendor_id=batch.vendor_id, partner_id=None)
    theirs = session.get(BankAccount, payment.bank_account_id) if payment.bank_account_id else None
    vendor, payee = first.Vendor, first.Partner
    kept = kept_for(session, [row.Payment.id for row in rows])
    return Remittance(
        batch_ref=batch.ref,
        vendor_name=vendor.name,
        vendor_legal=vendor.legal_name,
        vendor_tax_id=own.tax_id if own else "",
        partner_name=payee.name,
        partner_legal=payee.legal_name,
        partner_slug=payee.slug,
        partner_country=payee.country,
        partner_locale=payee.locale,
        partner_tax_id=theirs.tax_id if theirs else "",
        account=bank_accounts.account_of(theirs).masked if theirs else "",
        sent_at=batch.exported_at,
        paid_at=batch.settled_at,
        zone=vendor.zone,
        bank_reference=batch.bank_reference or "",
        lines=tuple(_line(row, kept.get(row.Payment.id, ())) for row in rows),
        total=total,
        way=batch.way,
        note=batch.note,
    )


def _lines(ref: str, partner: str) -> Select[*tuple[Any, ...]]:
    rows = (
        select(
            Payment,
            PaymentBatch,
            Claim,
            Vendor,
            Partner,
            TITLE,
            FundBudget.name,
            GIVEN_NUMBER.label("order_number"),
        )
        .join(PaymentBatch, PaymentBatch.id == Payment.batch_id)
        .join(Claim, Claim.id == Payment.claim_id)
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .join(FundActivity, FundActivity.id == Claim.activity_id)
        .join(Part, Part.id == FundRequest.allocation_id)
        .join(FundBudget, FundBudget.id == Part.budget_id)
        .join(Vendor, Vendor.id == Payment.vendor_id)
        .join(Partner, Partner.id == Payment.partner_id)
        .where(PaymentBatch.ref == ref, Payment.state.in_(TOLD))
        .order_by(Claim.ref)
    )
    return rows.where(Partner.slug == partner) if partner else rows


def _line(row: Row[*tuple[Any, ...]], kept: tuple[str, ...]) -> RemittanceLine:
    claim, payment = row.Claim, row.Payment
    return RemittanceLine(
        claim_ref=claim.ref,
        title=row.title,
        fund=row.name,
        order_number=row.order_number or "",
        claimed=Money(claim.amount_minor, claim.currency),
        paid=Money(payment.amount_minor, payment.currency),
        kept=Money(payment.kept_minor, payment.currency),
        kept_for=kept,
        memo=payment.memo or "",
        document_id=payment.document_id,
    )


def batch_of_claim(session: Session, claim_id: UUID) -> str:
    """Return the batch whose advice names a claim; empty while it is in none."""
    one = (
        select(PaymentBatch.ref)
        .join(Payment, Payment.batch_id == PaymentBatch.id)
        .where(Payment.claim_id == claim_id, Payment.state.in_(TOLD))
    )
    return session.scalar(one) or ""
