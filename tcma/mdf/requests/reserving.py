"""Sets money aside for a plan and gives it back: from a partner's part, or from a pot many share.

From a shared pot money enters the partner's part when it is reserved and leaves it when it is given
back: two entries of one transaction. That the pot is never below zero is its account's constraint.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.mdf.ledger import booking, pool
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.queries import balance, budget_of
from tcma.mdf.rules import AccountKind
from tcma.mdf.words import spoken
from tcma.money import Money


def available(session: Session, request: FundRequest) -> Money:
    """Return what a plan may take now: the partner's part, or what the shared pot has left."""
    budget = budget_of(session, request)
    if budget.pooled:
        return balance(
            session, AccountKind.UNALLOCATED, currency=request.currency, chain_id=budget.id
        )
    return balance(
        session, AccountKind.FUND, currency=request.currency, allocation_id=request.allocation_id
    )


def left_words(session: Session, request: FundRequest) -> tuple[str, str]:
    """Return what is left as a sentence for the vendor, and how more comes."""
    left = spoken(available(session, request))
    if budget_of(session, request).pooled:
        return f"{left} is left in the shared pot.", "put more into the pot"
    return f"{left} is available in this partner’s part of the fund.", "allocate more"


def line_of(session: Session, request: FundRequest) -> UUID:
    """Return what a plan that waits for money waits at: the partner's part, or the pot."""
    budget = budget_of(session, request)
    return budget.id if budget.pooled else request.allocation_id


def reserve(
    work: Work, request: FundRequest, amount: Money, *, cause: booking.Cause, step: int = 0
) -> None:
    """Set money aside; `step` is its activity's number, 0 the next free one."""
    if budget_of(work.session, request).pooled:
        pool.draw(work, request, amount, cause=cause)
    booking.reserve(work, request, amount, cause=cause, step=step)


def release(work: Work, request: FundRequest, amount: Money, *, cause: booking.Cause) -> None:
    """Give money that a plan does not need back to where it came from."""
    booking.release(work, request, amount, cause=cause)
    if budget_of(work.session, request).pooled:
        pool.put_back(work, request, amount, cause=cause)
