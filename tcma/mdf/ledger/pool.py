"""Bookings of shared pots and of points: drawn for a plan, put back, worth more or less."""

from tcma.db.work import Work
from tcma.mdf.ledger.accounts import pot, whole
from tcma.mdf.ledger.booking import Booked, Booking, Cause, book, next_step
from tcma.mdf.models.funding import FundAllocation, FundBudget, FundRequest
from tcma.mdf.rules import AccountKind, TransferKind
from tcma.money import Money


def draw(work: Work, request: FundRequest, amount: Money, *, cause: Cause) -> Booked:
    """Take money out of the pot for a plan; the pot's account refuses what it does not hold."""
    return _book(work, request, TransferKind.DRAW, amount, cause)


def put_back(work: Work, request: FundRequest, amount: Money, *, cause: Cause) -> Booked:
    """Put money that a plan did not need back into the pot, where the next one finds it."""
    return _book(work, request, TransferKind.PUT_BACK, amount, cause)


def revalue(
    work: Work, budget: FundBudget, account_id: int, change: Money, *, reason: str
) -> Booked:
    """Let the money behind the unspent points of one account grow or shrink by `change`."""
    outside = whole(work, budget, AccountKind.SOURCE)
    more = change.minor > 0
    return book(
        work,
        Booking(
            chain_id=budget.id,
            kind=TransferKind.REVALUE,
            debit_id=outside if more else account_id,
            credit_id=account_id if more else outside,
            amount=change if more else -change,
            subject="fund",
            subject_id=budget.id,
            step=next_step(work, budget.id, budget.id, TransferKind.REVALUE),
            reason=reason,
        ),
    )


def _book(
    work: Work, request: FundRequest, kind: TransferKind, amount: Money, cause: Cause
) -> Booked:
    part = work.session.get_one(FundAllocation, request.allocation_id)
    budget = work.session.get_one(FundBudget, part.budget_id)
    shared = whole(work, budget, AccountKind.UNALLOCATED)
    own = pot(work, part, AccountKind.FUND)
    draws = kind is TransferKind.DRAW
    return book(
        work,
        Booking(
            chain_id=budget.id,
            kind=kind,
            debit_id=shared if draws else own,
            credit_id=own if draws else shared,
            amount=amount,
            subject="request",
            subject_id=request.id,
            step=next_step(work, budget.id, request.id, kind),
            campaign_id=cause.campaign_id,
            activity_id=cause.activity_id,
            reason=cause.reason,
        ),
    )
