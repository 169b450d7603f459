"""Funds in points: when one point is worth more or less, the money behind unspent points follows.

The books are kept in money, for that is what is owed. From the first day of a version of the rules
with another worth each pot keeps its points, and the difference comes from or goes to the vendor.
What is approved keeps the worth of its day.
"""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from tcma.db.work import Work
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.ledger import pool
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.rules import AccountKind
from tcma.money import Money

UNSPENT = (AccountKind.UNALLOCATED, AccountKind.FUND)


def revalue_due(work: Work) -> list[str]:
    """Bring the books of funds in points to what a point is worth today; returns their references."""
    return [ref for each in in_points(work) if (ref := revalue_fund(work, each))]


def in_points(work: Work) -> list[UUID]:
    """Return the funds that are kept in points."""
    some = select(FundBudget.id).where(FundBudget.point.is_not(None)).order_by(FundBudget.id)
    return list(work.session.scalars(some))


def revalue_fund(work: Work, budget_id: UUID) -> str:
    """Do for one fund what `revalue_due` does for all; returns its reference when that changed it."""
    one = select(FundBudget).where(FundBudget.id == budget_id).with_for_update(skip_locked=True)
    budget = work.session.scalars(one).one_or_none()
    if budget is None or budget.point is None:
        return ""
    point = rules_today(work.session, budget, work.now).point
    if point == budget.point:
        return ""
    _revalue(work, budget, budget.point, point)
    budget.point = point
    return budget.ref


def _revalue(work: Work, budget: FundBudget, was: Decimal, now: Decimal) -> None:
    words = f"One point is worth {budget.currency} {now:f}, it was {was:f}."
    pots = select(LedgerAccount).where(
        LedgerAccount.chain_id == budget.id, LedgerAccount.kind.in_(UNSPENT)
    )
    for account in work.session.scalars(pots.order_by(LedgerAccount.id).with_for_update()).all():
        held = Money(account.balance, budget.currency)
        if change := held.converted(now / was, budget.currency) - held:
            pool.revalue(work, budget, account.id, change, reason=words)
    work.audit("revalued", "fund", budget.id, vendor_id=budget.vendor_id, words=words)
