"""Books many transfers of one kind in one fund: asked for once what each would ask by itself."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from tcma.db.work import Work
from tcma.errors import NotFound
from tcma.mdf.ledger.accounts import whole
from tcma.mdf.ledger.booking import Booking, opposite, values_of
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.models.ledger import LedgerAccount, LedgerChain, LedgerTransfer
from tcma.mdf.rules import AccountKind, TransferKind, positive
from tcma.money import Money


@dataclass(frozen=True, slots=True)
class Gift:
    """So much for a partner's part, under a key that makes it count once."""

    partner_id: UUID
    amount: Money
    key: UUID


def allocate(
    work: Work, budget: FundBudget, parts: dict[UUID, FundAllocation], gifts: Sequence[Gift]
) -> None:
    """Move money of the fund into partners' parts (by partner), in the order of the gifts."""
    for gift in gifts:
        positive(gift.amount, budget.currency, "amount")
    pots = _pots(work, parts)
    steps = _last_steps(
        work, budget.id, [part.id for part in parts.values()], TransferKind.ALLOCATE
    )
    source = whole(work, budget, AccountKind.UNALLOCATED)
    bookings = []
    for gift in gifts:
        part = parts[gift.partner_id]
        steps[part.id] += 1
        bookings.append(
            Booking(
                chain_id=budget.id,
                kind=TransferKind.ALLOCATE,
                debit_id=source,
                credit_id=pots[part.id],
                amount=gift.amount,
                subject="allocation",
                subject_id=part.id,
                step=steps[part.id],
                id=gift.key,
            )
        )
    _book(work, bookings)


def take_back(work: Work, budget: FundBudget, keys: Sequence[UUID], *, reason: str) -> None:
    """Undo transfers of one fund by opposite ones, whatever was booked after them.

    Raises NotFound when one of them was never booked.
    """
    rows = select(LedgerTransfer).where(
        LedgerTransfer.id.in_(keys), LedgerTransfer.chain_id == budget.id
    )
    stood = {row.id: row for row in work.session.scalars(rows)}
    if set(keys) - stood.keys():
        raise NotFound("There is no booking to take back.", code="ledger.nothing_to_reverse")
    about = list({row.subject_id for row in stood.values()})
    steps = _last_steps(work, budget.id, about, TransferKind.REVERSE)
    bookings = []
    for key in keys:
        was = stood[key]
        steps[was.subject_id] += 1
        bookings.append(opposite(was, step=steps[was.subject_id], reason=reason))
    _book(work, bookings)


def _book(work: Work, bookings: Sequence[Booking]) -> None:
    work.session.flush()  # what they are about stands before them
    rows = LedgerTransfer.metadata.tables["ledger_transfer"]
    work.session.connection().execute(rows.insert(), [values_of(work, each) for each in bookings])


def _pots(work: Work, parts: dict[UUID, FundAllocation]) -> dict[UUID, int]:
    """Return the account of each part's free money, by part; opened where there is none."""
    rows = [
        {
            "chain_id": part.budget_id,
            "vendor_id": part.vendor_id,
            "partner_id": part.partner_id,
            "currency": part.currency,
            "kind": AccountKind.FUND,
            "allocation_id": part.id,
        }
        for part in parts.values()
    ]
    fresh = insert(LedgerAccount).on_conflict_do_nothing(constraint="ledger_account_one")
    work.session.execute(fresh, rows)
    some = select(LedgerAccount.allocation_id, LedgerAccount.id).where(
        LedgerAccount.allocation_id.in_([part.id for part in parts.values()]),
        LedgerAccount.kind == AccountKind.FUND,
    )
    return {part_id: number for part_id, number in work.session.execute(some) if part_id}


def _last_steps(
    work: Work, chain_id: UUID, about: Sequence[UUID], kind: TransferKind
) -> Counter[UUID]:
    """Return the number of the last transfer of that kind about each subject; orders two at once."""
    # The chain's lock, as of a single booking: the second of two at once waits for it.
    work.session.execute(
        select(LedgerChain.id).where(LedgerChain.id == chain_id).with_for_update(key_share=True)
    )
    last = (
        select(LedgerTransfer.subject_id, func.max(LedgerTransfer.step))
        .where(LedgerTransfer.subject_id.in_(about), LedgerTransfer.kind == kind)
        .group_by(LedgerTransfer.subject_id)
    )
    return Counter({row[0]: row[1] for row in work.session.execute(last)})
