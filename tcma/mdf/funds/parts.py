"""Gives many partners their parts of a fund at once, and takes such gifts back."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.work import Work
from tcma.errors import Conflict, LimitReached
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.mdf.funds import opening
from tcma.mdf.ledger import many
from tcma.mdf.ledger.many import Gift
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.queries import balance, own
from tcma.mdf.rules import AccountKind
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.partners.models import Enrolment
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission


def give(work: Work, budget: FundBudget, gifts: Sequence[Gift]) -> None:
    """Give enrolled partners their parts as `opening.allocate` gives one, all or none.

    Raises LimitReached when the fund holds less, Conflict for a partner that is not enrolled.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    opening.still_open(budget)
    opening.in_parts(budget)
    if not gifts:
        return
    parts = _opened(work, budget, {gift.partner_id for gift in gifts})
    _same_for_all(work, budget, parts, gifts)
    left = balance(
        work.session, AccountKind.UNALLOCATED, currency=budget.currency, chain_id=budget.id
    )
    if sum(gift.amount.minor for gift in gifts) > left.minor:
        words = f"{spoken(left)} of this fund is not allocated yet."
        raise LimitReached(words, code="mdf.fund.empty", remedy="Take rows out of the file.")
    many.allocate(work, budget, parts, gifts)
    told = [(budget.id, gift.partner_id, {"words": spoken(gift.amount)}) for gift in gifts]
    work.audit_each("allocated", "fund", told, vendor_id=budget.vendor_id)
    work.wake(Job.FUNDS_RELEASE)


def _opened(work: Work, budget: FundBudget, partner_ids: set[UUID]) -> dict[UUID, FundAllocation]:
    """Return partners' parts by partner, opened empty where there is none."""
    gone = (EnrolmentState.SUSPENDED, EnrolmentState.ENDED)
    enrolled = select(func.count()).where(
        Enrolment.vendor_id == budget.vendor_id,
        Enrolment.partner_id.in_(partner_ids),
        Enrolment.state.not_in(gone),
    )
    if work.session.scalar(enrolled) != len(partner_ids):
        words = "A partner of it is no longer enrolled with you."
        raise Conflict(words, code="mdf.partner", remedy="Look at the file again.")
    fresh = insert(FundAllocation).on_conflict_do_nothing(constraint="fund_allocation_once")
    rows = [
        {
            "id": new_id(),
            "budget_id": budget.id,
            "vendor_id": budget.vendor_id,
            "partner_id": partner_id,
            "currency": budget.currency,
            "created_at": work.now,
        }
        for partner_id in sorted(partner_ids)
    ]
    work.session.execute(fresh, rows)
    return of_partners(work, budget, partner_ids)


def of_partners(
    work: Work, budget: FundBudget, partner_ids: set[UUID]
) -> dict[UUID, FundAllocation]:
    """Return the parts of a fund that partners have, by partner."""
    some = select(FundAllocation).where(
        FundAllocation.budget_id == budget.id, FundAllocation.partner_id.in_(partner_ids)
    )
    return {part.partner_id: part for part in work.session.scalars(some)}


def given_to(work: Work, budget: FundBudget, partner_ids: set[UUID]) -> dict[UUID, Money]:
    """Return partners' whole parts of a fund as `queries.given` does; nothing for who has none."""
    held = _held(work, budget, partner_ids)
    return {each: Money(held.get(each, 0), budget.currency) for each in partner_ids}


def free_of(work: Work, budget: FundBudget, partner_ids: set[UUID]) -> dict[UUID, Money]:
    """Return what of partners' parts of a fund is free."""
    held = _held(work, budget, partner_ids, AccountKind.FUND)
    return {each: Money(held.get(each, 0), budget.currency) for each in partner_ids}


def _held(
    work: Work, budget: FundBudget, partner_ids: set[UUID], *kinds: AccountKind
) -> dict[UUID, int]:
    sums = (
        select(LedgerAccount.partner_id, func.sum(LedgerAccount.balance))
        .where(
            LedgerAccount.chain_id == budget.id,
            LedgerAccount.allocation_id.is_not(None),
            LedgerAccount.partner_id.in_(partner_ids),
        )
        .group_by(LedgerAccount.partner_id)
    )
    if kinds:
        sums = sums.where(LedgerAccount.kind.in_(kinds))
    return {each: int(minor) for each, minor in work.session.execute(sums) if each}


def _same_for_all(
    work: Work, budget: FundBudget, parts: dict[UUID, FundAllocation], gifts: Sequence[Gift]
) -> None:
    each = opening.part_of_each(work, budget)
    if each is None:
        return
    # As for a single part: the locks of the parts come before the chain's.
    locked = select(FundAllocation.id).where(
        FundAllocation.id.in_([part.id for part in parts.values()])
    )
    work.session.execute(locked.order_by(FundAllocation.id).with_for_update())
    sums: Counter[UUID] = Counter()
    for gift in gifts:
        sums[gift.partner_id] += gift.amount.minor
    has = given_to(work, budget, set(parts))
    if any(has[partner_id].minor + minor > each.minor for partner_id, minor in sums.items()):
        raise LimitReached(
            f"Each partner has {spoken(each)} of this fund.",
            code="mdf.fund.fixed",
            remedy="Look at the file again.",
        )


def take_back(work: Work, budget: FundBudget, keys: Sequence[UUID], *, reason: str) -> None:
    """Take gifts back by their keys, all or none.

    The database refuses when a partner has less than that free.
    """
    work.require(Permission.BUDGET_MANAGE)
    own(work.principal, budget)
    if keys:
        many.take_back(work, budget, keys, reason=reason)
