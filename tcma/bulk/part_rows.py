"""Rows that give partners their parts of a fund: whom they mean, what is left, and the way back."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from tcma.bulk.files import Kind
from tcma.bulk.models import BulkFile, BulkRow
from tcma.bulk.reading import Columns
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf.funds import opening
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.queries import balance, given, own
from tcma.mdf.rules import AccountKind
from tcma.mdf.words import spoken
from tcma.money import LARGEST_MINOR, Money
from tcma.partners.by_name import enrolled_by_name
from tcma.permissions import Permission

COLUMNS = Columns(
    {
        "partner": ("partner", "partner name", "name", "reseller", "account"),
        "amount": ("amount", "allocation", "sum", "budget", "part"),
        "reference": ("reference", "ref", "id", "number"),
        "currency": ("currency",),
    },
    needed=("partner", "amount", "reference"),
)


def budget_of(work: Work, made: BulkFile) -> FundBudget:
    """Return the fund a file fills, while parts of it may be given; else Conflict."""
    budget = work.session.get_one(FundBudget, made.about)
    own(work.principal, budget)
    opening.still_open(budget)
    if budget.pooled:
        words = "A shared pot is not given in parts: approved plans take from it."
        raise Conflict(words, code="mdf.fund.pooled", remedy="Let the partners take part in it.")
    return budget


def judge(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """Say of each row what stands in its way; what is left of the fund goes to rows in their order."""
    budget = budget_of(work, made)
    known = enrolled_by_name(work.session, made.vendor_id)
    left = balance(
        work.session, AccountKind.UNALLOCATED, currency=budget.currency, chain_id=budget.id
    )
    each, room = opening.part_of_each(work, budget), dict[UUID, Money]()
    for row in rows:
        amount = _read(row, budget.currency, known)
        if amount is None or row.partner_id is None:
            continue
        if each is not None and row.partner_id not in room:
            room[row.partner_id] = each - _given(work, budget, row.partner_id)
        if amount > left:
            row.fault = f"{spoken(left)} is left to allocate when this row comes."
        elif each is not None and amount > room[row.partner_id]:
            row.fault = f"Each partner has {spoken(each)} of this fund."
        else:
            left -= amount
            if each is not None:
                room[row.partner_id] -= amount


def _read(row: BulkRow, currency: str, known: dict[str, set[UUID]]) -> Money | None:
    """Set partner and sum of a row as they are understood, or its fault."""
    name, said = row.cells.get("partner", ""), row.cells.get("currency", "").upper()
    meant = known.get(name.casefold(), set())
    row.partner_id, row.amount_minor = None, None
    if not name:
        row.fault = "The partner is missing."
    elif not meant:
        row.fault = f"No enrolled partner is called “{name}”."
    elif len(meant) > 1:
        row.fault = f"Several partners are called “{name}”: write the short name of one."
    elif said and said != currency:
        row.fault = f"This row is in {said}, the fund in {currency}."
    if row.fault:
        return None
    text = row.cells.get("amount", "")
    try:
        amount = Money.parse(text, currency)
    except Invalid as error:
        row.fault = f"{error.message}."
        return None
    if not 0 < amount.minor <= LARGEST_MINOR:
        row.fault = f"“{text}” is not a sum that can be given."
        return None
    row.partner_id, row.amount_minor = next(iter(meant)), amount.minor
    return amount


def _part(work: Work, budget_id: UUID, partner_id: UUID) -> FundAllocation | None:
    one = select(FundAllocation).where(
        FundAllocation.budget_id == budget_id, FundAllocation.partner_id == partner_id
    )
    return work.session.scalars(one).one_or_none()


def _given(work: Work, budget: FundBudget, partner_id: UUID) -> Money:
    part = _part(work, budget.id, partner_id)
    return given(work.session, part) if part else Money.zero(budget.currency)


def make(work: Work, made: BulkFile, row: BulkRow) -> None:
    """Give a row's partner its part; the row is the booking's own key."""
    assert row.partner_id is not None
    assert row.amount_minor is not None
    budget = work.session.get_one(FundBudget, made.about)
    amount = Money(row.amount_minor, budget.currency)
    opening.allocate(work, budget, row.partner_id, amount, key=row.id)


def back(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """Take every part back; Conflict naming a partner that planned with its part meanwhile."""
    budget = work.session.get_one(FundBudget, made.about)
    sums: Counter[UUID] = Counter()
    for row in rows:
        assert row.partner_id is not None
        sums[row.partner_id] += row.amount_minor or 0
    names = {row.partner_id: row.cells.get("partner", "") for row in rows}
    for partner_id, minor in sums.items():
        part = _part(work, budget.id, partner_id)
        assert part is not None
        free = balance(
            work.session, AccountKind.FUND, currency=budget.currency, allocation_id=part.id
        )
        if free.minor < minor:
            words = f"{names[partner_id]} has used or lost a part of it: {spoken(free)} is free."
            raise Conflict(words, code="bulk.used", remedy="Take back single parts at the fund.")
    for row in rows:
        booking.take_back(work, row.id, reason=f"{made.ref} was undone")


PARTS = Kind("parts", Permission.BUDGET_MANAGE, COLUMNS, judge, make, back)
