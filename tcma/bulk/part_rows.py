"""Rows that give partners their parts of a fund: whom they mean, what is left, and the way back."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from tcma.bulk.files import Kind
from tcma.bulk.models import BulkFile, BulkRow
from tcma.bulk.reading import Columns
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf.funds import opening, parts
from tcma.mdf.ledger.many import Gift
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.queries import balance, own
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
    opening.in_parts(budget)
    return budget


def judge(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """Say of each row what stands in its way; what is left of the fund goes to rows in their order."""
    budget = budget_of(work, made)
    known = enrolled_by_name(work.session, made.vendor_id)
    left = balance(
        work.session, AccountKind.UNALLOCATED, currency=budget.currency, chain_id=budget.id
    )
    read = [(row, _read(row, budget.currency, known)) for row in rows]
    each, room = opening.part_of_each(work, budget), dict[UUID, Money]()
    if each is not None:
        meant = {row.partner_id for row, _ in read if row.partner_id}
        room = {who: each - has for who, has in parts.given_to(work, budget, meant).items()}
    for row, amount in read:
        if amount is None or row.partner_id is None:
            continue
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


def make(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """Give the rows' partners their parts; a row is its booking's own key."""
    budget = work.session.get_one(FundBudget, made.about)
    gifts = [
        Gift(found(row.partner_id), Money(row.amount_minor or 0, budget.currency), row.id)
        for row in rows
    ]
    parts.give(work, budget, gifts)


def back(work: Work, made: BulkFile, rows: Sequence[BulkRow]) -> None:
    """Take every part back; Conflict naming a partner that planned with its part meanwhile."""
    budget = work.session.get_one(FundBudget, made.about)
    sums: Counter[UUID] = Counter()
    for row in rows:
        sums[found(row.partner_id)] += row.amount_minor or 0
    names = {row.partner_id: row.cells.get("partner", "") for row in rows}
    free = parts.free_of(work, budget, set(sums))
    for partner_id, minor in sums.items():
        if free[partner_id].minor < minor:
            left = spoken(free[partner_id])
            words = f"{names[partner_id]} has used or lost a part of it: {left} is free."
            raise Conflict(words, code="bulk.used", remedy="Take back single parts at the fund.")
    parts.take_back(work, budget, [row.id for row in rows], reason=f"{made.ref} was undone")


PARTS = Kind("parts", Permission.BUDGET_MANAGE, COLUMNS, judge, make, back)
