"""Bookings outside a plan's way: accrued, expired, extended, carried over, changed."""

from dataclasses import dataclass
from uuid import UUID

from tcma.db.work import Work
from tcma.mdf.ledger.accounts import pot, whole
from tcma.mdf.ledger.booking import Booked, Booking, Cause, book, next_step
from tcma.mdf.models.funding import Claim, FundAllocation, FundBudget, FundRequest
from tcma.mdf.models.payments import Payment
from tcma.mdf.rules import AccountKind, TransferKind
from tcma.money import Money


@dataclass(frozen=True, slots=True)
class Way:
    """From one account to another, and what that is called."""

    kind: TransferKind
    debit_id: int
    credit_id: int


@dataclass(frozen=True, slots=True)
class Earned:
    """Which sales made a part grow, and by which version of the rules."""

    cause_id: UUID
    step: int
    rules_id: UUID


def accrue(
    work: Work, allocation: FundAllocation, amount: Money, *, by: Earned, reason: str
) -> Booked:
    """Let a partner's part grow by what its sales earned; once per cause and step."""
    return book(
        work,
        Booking(
            chain_id=allocation.budget_id,
            kind=TransferKind.ACCRUE,
            debit_id=whole(work, _fund_of(work, allocation), AccountKind.SOURCE),
            credit_id=pot(work, allocation, AccountKind.FUND),
            amount=amount,
            subject="sales",
            subject_id=by.cause_id,
            step=by.step,
            rules_id=by.rules_id,
            reason=reason,
        ),
    )


def expire(work: Work, allocation: FundAllocation, amount: Money, *, reason: str) -> Booked:
    """Take unspent money out of a partner's part after its last day."""
    way = Way(
        TransferKind.EXPIRE,
        pot(work, allocation, AccountKind.FUND),
        pot(work, allocation, AccountKind.FORFEITED),
    )
    return _of_part(work, allocation, way, amount, reason)


def expire_whole(work: Work, budget: FundBudget, amount: Money, *, reason: str) -> Booked:
    """Forfeit money of a fund that is in nobody's part."""
    ends = (AccountKind.UNALLOCATED, AccountKind.FORFEITED)
    return of_fund(work, budget, TransferKind.EXPIRE, ends, Sum(amount, reason))


def revive(work: Work, budget: FundBudget, amount: Money, *, reason: str) -> Booked:
    """Give what was forfeited of a fund as a whole back to it when its last day moves."""
    ends = (AccountKind.FORFEITED, AccountKind.UNALLOCATED)
    return of_fund(work, budget, TransferKind.EXTEND, ends, Sum(amount, reason))


def reduce(work: Work, budget: FundBudget, amount: Money, *, reason: str) -> Booked:
    """Take money that nobody has a part of out of the fund."""
    ends = (AccountKind.UNALLOCATED, AccountKind.SOURCE)
    return of_fund(work, budget, TransferKind.REDUCE, ends, Sum(amount, reason))


def take_back(work: Work, allocation: FundAllocation, amount: Money, *, reason: str) -> Booked:
    """Move what a partner has not planned with back into the fund."""
    way = Way(
        TransferKind.TAKE_BACK,
        pot(work, allocation, AccountKind.FUND),
        whole(work, _fund_of(work, allocation), AccountKind.UNALLOCATED),
    )
    return _of_part(work, allocation, way, amount, reason)


@dataclass(frozen=True, slots=True)
class Sum:
    """How much, and why."""

    amount: Money
    reason: str


def of_fund(
    work: Work,
    budget: FundBudget,
    kind: TransferKind,
    ends: tuple[AccountKind, AccountKind],
    what: Sum,
) -> Booked:
    """Book between two accounts of a fund as a whole."""
    return book(
        work,
        Booking(
            chain_id=budget.id,
            kind=kind,
            debit_id=whole(work, budget, ends[0]),
            credit_id=whole(work, budget, ends[1]),
            amount=what.amount,
            subject="fund",
            subject_id=budget.id,
            step=next_step(work, budget.id, budget.id, kind),
            reason=what.reason,
        ),
    )


def extend(work: Work, allocation: FundAllocation, amount: Money, *, reason: str) -> Booked:
    """Give forfeited money back into the part whose last day was moved."""
    way = Way(
        TransferKind.EXTEND,
        pot(work, allocation, AccountKind.FORFEITED),
        pot(work, allocation, AccountKind.FUND),
    )
    return _of_part(work, allocation, way, amount, reason)


def carry_over(
    work: Work,
    parts: tuple[FundAllocation, FundAllocation],
    amount: Money,
    *,
    kind: AccountKind,
    reason: str,
) -> tuple[Booked, Booked]:
    """Move a partner's money from its part of one fund into its part of the next.

    Each fund is a chain of its own: the money leaves the first one and enters the second.
    """
    old, new = parts
    out = Way(
        TransferKind.CARRY_OVER,
        pot(work, old, kind),
        whole(work, _fund_of(work, old), AccountKind.SOURCE),
    )
    into = Way(
        TransferKind.CARRY_OVER,
        whole(work, _fund_of(work, new), AccountKind.SOURCE),
        pot(work, new, AccountKind.FUND),
    )
    return (
        _of_part(work, old, out, amount, reason),
        _of_part(work, new, into, amount, reason),
    )


def exchange(work: Work, payment: Payment, difference: Money, *, cause: Cause) -> Booked:
    """Book what the bank took more, or less, than was ordered because it changed money.

    It comes from outside the fund and never touches partners' parts; a difference that is taken
    back is booked the other way.
    """
    claim = work.session.get_one(Claim, payment.claim_id)
    part = work.session.get_one(
        FundAllocation, work.session.get_one(FundRequest, claim.request_id).allocation_id
    )
    budget = _fund_of(work, part)
    outside = whole(work, budget, AccountKind.SOURCE)
    differences = whole(work, budget, AccountKind.EXCHANGE)
    more = difference.minor > 0
    return book(
        work,
        Booking(
            chain_id=budget.id,
            kind=TransferKind.EXCHANGE,
            debit_id=outside if more else differences,
            credit_id=differences if more else outside,
            amount=difference if more else -difference,
            subject="payment",
            subject_id=payment.id,
            step=next_step(work, budget.id, payment.id, TransferKind.EXCHANGE),
            campaign_id=cause.campaign_id,
            activity_id=cause.activity_id,
            reason=cause.reason,
        ),
    )


def _of_part(
    work: Work, allocation: FundAllocation, way: Way, amount: Money, reason: str
) -> Booked:
    return book(
        work,
        Booking(
            chain_id=allocation.budget_id,
            kind=way.kind,
            debit_id=way.debit_id,
            credit_id=way.credit_id,
            amount=amount,
            subject="allocation",
            subject_id=allocation.id,
            step=next_step(work, allocation.budget_id, allocation.id, way.kind),
            reason=reason,
        ),
    )


def _fund_of(work: Work, allocation: FundAllocation) -> FundBudget:
    return work.session.get_one(FundBudget, allocation.budget_id)
