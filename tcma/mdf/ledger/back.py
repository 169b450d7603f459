"""Bookings of money that a partner gives back: asked for, repaid, owed again.

Where a fund's rules keep it from being planned with before it is there, it waits at `owed`; else it
is free at once, and what comes later passes through the books without changing what is free.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.mdf.ledger.accounts import whole
from tcma.mdf.ledger.booking import Booked, Booking, Cause, book, next_step, standing
from tcma.mdf.models.funding import Claim, FundBudget
from tcma.mdf.models.ledger import LedgerAccount, LedgerTransfer
from tcma.mdf.models.payments import Payment
from tcma.mdf.queries import balance, budget_of_claim
from tcma.mdf.rules import AccountKind, TransferKind
from tcma.money import Money

SUBJECT = "repayment"


def claw_back(work: Work, payment: Payment, amount: Money, *, free: bool, cause: Cause) -> Booked:
    """Book that paid money is owed back; `free` when the fund may spend it before it is there.

    A payment is clawed back once.
    """
    paid = standing(work, payment.id, TransferKind.PAY)
    if paid is None:
        raise NotFound("There is no payment to claw back.", code="ledger.nothing_to_reverse")
    budget = work.session.get_one(FundBudget, paid.chain_id)
    into = AccountKind.UNALLOCATED if free else AccountKind.OWED
    return book(
        work,
        Booking(
            chain_id=paid.chain_id,
            kind=TransferKind.CLAW_BACK,
            debit_id=paid.credit_id,
            credit_id=whole(work, budget, into),
            amount=amount,
            subject="payment",
            subject_id=payment.id,
            campaign_id=cause.campaign_id,
            activity_id=cause.activity_id,
            reason=cause.reason,
            reverses=paid.id,
        ),
    )


@dataclass(frozen=True, slots=True)
class Return:
    """A sum that came back for a claim, by the id of its repayment."""

    claim: Claim
    id: UUID
    amount: Money


def repay(work: Work, back: Return, *, cause: Cause) -> None:
    """Book that money which was asked back is there."""
    budget = budget_of_claim(work.session, back.claim)
    owed = whole(work, budget, AccountKind.OWED)
    if _waited(work.session, back.claim):
        _book(work, TransferKind.REPAY, (owed, whole(work, budget, AccountKind.UNALLOCATED)),
              back, cause)  # fmt: skip
        return
    outside = whole(work, budget, AccountKind.SOURCE)
    _book(work, TransferKind.ADVANCE, (outside, owed), back, cause)
    _book(work, TransferKind.REPAY, (owed, outside), back, cause)


def owe_again(work: Work, back: Return, *, cause: Cause) -> None:
    """Book that a repayment was none: it is owed again.

    When the fund has spent the money meanwhile, it comes from outside.
    """
    budget = budget_of_claim(work.session, back.claim)
    owed, outside = (whole(work, budget, k) for k in (AccountKind.OWED, AccountKind.SOURCE))
    waited = _waited(work.session, back.claim)
    kind = AccountKind.UNALLOCATED
    left = balance(work.session, kind, currency=budget.currency, chain_id=budget.id)
    free = waited and left >= back.amount
    _book(work, TransferKind.REPAY, (whole(work, budget, kind) if free else outside, owed),
          back, cause)  # fmt: skip
    if not waited:
        _book(work, TransferKind.ADVANCE, (owed, outside), back, cause)


def _waited(session: Session, claim: Claim) -> bool:
    """Say whether the money of a claim was not free when it was asked back."""
    kind = session.scalar(
        select(LedgerAccount.kind)
        .join(LedgerTransfer, LedgerTransfer.credit_id == LedgerAccount.id)
        .join(Payment, Payment.id == LedgerTransfer.subject_id)
        .where(Payment.claim_id == claim.id, LedgerTransfer.kind == TransferKind.CLAW_BACK)
    )
    return kind == AccountKind.OWED


def _book(
    work: Work, kind: TransferKind, ends: tuple[int, int], back: Return, cause: Cause
) -> None:
    chain_id = work.session.get_one(LedgerAccount, ends[0]).chain_id
    book(
        work,
        Booking(
            chain_id=chain_id,
            kind=kind,
            debit_id=ends[0],
            credit_id=ends[1],
            amount=back.amount,
            subject=SUBJECT,
            subject_id=back.id,
            step=next_step(work, chain_id, back.id, kind),
            campaign_id=cause.campaign_id,
            activity_id=cause.activity_id,
            reason=cause.reason,
        ),
    )
