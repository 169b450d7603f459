"""Books money between the accounts of one fund: append-only transfers, each with its cause."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from tcma.db.by_text import run
from tcma.db.work import Work
from tcma.errors import Conflict, NotFound
from tcma.mdf.ledger.accounts import pot, whole
from tcma.mdf.ledger.facts import BESIDE_THE_CHAINS
from tcma.mdf.models.funding import Claim, FundAllocation, FundBudget, FundRequest
from tcma.mdf.models.ledger import LedgerAccount, LedgerChain, LedgerTransfer
from tcma.mdf.models.payments import Payment
from tcma.mdf.rules import AccountKind, TransferKind, positive
from tcma.money import Money

BOOKINGS = UUID("6f1c3b52-6c0e-5d0a-9a55-0d2f8f0f6a11")
"""Namespace of transfer ids that follow from their cause."""


@cache
def _row() -> Any:
    row = LedgerTransfer.metadata.tables["ledger_transfer"]
    values = {name: bindparam(f"b_{name}", type_=row.c[name].type) for name in GIVEN}
    return insert(row).values(values).returning(row.c.seq, row.c.hash)


GIVEN = (
    "id", "input_hash", "chain_id", "kind", "debit_id", "credit_id", "amount", "currency",
    "subject", "subject_id", "step", "reverses", "campaign_id", "activity_id", "actor_id",
    "reason", "at", "rules_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Booking:
    """One transfer as it is asked for. Without `id` it follows from subject, kind and step, without
    `rules_id` the database finds the rules.
    """

    chain_id: UUID
    kind: TransferKind
    debit_id: int
    credit_id: int
    amount: Money
    subject: str
    subject_id: UUID
    step: int = 1
    campaign_id: UUID | None = None
    activity_id: UUID | None = None
    reason: str = ""
    reverses: UUID | None = None
    id: UUID | None = None
    rules_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """A transfer as it stands. `replayed` when it stood there before with the same content."""

    id: UUID
    seq: int
    hash: bytes
    replayed: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken thing of a fund's books; `seq` is the first transfer that shows it."""

    fund: str
    chain_id: UUID
    seq: int | None
    fault: str


def book(work: Work, booking: Booking) -> Booked:
    """Book one transfer; the same id with the same content answers the same.

    Raises Invalid for an amount that is not positive. The database raises, and the edge of the
    transaction turns into Conflict: too little money, the same id with other content, a second
    booking of the same cause.
    """
    positive(booking.amount, booking.amount.currency, "amount")
    values = values_of(work, booking)
    transfer_id = values["id"]
    made = run(work.session, _row, {f"b_{name}": value for name, value in values.items()})
    if made:
        return Booked(transfer_id, made[0].seq, made[0].hash, replayed=False)
    stood = work.session.execute(
        select(LedgerTransfer.seq, LedgerTransfer.hash).where(LedgerTransfer.id == transfer_id)
    ).one()
    return Booked(transfer_id, stood.seq, stood.hash, replayed=True)


def values_of(work: Work, booking: Booking) -> dict[str, Any]:
    """Return a transfer's columns as they are asked for; place, hash and balances are the database's."""
    return {
        "id": booking.id or uuid5(BOOKINGS, f"{booking.subject_id}|{booking.kind}|{booking.step}"),
        "input_hash": _input_hash(booking, work.principal.user_id),
        "chain_id": booking.chain_id,
        "kind": booking.kind,
        "debit_id": booking.debit_id,
        "credit_id": booking.credit_id,
        "amount": booking.amount.minor,
        "currency": booking.amount.currency,
        "subject": booking.subject,
        "subject_id": booking.subject_id,
        "step": booking.step,
        "reverses": booking.reverses,
        "campaign_id": booking.campaign_id,
        "activity_id": booking.activity_id,
        "actor_id": work.principal.user_id,
        "reason": booking.reason,
        "rules_id": booking.rules_id,
        "at": work.now,
    }


def _input_hash(booking: Booking, actor_id: UUID | None) -> bytes:
    body = [
        str(booking.chain_id),
        booking.kind,
        booking.debit_id,
        booking.credit_id,
        booking.amount.minor,
        booking.amount.currency,
        booking.subject,
        str(booking.subject_id),
        booking.step,
        str(booking.reverses),
        str(booking.campaign_id),
        str(booking.activity_id),
        str(actor_id),
        booking.reason,
    ]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False).encode()).digest()


def open_budget(work: Work, budget: FundBudget, total: Money) -> None:
    """Open the books of a fund and put `total`, perhaps nothing, into it from outside."""
    work.session.flush()  # the chain's key names the fund's row
    work.session.execute(
        insert(LedgerChain).values(
            id=budget.id, vendor_id=budget.vendor_id, currency=budget.currency
        )
    )
    if total:
        add(work, budget, total, reason="opening")


def add(
    work: Work, budget: FundBudget, amount: Money, *, reason: str, key: UUID | None = None
) -> Booked:
    """Put more money into a fund from outside; `key` makes a second press harmless."""
    return _once(
        work,
        Booking(
            chain_id=budget.id,
            kind=TransferKind.FUND,
            debit_id=whole(work, budget, AccountKind.SOURCE),
            credit_id=whole(work, budget, AccountKind.UNALLOCATED),
            amount=amount,
            subject="fund",
            subject_id=budget.id,
            reason=reason,
            id=key,
        ),
    )


def allocate(
    work: Work, budget: FundBudget, allocation: FundAllocation, amount: Money, *, key: UUID | None
) -> Booked:
    """Move money of the fund to one partner's part; `key` makes a double click harmless."""
    return _once(
        work,
        Booking(
            chain_id=budget.id,
            kind=TransferKind.ALLOCATE,
            debit_id=whole(work, budget, AccountKind.UNALLOCATED),
            credit_id=pot(work, allocation, AccountKind.FUND),
            amount=amount,
            subject="allocation",
            subject_id=allocation.id,
            id=key,
        ),
    )


def _once(work: Work, booking: Booking) -> Booked:
    """Book under the client's own key: the same content answers the same, another is a Conflict."""
    # The step's lock comes first, so that of two at once the second one sees what the first booked.
    step = next_step(work, booking.chain_id, booking.subject_id, booking.kind)
    stood = booking.id and work.session.get(LedgerTransfer, booking.id, populate_existing=True)
    if not stood:
        return book(work, replace(booking, step=step))
    if _input_hash(replace(booking, step=stood.step), work.principal.user_id) != stood.input_hash:
        raise Conflict(
            "This booking was made before with another content.",
            code="constraint.ledger_transfer_replay",
            remedy="Load the page again before you book something else.",
        )
    return Booked(stood.id, stood.seq, stood.hash, replayed=True)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a booking was for: the activity, its campaign, and a sentence."""

    campaign_id: UUID | None = None
    activity_id: UUID | None = None
    reason: str = ""


def stand() -> ColumnElement[bool]:
    """Return the condition that a transfer was not undone."""
    undone = select(LedgerTransfer.reverses).where(LedgerTransfer.reverses.is_not(None))
    return LedgerTransfer.id.not_in(undone)


def standing(work: Work, subject_id: UUID, kind: TransferKind) -> LedgerTransfer | None:
    """Return the last transfer of that cause that was not undone."""
    some = select(LedgerTransfer).where(
        LedgerTransfer.subject_id == subject_id, LedgerTransfer.kind == kind, stand()
    )
    return work.session.scalars(some.order_by(LedgerTransfer.step.desc()).limit(1)).one_or_none()


def stands(work: Work, transfer_id: UUID) -> bool:
    """Say whether a transfer with that id is booked."""
    return work.session.get(LedgerTransfer, transfer_id) is not None


def reserve(
    work: Work, request: FundRequest, amount: Money, *, cause: Cause, step: int = 1
) -> Booked:
    """Set money of the partner's part aside for a request; `step` is its activity's, 0 the next."""
    allocation = _allocation(work, request)
    step = step or next_step(work, allocation.budget_id, request.id, TransferKind.RESERVE)
    ends = (
        pot(work, allocation, AccountKind.FUND),
        pot(work, allocation, AccountKind.RESERVED, request_id=request.id),
    )
    return _move(work, ends, amount, (TransferKind.RESERVE, "request", request.id, step), cause)


def release(work: Work, request: FundRequest, amount: Money, *, cause: Cause) -> Booked:
    """Give what is left of a request back to the partner's part."""
    allocation = _allocation(work, request)
    ends = (
        pot(work, allocation, AccountKind.RESERVED, request_id=request.id),
        pot(work, allocation, AccountKind.FUND),
    )
    step = next_step(work, allocation.budget_id, request.id, TransferKind.RELEASE)
    return _move(work, ends, amount, (TransferKind.RELEASE, "request", request.id, step), cause)


def accrue(
    work: Work, request: FundRequest, claim: Claim, amount: Money, *, cause: Cause
) -> Booked:
    """Turn reserved money into money owed for an approved claim; again after a take-back."""
    allocation = _allocation(work, request)
    ends = (
        pot(work, allocation, AccountKind.RESERVED, request_id=request.id),
        pot(work, allocation, AccountKind.ACCRUED, claim_id=claim.id),
    )
    step = next_step(work, allocation.budget_id, claim.id, TransferKind.CLAIM)
    return _move(work, ends, amount, (TransferKind.CLAIM, "claim", claim.id, step), cause)


def pay(work: Work, request: FundRequest, payment: Payment, *, cause: Cause) -> Booked:
    """Book that the bank paid what was owed."""
    allocation = _allocation(work, request)
    ends = (
        pot(work, allocation, AccountKind.ACCRUED, claim_id=payment.claim_id),
        pot(work, allocation, AccountKind.PAID),
    )
    amount = Money(payment.amount_minor + payment.kept_minor, payment.currency)
    return _move(work, ends, amount, (TransferKind.PAY, "payment", payment.id, 1), cause)


def _move(
    work: Work,
    ends: tuple[int, int],
    amount: Money,
    step: tuple[TransferKind, str, UUID, int],
    cause: Cause,
) -> Booked:
    kind, subject, subject_id, number = step
    chain_id = work.session.get_one(LedgerAccount, ends[0]).chain_id
    return book(
        work,
        Booking(
            chain_id=chain_id,
            kind=kind,
            debit_id=ends[0],
            credit_id=ends[1],
            amount=amount,
            subject=subject,
            subject_id=subject_id,
            step=number,
            campaign_id=cause.campaign_id,
            activity_id=cause.activity_id,
            reason=cause.reason,
        ),
    )


def reverse(work: Work, subject_id: UUID, kind: TransferKind, *, reason: str) -> Booked:
    """Undo the last transfer of that cause by an opposite one; a transfer is undone once."""
    was = standing(work, subject_id, kind)
    if was is None:
        raise NotFound("There is no booking to take back.", code="ledger.nothing_to_reverse")
    number = next_step(work, was.chain_id, was.subject_id, TransferKind.REVERSE)
    return book(work, opposite(was, step=number, reason=reason))


def opposite(was: LedgerTransfer, *, step: int, reason: str) -> Booking:
    """Return the booking that undoes a transfer, of the same cause."""
    return Booking(
        chain_id=was.chain_id,
        kind=TransferKind.REVERSE,
        debit_id=was.credit_id,
        credit_id=was.debit_id,
        amount=Money(was.amount, was.currency),
        subject=was.subject,
        subject_id=was.subject_id,
        step=step,
        campaign_id=was.campaign_id,
        activity_id=was.activity_id,
        reason=reason,
        reverses=was.id,
    )


def next_step(work: Work, chain_id: UUID, subject_id: UUID, kind: TransferKind) -> int:
    """Return the number of the next transfer of that kind about a subject; orders two at once."""
    # Two people at once would read the same last step; the chain's lock makes the second wait.
    work.session.execute(
        select(LedgerChain.id).where(LedgerChain.id == chain_id).with_for_update(key_share=True)
    )
    last = select(func.max(LedgerTransfer.step)).where(
        LedgerTransfer.subject_id == subject_id, LedgerTransfer.kind == kind
    )
    return (work.session.scalar(last) or 0) + 1


def _allocation(work: Work, request: FundRequest) -> FundAllocation:
    return work.session.get_one(FundAllocation, request.allocation_id)


def verify(session: Session) -> list[Fault]:
    """Prove all books: chain unbroken, rows unchanged, balances are sums, accounts sum to zero.

    What was booked of each payment as exchange difference is what the bank took more than ordered,
    an invoice in another currency still counts at the stored rate its claim was decided by, what a
    claim is approved for is what the books owe, and no entry that was proved before is another now.
    Of each fund the first broken link comes first, balances that follow from it after.
    """
    rows = session.execute(
        text(
            "SELECT coalesce(b.ref, '?') AS fund, f.chain_id, f.seq, f.fault FROM ledger_faults() f"
            " LEFT JOIN fund_budget b ON b.id = f.chain_id"
            " ORDER BY 1, f.fault LIKE '%account%', f.seq NULLS LAST"
        )
    )
    found = [Fault(row.fund, row.chain_id, row.seq, row.fault) for row in rows]
    return found + [Fault(*row) for row in session.execute(text(BESIDE_THE_CHAINS)).all()]


def count(work: Work, subject_id: UUID, kind: TransferKind) -> int:
    """Return how many transfers of that cause stand and were not undone."""
    some = select(func.count()).where(
        LedgerTransfer.subject_id == subject_id, LedgerTransfer.kind == kind, stand()
    )
    return work.session.scalar(some) or 0


def entries(session: Session) -> int:
    """Return how many transfers stand in all books."""
    return session.scalar(select(func.count()).select_from(LedgerTransfer)) or 0
