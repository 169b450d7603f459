"""Reads payments: what is ready to pay, the batches, and one batch with its lines."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.db.scope import visible
from tcma.mdf import four_eyes
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.payments import bank_accounts, holds
from tcma.mdf.programme.settled import CASH
from tcma.mdf.queries import batch_by_ref, names_of, timeline
from tcma.mdf.records import BatchDetail, BatchRow, Payable, PaymentLine
from tcma.mdf.rules import ClaimState, PaymentState
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Permission, Principal

LONGEST = 500


def ready_to_pay(session: Session, principal: Principal) -> list[Payable]:
    """Return the approved claims that are in no batch, longest waiting first."""
    rows = session.execute(
        visible(
            select(Claim, FundRequest.title, Partner.name, FundActivity.way)
            .join(FundRequest, FundRequest.id == Claim.request_id)
            .join(FundActivity, FundActivity.id == Claim.activity_id)
            .join(Partner, Partner.id == Claim.partner_id)
            .where(Claim.state == ClaimState.APPROVED)
            .order_by(Claim.decided_at, Claim.ref)
            .limit(LONGEST),
            principal,
            Claim,
        )
    ).all()
    names = names_of(session, *(claim.decided_by for claim, *_ in rows))
    return [_payable(session, principal, row, names[row[0].decided_by]) for row in rows]


def _payable(
    session: Session, principal: Principal, row: Row[Claim, str, str, str], approved_by: str
) -> Payable:
    claim, title, partner, way = row
    assert claim.approved_minor is not None
    assert claim.decided_at is not None
    return Payable(
        claim_ref=claim.ref,
        title=title,
        partner_name=partner,
        amount=Money(claim.approved_minor, claim.currency),
        approved_at=claim.decided_at,
        approved_by=approved_by,
        way=way,
        blocked=holds.obstacle(session, claim)
        or (way == CASH and _no_account(session, claim))
        or four_eyes.blocked(
            session,
            principal,
            Permission.PAYMENT_MAKE,
            pair=four_eyes.Pair(claim.vendor_id, claim.partner_id),
            involved=four_eyes.of_payment(session, claim),
        ),
    )


def _no_account(session: Session, claim: Claim) -> str:
    return bank_accounts.obstacle(session, vendor_id=claim.vendor_id, partner_id=claim.partner_id)


def _rows() -> Select[*tuple[Any, ...]]:
    counted = (Payment.batch_id == PaymentBatch.id, Payment.state != PaymentState.FAILED)
    total = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(*counted)
    return select(
        PaymentBatch.ref,
        PaymentBatch.state,
        PaymentBatch.currency,
        PaymentBatch.made_by,
        PaymentBatch.made_at,
        PaymentBatch.exported_at,
        PaymentBatch.settled_at,
        PaymentBatch.bank_reference,
        PaymentBatch.document_id,
        PaymentBatch.way,
        PaymentBatch.note,
        total.scalar_subquery().label("total"),
        select(func.count()).where(*counted).scalar_subquery().label("payments"),
    )


def _row(row: Row[*tuple[Any, ...]], made_by: str) -> BatchRow:
    return BatchRow(
        ref=row.ref,
        state=row.state,
        total=Money(int(row.total), row.currency),
        payments=row.payments,
        made_by=made_by,
        made_at=row.made_at,
        exported_at=row.exported_at,
        settled_at=row.settled_at,
        bank_reference=row.bank_reference or "",
        document_id=row.document_id,
        way=row.way,
        note=row.note,
    )


def batches(session: Session, principal: Principal, *, after: str | None = None) -> Page[BatchRow]:
    """Return a page of the vendor's batches, newest first."""
    rows = visible(_rows(), principal, PaymentBatch)
    page = page_of(session, rows, [PaymentBatch.id], after=after)
    names = names_of(session, *(row.made_by for row in page.rows))
    return Page([_row(row, names[row.made_by]) for row in page.rows], page.next)


def batch_detail(session: Session, principal: Principal, ref: str) -> BatchDetail:
    """Return one of the vendor's batches with its payments and history; else NotFound."""
    batch = batch_by_ref(session, principal, ref)
    head = session.execute(_rows().where(PaymentBatch.id == batch.id)).one()
    lines = session.execute(
        select(Payment, Claim.ref, FundRequest.title, Partner.name, Partner.slug)
        .join(Claim, Claim.id == Payment.claim_id)
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .join(Partner, Partner.id == Payment.partner_id)
        .where(Payment.batch_id == batch.id)
        .order_by(Claim.ref, Payment.id)
    )
    return BatchDetail(
        row=_row(head, names_of(session, batch.made_by)[batch.made_by]),
        payments=tuple(
            PaymentLine(
                id=payment.id,
                claim_ref=ref_of_claim,
                title=title,
                partner_name=partner,
                partner_slug=slug,
                amount=Money(payment.amount_minor, payment.currency),
                state=payment.state,
                failure=payment.failure or "",
                kept=Money(payment.kept_minor, payment.currency),
                memo=payment.memo or "",
                document_id=payment.document_id,
            )
            for payment, ref_of_claim, title, partner, slug in lines
        ),
        timeline=timeline(session, "payment_batch", batch.id),
    )


def paid_in(session: Session, principal: Principal, *, since: datetime) -> list[Money]:
    """Return what was paid since then, one sum per currency."""
    rows = session.execute(
        visible(
            select(Payment.currency, func.sum(Payment.amount_minor))
            .join(PaymentBatch, PaymentBatch.id == Payment.batch_id)
            .where(Payment.state == PaymentState.SETTLED, PaymentBatch.settled_at >= since)
            .group_by(Payment.currency)
            .order_by(Payment.currency),
            principal,
            Payment,
        )
    )
    return [Money(int(total), currency) for currency, total in rows]
