"""Papers of claims go when the rules of their fund say so; the rows stay and say when and why."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    String,
    cast,
    exists,
    func,
    or_,
    select,
    union,
    update,
)

from tcma.db.audit import AuditEntry
from tcma.db.documents import Document, let_bytes_go
from tcma.db.work import Work
from tcma.mdf.deadlines import end_of_day, local_day
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.models.funding import (
    Claim,
    FundAllocation,
    FundBudget,
    FundRequest,
    Invoice,
    Proof,
)
from tcma.mdf.models.own_shares import OwnShare
from tcma.mdf.models.papers import InvoicePaper
from tcma.mdf.moving import log
from tcma.mdf.queries import vendor_of
from tcma.mdf.rules import BROUGHT, ClaimState
from tcma.mdf.words import spoken_count

OVER = (ClaimState.PAID, ClaimState.REJECTED, ClaimState.REVERSED, ClaimState.WITHDRAWN)
"""Claims that nobody works on."""
LET_GO = "let papers go"
MOST = 500
"""Claims, or documents, in one turn; a turn comes each hour."""


def let_go(work: Work) -> int:
    """Remove the papers of claims that are over for as long as their fund's rules say.

    Invoices, proofs of payment, and proofs that a person brought; of an activity with a younger
    claim they stay. Where the rules say nothing, nothing goes. Bytes follow in a later turn.
    Returns how many documents were removed.
    """
    let_bytes_go(work, MOST)
    gone = 0
    for budget in work.session.scalars(select(FundBudget).order_by(FundBudget.id)).all():
        rules = rules_today(work.session, budget, work.now)
        kept = rules.claim.papers_kept
        if kept is None:
            continue
        zone = vendor_of(work.session, budget.vendor_id).zone
        last = kept.shift(local_day(work.now, zone), rules.calendar, -1) - timedelta(1)
        gone += _of_fund(work, budget, end_of_day(last, zone), kept.words)
    return gone


def _of_fund(work: Work, budget: FundBudget, before: datetime, kept: str) -> int:
    claims = work.session.scalars(
        select(Claim)
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .join(FundAllocation, FundAllocation.id == FundRequest.allocation_id)
        .where(FundAllocation.budget_id == budget.id, _old(before), _has_papers())
        .order_by(Claim.id)
        .limit(MOST)
        .with_for_update(of=Claim, skip_locked=True)
    ).all()
    gone = 0
    for claim in claims:
        removed = work.session.scalars(
            update(Document)
            .where(Document.id.in_(_papers(claim, before)), Document.removed_at.is_(None))
            .values(removed_at=work.now)
            .returning(Document.id)
        ).all()
        if removed:
            log(work, claim, LET_GO, f"{spoken_count(len(removed), 'file')}, kept {kept}.")
            gone += len(removed)
    return gone


def _old(before: datetime) -> ColumnElement[bool]:
    """A claim on which nobody acted since then."""
    acted = exists().where(
        AuditEntry.subject == "claim",
        AuditEntry.subject_id == cast(Claim.id, String),
        AuditEntry.at >= before,
        AuditEntry.verb != LET_GO,
    )
    last = func.coalesce(Claim.decided_at, Claim.filed_at, Claim.created_at)
    return Claim.state.in_(OVER) & (last < before) & ~acted


def _has_papers() -> ColumnElement[bool]:
    """A claim with a file that is still given out."""
    there = Document.removed_at.is_(None)
    return or_(
        *(
            exists().where(of.claim_id == Claim.id, Document.id == of.document_id, there)
            for of in (Invoice, InvoicePaper, OwnShare)
        ),
        exists().where(
            Proof.activity_id == Claim.activity_id,
            Proof.source.startswith(BROUGHT),
            Document.id.in_((Proof.document_id, Proof.preview_id)),
            there,
        ),
    )


def _papers(claim: Claim, before: datetime) -> CompoundSelect[*tuple[Any, ...]]:
    younger = select(Claim.id).where(Claim.activity_id == claim.activity_id, ~_old(before))
    return union(
        select(Invoice.document_id).where(Invoice.claim_id == claim.id),
        select(InvoicePaper.document_id).where(InvoicePaper.claim_id == claim.id),
        select(InvoicePaper.preview_id).where(InvoicePaper.claim_id == claim.id),
        select(OwnShare.document_id).where(OwnShare.claim_id == claim.id),
        *(
            select(column).where(
                Proof.activity_id == claim.activity_id,
                Proof.source.startswith(BROUGHT),
                ~younger.exists(),
            )
            for column in (Proof.document_id, Proof.preview_id)
        ),
    )
