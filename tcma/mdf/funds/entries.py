"""Reads a fund's ledger: each transfer with who booked it, what for, and by which rules."""

from typing import Any

from sqlalchemy import Row, Select, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from tcma.db.pages import Page, read_cursor, write_cursor
from tcma.library.models import Campaign
from tcma.mdf.ledger import causes
from tcma.mdf.ledger_line import LedgerLine
from tcma.mdf.models.funding import Claim, FundBudget, FundRequest
from tcma.mdf.models.ledger import LedgerAccount, LedgerTransfer
from tcma.mdf.models.payments import Payment
from tcma.mdf.models.repayments import Repayment
from tcma.mdf.queries import allocation_by_fund, fund_by_ref
from tcma.mdf.rules import AccountKind, TransferKind
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Principal
from tcma.words import say_as

LINES = 50
FREE = (AccountKind.UNALLOCATED, AccountKind.FUND)
ACCOUNT_WORDS: dict[str, str] = {
    AccountKind.SOURCE: say_as("account", "outside"),
    AccountKind.UNALLOCATED: say_as("account", "not allocated"),
    AccountKind.FUND: say_as("account", "available"),
    AccountKind.RESERVED: say_as("account", "reserved"),
    AccountKind.ACCRUED: say_as("account", "to pay"),
    AccountKind.PAID: say_as("account", "paid"),
    AccountKind.FORFEITED: say_as("account", "expired"),
    AccountKind.EXCHANGE: say_as("account", "exchange difference"),
    AccountKind.OWED: say_as("account", "owed back"),
}


def ledger_lines(
    session: Session,
    principal: Principal,
    fund_ref: str,
    *,
    after: str | None = None,
    size: int = LINES,
) -> Page[LedgerLine]:
    """Return a fund's transfers, newest first, with the running balance of what is free.

    A vendor sees the whole fund; a partner sees its own accounts and the balance of its part.
    """
    of_fund = _transfers(session, principal, fund_ref)
    lines = of_fund.subquery()
    page = select(lines).order_by(lines.c.seq.desc()).limit(size + 1)
    if after:
        page = page.where(lines.c.seq < int(read_cursor(after)[0]))
    rows = session.execute(page).all()
    more = write_cursor([rows[size - 1].seq]) if len(rows) > size else None
    return Page([_line(row) for row in rows[:size]], more)


def _transfers(session: Session, principal: Principal, fund_ref: str) -> Select[*tuple[Any, ...]]:
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    if principal.partner_id:
        part = allocation_by_fund(session, principal, fund_ref)
        free: tuple[AccountKind, ...] = (AccountKind.FUND,)
        mine = or_(debit.allocation_id == part.id, credit.allocation_id == part.id)
        chain = part.budget_id
    else:
        chain = fund_by_ref(session, principal, fund_ref).id
        mine, free = LedgerTransfer.chain_id == chain, FREE
    delta = case((credit.kind.in_(free), LedgerTransfer.amount), else_=0) - case(
        (debit.kind.in_(free), LedgerTransfer.amount), else_=0
    )
    ref = case(
        (LedgerTransfer.subject == "request", FundRequest.ref),
        (LedgerTransfer.subject == "fund", FundBudget.ref),
        (LedgerTransfer.subject.in_(("claim", "payment", "repayment")), Claim.ref),
        else_="",
    )
    return causes.joined(
        select(
            LedgerTransfer.seq,
            LedgerTransfer.at,
            LedgerTransfer.kind,
            LedgerTransfer.subject,
            LedgerTransfer.amount,
            LedgerTransfer.currency,
            LedgerTransfer.reason,
            LedgerTransfer.hash,
            ref.label("ref"),
            debit.kind.label("debit"),
            credit.kind.label("credit"),
            func.coalesce(Campaign.name, "").label("campaign"),
            func.coalesce(Partner.name, "").label("partner"),
            causes.WHO,
            causes.WHAT,
            causes.BY_RULES,
            func.sum(delta).over(order_by=LedgerTransfer.seq).label("balance"),
        )
        .join(debit, debit.id == LedgerTransfer.debit_id)
        .join(credit, credit.id == LedgerTransfer.credit_id)
        .outerjoin(Campaign, Campaign.id == LedgerTransfer.campaign_id)
        .outerjoin(Partner, Partner.id == func.coalesce(credit.partner_id, debit.partner_id))
        .outerjoin(FundRequest, FundRequest.id == LedgerTransfer.subject_id)
        .outerjoin(FundBudget, FundBudget.id == LedgerTransfer.subject_id)
        .outerjoin(Payment, Payment.id == LedgerTransfer.subject_id)
        .outerjoin(Repayment, Repayment.id == LedgerTransfer.subject_id)
        .outerjoin(
            Claim,
            Claim.id
            == func.coalesce(Payment.claim_id, Repayment.claim_id, LedgerTransfer.subject_id),
        )
        .where(LedgerTransfer.chain_id == chain, mine)
    )


def _line(row: Row[*tuple[Any, ...]]) -> LedgerLine:
    words = ACCOUNT_WORDS
    if row.kind in {TransferKind.DRAW, TransferKind.PUT_BACK}:
        words = words | {AccountKind.UNALLOCATED: say_as("account", "shared pot")}
    return LedgerLine(
        seq=row.seq,
        at=row.at,
        kind=TransferKind(row.kind),
        subject=row.subject,
        ref=row.ref or "",
        campaign=row.campaign,
        partner=row.partner,
        debit=words[row.debit],
        credit=words[row.credit],
        amount=Money(row.amount, row.currency),
        balance=Money(int(row.balance), row.currency),
        actor=row.actor,
        activity=row.activity,
        rules=row.rules,
        reason=row.reason,
        hash=bytes(row.hash).hex(),
    )
