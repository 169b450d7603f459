"""When a partner's money ends: its last day, who moves it, what is carried over, what is forfeited."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.mdf.deadlines import in_time, local_day
from tcma.mdf.funds.leave import Leave, agreed, apart_from
from tcma.mdf.funds.lots import Lot, expired
from tcma.mdf.funds.opening import part_of, still_open
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.judging.headlines import Period, last_day
from tcma.mdf.ledger import beside, booking
from tcma.mdf.models.funding import FundAllocation, FundBudget, FundExtension
from tcma.mdf.models.ledger import LedgerAccount, LedgerTransfer
from tcma.mdf.programme.document import FundRules, Programme
from tcma.mdf.queries import balance, own, vendor_of
from tcma.mdf.rules import AccountKind, TransferKind, positive
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.permissions import Permission

EARNED = frozenset(
    {TransferKind.ACCRUE, TransferKind.ALLOCATE, TransferKind.CARRY_OVER, TransferKind.REVALUE}
)


def extended_until(session: Session, allocation: FundAllocation) -> date | None:
    """Return the later last day somebody gave a partner's part, None when nobody did."""
    return session.scalar(
        select(FundExtension.until)
        .where(FundExtension.allocation_id == allocation.id)
        .order_by(FundExtension.id.desc())
        .limit(1)
    )


def extensions_of(session: Session, allocation_id: UUID) -> list[FundExtension]:
    """Return who gave a part more time, newest first."""
    some = select(FundExtension).where(FundExtension.allocation_id == allocation_id)
    return list(session.scalars(some.order_by(FundExtension.id.desc())))


def expire_due(work: Work) -> int:
    """Forfeit what no plan reserved by its last day; returns in how many parts. Again is harmless."""
    return sum(expire_part(work, each) for each in parts_with_money(work))


def parts_with_money(work: Work) -> list[UUID]:
    """Return the parts that hold money no plan reserved."""
    some = select(LedgerAccount.allocation_id).where(
        LedgerAccount.kind == AccountKind.FUND, LedgerAccount.balance > 0
    )
    return [
        each for each in work.session.scalars(some.order_by(LedgerAccount.allocation_id)) if each
    ]


def expire_part(work: Work, allocation_id: UUID) -> bool:
    """Do for one part what `expire_due` does for all; returns whether something was forfeited."""
    allocation = work.session.get_one(FundAllocation, allocation_id)
    budget = work.session.get_one(FundBudget, allocation.budget_id)
    gone = _due(work, allocation, budget, rules_today(work.session, budget, work.now))
    if gone:
        words = f"{spoken(gone)} was not planned with by its last day."
        beside.expire(work, allocation, gone, reason=words)
        _log(work, allocation, "expired", words)
    return bool(gone)


def _due(work: Work, allocation: FundAllocation, budget: FundBudget, rules: Programme) -> Money:
    left = _left(work.session, allocation)
    zone = vendor_of(work.session, allocation.vendor_id).zone
    # Closing a fund ends every part of it, also those that had more time.
    until = None if budget.closed_at else extended_until(work.session, allocation)
    lots = [
        Lot(minor, last_day(rules, _period(budget, until), earned_on=local_day(at, zone)))
        for minor, at in _earned(work.session, allocation)
    ]
    gone = expired(lots, left.minor, lambda day: in_time(work.now, day, zone))
    return Money(gone, allocation.currency)


def expire_whole(work: Work) -> int:
    """Forfeit what no partner has a part of after a fund's last day, and what a shared pot has left.

    Returns in how many funds. Again is harmless.
    """
    return sum(expire_fund(work, each) for each in funds_with_money(work))


def funds_with_money(work: Work) -> list[UUID]:
    """Return the funds that hold money in nobody's part."""
    some = select(LedgerAccount.chain_id).where(
        LedgerAccount.kind == AccountKind.UNALLOCATED, LedgerAccount.balance > 0
    )
    return list(work.session.scalars(some.order_by(LedgerAccount.chain_id)))


def expire_fund(work: Work, budget_id: UUID) -> bool:
    """Do for one fund what `expire_whole` does for all; returns whether something was forfeited."""
    budget = work.session.get_one(FundBudget, budget_id)
    last = last_day(rules_today(work.session, budget, work.now), _period(budget))
    if in_time(work.now, last, vendor_of(work.session, budget.vendor_id).zone):
        return False
    kind = AccountKind.UNALLOCATED
    left = balance(work.session, kind, currency=budget.currency, chain_id=budget.id)
    if left:
        words = f"{spoken(left)} was in nobody’s part on the last day, {spoken_day(last)}."
        beside.expire_whole(work, budget, left, reason=words)
        work.audit("expired", "fund", budget.id, vendor_id=budget.vendor_id, words=words)
    return bool(left)


def _earned(session: Session, allocation: FundAllocation) -> list[tuple[int, datetime]]:
    """What came into a part and when, oldest first; what was taken back again is left out."""
    pot = select(LedgerAccount.id).where(
        LedgerAccount.allocation_id == allocation.id, LedgerAccount.kind == AccountKind.FUND
    )
    rows = session.execute(
        select(LedgerTransfer.amount, LedgerTransfer.at)
        .where(
            LedgerTransfer.credit_id.in_(pot),
            LedgerTransfer.kind.in_(EARNED),
            booking.stand(),
        )
        .order_by(LedgerTransfer.seq)
    )
    return [(row.amount, row.at) for row in rows]


def extend(work: Work, allocation: FundAllocation, *, until: date, leave: Leave) -> None:
    """Move a partner's last day; what was forfeited since comes back into its part.

    Raises Invalid with fields for a day in the past or later than the programme allows, Conflict
    for somebody of the partner.
    """
    _, _, approver = _bending(work, allocation, leave, extenders)
    check_extend(work, allocation, until)
    work.session.add(
        FundExtension(
            id=new_id(),
            allocation_id=allocation.id,
            vendor_id=allocation.vendor_id,
            partner_id=allocation.partner_id,
            until=until,
            approver=approver,
            reason=leave.reason.strip(),
            made_by=work.principal.user_id,
            made_at=work.now,
        )
    )
    said = f"until {spoken_day(until)}, approved by {approver}: {leave.reason.strip()}"
    back = forfeited(work.session, allocation)
    if back:
        beside.extend(work, allocation, back, reason=said)
    _log(work, allocation, "extended", said)


def check_extend(work: Work, allocation: FundAllocation, until: date) -> None:
    """Raise what `extend` would say to the day."""
    budget = work.session.get_one(FundBudget, allocation.budget_id)
    still_open(budget)
    rules = rules_today(work.session, budget, work.now)
    zone = vendor_of(work.session, allocation.vendor_id).zone
    words = ""
    if not in_time(work.now, until, zone):
        words = "This day is over."
    extension = rules.fund.extension
    if not words and extension and extension.most:
        most = extension.most.shift(last_day(rules, _period(budget)), rules.calendar, 1)
        if until > most:
            words = f"The programme allows {spoken_day(most)} at the latest."
    if words:
        raise Invalid(words, code="mdf.fund.extension", fields={"until": words})


def carry_over(
    work: Work, allocation: FundAllocation, to: FundBudget, amount: Money, *, leave: Leave
) -> None:
    """Move unspent or forfeited money of a partner into another fund of the vendor.

    Raises LimitReached above what is left or what the programme's percentage of everything that was
    left still allows, Conflict for another currency or somebody of the partner.
    """
    budget, _, approver = _bending(work, allocation, leave, carriers)
    check_carry_over(work, allocation, to, amount)
    free, lost = _left(work.session, allocation), forfeited(work.session, allocation)
    target = part_of(work, to, allocation.partner_id)
    said = f"from {budget.ref} into {to.ref}, approved by {approver}: {leave.reason.strip()}"
    for kind, held in ((AccountKind.FORFEITED, lost), (AccountKind.FUND, free)):
        part = Money(min(amount.minor, held.minor), amount.currency)
        if part:
            beside.carry_over(work, (allocation, target), part, kind=kind, reason=said)
            amount -= part
    _log(work, allocation, "carried over", said)


def check_carry_over(work: Work, allocation: FundAllocation, to: FundBudget, amount: Money) -> None:
    """Raise what `carry_over` would say to the fund and the sum."""
    budget = work.session.get_one(FundBudget, allocation.budget_id)
    own(work.principal, to)
    if to.id == budget.id or to.currency != allocation.currency:
        raise Conflict(f"Choose another fund in {allocation.currency}.", code="mdf.fund.carry_over")
    if to.pooled:
        words = "Nobody has a part of a shared pot. Choose another fund."
        raise Conflict(words, code="mdf.fund.pooled")
    still_open(to)
    positive(amount, allocation.currency, "amount")
    left = _left(work.session, allocation) + forfeited(work.session, allocation)
    percent = rules_today(work.session, budget, work.now).fund.carry_over
    most = left
    rule = ""
    if percent is not None:
        before = carried(work.session, allocation)
        most = (left + before).share(int(percent * 100)) - before
        most = Money(min(max(most.minor, 0), left.minor), left.currency)
        rule = f" The programme carries over {percent} %"
        rule += f", and {spoken(before)} was carried over already." if before else "."
    if amount > most:
        words = f"{spoken(left)} is left.{rule}"
        remedy = f"Carry over {spoken(most)} or less." if most else "Nothing more can be carried."
        raise LimitReached(words, code="mdf.fund.carry_over", remedy=remedy)


def carried(session: Session, allocation: FundAllocation) -> Money:
    """Return what was carried over out of a part so far."""
    pots = select(LedgerAccount.id).where(LedgerAccount.allocation_id == allocation.id)
    minor = session.scalar(
        select(func.coalesce(func.sum(LedgerTransfer.amount), 0)).where(
            LedgerTransfer.debit_id.in_(pots), LedgerTransfer.kind == TransferKind.CARRY_OVER
        )
    )
    return Money(int(minor or 0), allocation.currency)


def forfeited(session: Session, allocation: FundAllocation) -> Money:
    """Return what of a partner's part was not used in time."""
    return balance(
        session,
        AccountKind.FORFEITED,
        currency=allocation.currency,
        allocation_id=allocation.id,
    )


def _left(session: Session, allocation: FundAllocation) -> Money:
    return balance(
        session, AccountKind.FUND, currency=allocation.currency, allocation_id=allocation.id
    )


def _bending(
    work: Work, allocation: FundAllocation, leave: Leave, may: Callable[[FundRules], Sequence[str]]
) -> tuple[FundBudget, Programme, str]:
    """Return fund, rules and who agreed, once a person whom the programme knows does."""
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, allocation)
    apart_from(work, allocation.partner_id)
    budget = work.session.get_one(FundBudget, allocation.budget_id)
    rules = rules_today(work.session, budget, work.now)
    return budget, rules, agreed(work, leave, may(rules.fund))


def _period(budget: FundBudget, until: date | None = None) -> Period:
    return Period(budget.starts_on, budget.ends_on, until)


def extenders(rules: FundRules) -> Sequence[str]:
    """Return whose word a later last day takes; empty for everybody who manages funds."""
    return rules.extension.by if rules.extension else ()


def carriers(rules: FundRules) -> Sequence[str]:
    """Return whose word carrying over takes; empty for everybody who manages funds."""
    return rules.carry_over_by


def _log(work: Work, allocation: FundAllocation, verb: str, words: str) -> None:
    work.audit(
        verb,
        "fund",
        allocation.budget_id,
        vendor_id=allocation.vendor_id,
        partner_id=allocation.partner_id,
        words=words,
    )
