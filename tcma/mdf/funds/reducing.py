"""The way back of a fund's money, and what may change of the fund: by two people, with a reason."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from tcma.db.work import Work
from tcma.errors import Invalid, LimitReached
from tcma.mdf.deadlines import in_time, local_day
from tcma.mdf.funds.leave import Leave, agreed, apart_from
from tcma.mdf.funds.opening import still_open
from tcma.mdf.ledger import beside
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.queries import balance, own, vendor_of
from tcma.mdf.rules import AccountKind, positive
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a fund is called and from which day to which its money is planned with."""

    name: str
    starts_on: date
    ends_on: date


def facts_of(budget: FundBudget) -> Facts:
    """Return them as they stand."""
    return Facts(name=budget.name, starts_on=budget.starts_on, ends_on=budget.ends_on)


def take_back(work: Work, allocation: FundAllocation, amount: Money, *, leave: Leave) -> None:
    """Move what a partner has not planned with back into the fund.

    Raises LimitReached above what is available to the partner, Conflict for who asked for it.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, allocation)
    apart_from(work, allocation.partner_id)
    check_take_back(work, allocation, amount)
    said = f"{leave.reason.strip()} Approved by {agreed(work, leave, two=True)}."
    beside.take_back(work, allocation, amount, reason=said)
    budget = work.session.get_one(FundBudget, allocation.budget_id)
    _log(work, budget, "took back", f"{spoken(amount)}. {said}", allocation)


def check_take_back(work: Work, allocation: FundAllocation, amount: Money) -> None:
    """Raise what `take_back` would say to the sum."""
    positive(amount, allocation.currency, "amount")
    left = balance(
        work.session, AccountKind.FUND, currency=allocation.currency, allocation_id=allocation.id
    )
    if amount > left:
        words = f"{spoken(left)} of this part is not planned with."
        raise LimitReached(
            words,
            code="mdf.fund.take_back",
            remedy=f"Take back {spoken(left)} or less, or wait until plans end.",
        )


def reduce(work: Work, budget: FundBudget, amount: Money, *, leave: Leave) -> None:
    """Take money that is in nobody's part out of the fund.

    Raises LimitReached above what is not allocated, Conflict for who asked for it.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    check_reduce(work, budget, amount)
    said = f"{leave.reason.strip()} Approved by {agreed(work, leave, two=True)}."
    beside.reduce(work, budget, amount, reason=said)
    _log(work, budget, "reduced", f"{spoken(amount)}. {said}")


def check_reduce(work: Work, budget: FundBudget, amount: Money) -> None:
    """Raise what `reduce` would say to the sum."""
    still_open(budget)
    positive(amount, budget.currency, "amount")
    left = _unallocated(work, budget)
    if amount > left:
        words = f"{spoken(left)} of this fund is not allocated."
        raise LimitReached(
            words,
            code="mdf.fund.reduce",
            remedy=f"Take out {spoken(left)} or less, or take parts back first.",
        )


def close(work: Work, budget: FundBudget, *, leave: Leave) -> Money:
    """End a fund today: what nobody planned with leaves it. Returns that sum, perhaps nothing.

    Approved plans and claims go on to their end; what they do not need expires then.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    still_open(budget)
    said = f"{leave.reason.strip()} Approved by {agreed(work, leave, two=True)}."
    parts = select(FundAllocation).where(FundAllocation.budget_id == budget.id)
    for part in work.session.scalars(parts.order_by(FundAllocation.id)).all():
        left = balance(
            work.session, AccountKind.FUND, currency=part.currency, allocation_id=part.id
        )
        if left:
            beside.take_back(work, part, left, reason=f"{budget.ref} was closed. {said}")
    rest = _unallocated(work, budget)
    if rest:
        beside.reduce(work, budget, rest, reason=f"{budget.ref} was closed. {said}")
    today = local_day(work.now, vendor_of(work.session, budget.vendor_id).zone)
    budget.closed_at = work.now
    budget.ends_on = max(min(budget.ends_on, today), budget.starts_on)
    _log(work, budget, "closed", f"{spoken(rest)} left the fund. {said}")
    return rest


def edit(work: Work, budget: FundBudget, facts: Facts, *, leave: Leave) -> None:
    """Call a fund otherwise, or move its days; days take a second person, a name does not.

    What expired of the fund as a whole comes back with a later last day. Raises Invalid with fields.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    check_edit(work, budget, facts)
    was = facts_of(budget)
    if facts == was:
        return
    said = (
        f"{leave.reason.strip()} Approved by {agreed(work, leave, two=moves_days(budget, facts))}."
    )
    budget.name = facts.name.strip()
    budget.starts_on, budget.ends_on = facts.starts_on, facts.ends_on
    kind = AccountKind.FORFEITED
    lost = balance(work.session, kind, currency=budget.currency, chain_id=budget.id) - _of_parts(
        work, budget
    )
    if lost and facts.ends_on > was.ends_on:
        beside.revive(work, budget, lost, reason=said)
    words = f"from “{was.name}” to “{budget.name}”. " if was.name != budget.name else ""
    if moves_days(budget, was):
        words += f"{spoken_day(facts.starts_on)} to {spoken_day(facts.ends_on)}, before "
        words += f"{spoken_day(was.starts_on)} to {spoken_day(was.ends_on)}. "
    _log(work, budget, "changed", f"{words}{said}")


def moves_days(budget: FundBudget, facts: Facts) -> bool:
    """Say whether the days differ."""
    return (facts.starts_on, facts.ends_on) != (budget.starts_on, budget.ends_on)


def check_edit(work: Work, budget: FundBudget, facts: Facts) -> None:
    """Raise what `edit` would say to name and days."""
    still_open(budget)
    fields: dict[str, str] = {}
    taken = select(FundBudget.id).where(
        FundBudget.vendor_id == budget.vendor_id,
        FundBudget.name == facts.name.strip(),
        FundBudget.id != budget.id,
    )
    if not facts.name.strip():
        fields["name"] = "Give the fund a name."
    elif work.session.scalar(taken):
        fields["name"] = "Another fund has this name."
    if facts.ends_on < facts.starts_on:
        fields["ends_on"] = "The last day comes after the first."
    zone = vendor_of(work.session, budget.vendor_id).zone
    if facts.ends_on != budget.ends_on and not in_time(work.now, facts.ends_on, zone):
        fields["ends_on"] = "This day is over. Close the fund to end it today."
    if fields:
        raise Invalid("Some fields need another value.", code="mdf.fund.invalid", fields=fields)


def _unallocated(work: Work, budget: FundBudget) -> Money:
    kind = AccountKind.UNALLOCATED
    return balance(work.session, kind, currency=budget.currency, chain_id=budget.id)


def _of_parts(work: Work, budget: FundBudget) -> Money:
    parts = select(FundAllocation).where(FundAllocation.budget_id == budget.id)
    total = Money.zero(budget.currency)
    for part in work.session.scalars(parts):
        total += balance(
            work.session,
            AccountKind.FORFEITED,
            currency=budget.currency,
            allocation_id=part.id,
        )
    return total


def _log(
    work: Work, budget: FundBudget, verb: str, words: str, part: FundAllocation | None = None
) -> None:
    work.audit(
        verb,
        "fund",
        budget.id,
        vendor_id=budget.vendor_id,
        partner_id=part.partner_id if part else None,
        words=words,
    )
