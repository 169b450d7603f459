"""Approved claims leave for the bank in batches; booked as paid when the bank says so."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from tcma.db.documents import Document, store_document
from tcma.db.references import next_reference
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.mdf import four_eyes, letters
from tcma.mdf.ledger import beside, booking
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.moving import log, move
from tcma.mdf.payments import bank_accounts, holds, orders, repaying
from tcma.mdf.programme.settled import CASH
from tcma.mdf.queries import activity_of, own
from tcma.mdf.rules import BatchState, ClaimState, PaymentState, TransferKind, positive
from tcma.mdf.words import spoken, spoken_count
from tcma.money import Money
from tcma.permissions import Permission
from tcma.ports import PaymentFile, Payouts
from tcma.words import joined, say

MOST_IN_BATCH = 500
KEPT = "kept back"
"""Stands for the bank's reference where nothing was left to pay."""
MOST_DIFFERENCE = 10
"""A bank's exchange difference above one part of so many of the order is a typing error."""


def make_batch(work: Work, claims: Sequence[Claim], *, keep_owed: bool = False) -> PaymentBatch:
    """Put approved claims of one currency and one way into a batch; each claim is in one open batch.

    With `keep_owed` the bank is asked for less where a partner owes money back. Raises Conflict for a claim that this person approved, or that is paid or on its way.
    """
    work.require(Permission.PAYMENT_MAKE)
    if not 0 < len(claims) <= MOST_IN_BATCH:
        raise Invalid(f"Choose 1 to {MOST_IN_BATCH} claims.", code="mdf.batch.empty")
    if len({(claim.currency, claim.vendor_id) for claim in claims}) > 1:
        raise Invalid(
            "A batch has one currency.",
            code="mdf.batch.currency",
            remedy="Make one batch per currency.",
        )
    found = {activity_of(work.session, claim).way for claim in claims}
    if len(found) > 1:
        raise Invalid(
            "A batch is settled one way.",
            code="mdf.batch.way",
            remedy="Make one batch for the bank and one for each other way.",
        )
    _nothing_holds(work, claims)
    batch = PaymentBatch(
        id=new_id(),
        ref=next_reference(work, "PAY"),
        vendor_id=own(work.principal, claims[0]).vendor_id,
        currency=claims[0].currency,
        state=BatchState.DRAFT,
        made_by=work.principal.user_id,
        made_at=work.now,
        way=found.pop(),
    )
    work.session.add(batch)
    work.session.flush()  # payments name the batch
    for claim in sorted(claims, key=lambda each: each.ref):
        payment = _add(work, batch, claim)
        if keep_owed:
            _keep_owed(work, payment)
    log(work, batch, "made", spoken_count(len(claims), "claim"))
    return batch


def _nothing_holds(work: Work, claims: Sequence[Claim]) -> None:
    sums: dict[UUID, Money] = {}
    for claim in claims:
        own(work.principal, claim)
        if why := holds.obstacle(work.session, claim):
            raise Conflict(f"{claim.ref} cannot leave: {why}", code="mdf.payment.held")
        amount = Money(claim.approved_minor or 0, claim.currency)
        sums[claim.partner_id] = sums.get(claim.partner_id, Money.zero(claim.currency)) + amount
    for total in sums.values():
        if why := holds.too_little(work.session, claims[0].vendor_id, total):
            raise Conflict(f"{spoken(total)} is too little: {why}", code="mdf.payment.held")


def _add(work: Work, batch: PaymentBatch, claim: Claim) -> Payment:
    own(work.principal, claim)
    four_eyes.require(
        work.session,
        work.principal,
        Permission.PAYMENT_MAKE,
        pair=four_eyes.Pair(claim.vendor_id, claim.partner_id),
        involved=four_eyes.of_payment(work.session, claim),
    )
    obstacle = bank_accounts.obstacle(
        work.session, vendor_id=claim.vendor_id, partner_id=claim.partner_id
    )
    if obstacle and batch.way == CASH:
        raise Conflict(f"{claim.ref} cannot leave: {obstacle}", code="mdf.payment.account")
    orders.agree(work, claim, Money(claim.approved_minor or 0, claim.currency))
    move(work, claim, ClaimState.PAYMENT_PENDING)
    assert claim.decided_by is not None
    assert claim.approved_minor is not None
    assert work.principal.user_id is not None
    payment = Payment(
        id=new_id(),
        batch_id=batch.id,
        claim_id=claim.id,
        claim_decided_by=claim.decided_by,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
        amount_minor=claim.approved_minor,
        currency=claim.currency,
        state=PaymentState.SCHEDULED,
        made_by=work.principal.user_id,
        kept_minor=0,
    )
    work.session.add(payment)
    log(work, claim, "in payment", batch.ref)
    return payment


def _keep_owed(work: Work, payment: Payment) -> None:
    work.session.flush()  # what is kept names the payment
    kept = repaying.keep_back(work, payment, most=Money(payment.amount_minor, payment.currency))
    payment.kept_minor = kept.minor
    payment.amount_minor -= kept.minor


def export_batch(work: Work, batch: PaymentBatch, *, payouts: Payouts) -> Document | None:
    """Write the bank's file of a batch and keep it; again gives the same file.

    None when everything in it was kept for what partners owe back: then it is over at once.
    """
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, batch)
    if batch.way != CASH:
        raise Conflict("Nothing of this batch goes to the bank.", code="mdf.batch.way")
    if batch.document_id and batch.state != BatchState.CANCELLED:
        return work.session.get_one(Document, batch.document_id)
    if batch.state == BatchState.SETTLED:
        return None
    orders.agree_all(work, batch)
    move(work, batch, BatchState.EXPORTED, exported_at=work.now)
    run = orders.run_of(work, batch)
    if not run.orders:
        close_batch(work, batch, reference=KEPT)
    document = _file(work, batch, payouts.write(run)) if run.orders else None
    work.session.execute(
        update(Payment)
        .where(Payment.batch_id == batch.id, Payment.state == PaymentState.SCHEDULED)
        .values(state=PaymentState.SENT)
    )
    _settle_kept(work, batch)
    return document


def _settle_kept(work: Work, batch: PaymentBatch) -> None:
    """Book the payments of which nothing is left for the bank, and send their notes."""
    whole = select(Payment).where(
        Payment.batch_id == batch.id,
        Payment.state == PaymentState.SENT,
        Payment.amount_minor == 0,
    )
    payments = work.session.scalars(whole.order_by(Payment.id)).all()
    for payment in payments:
        settle_payment(work, payment, KEPT)
    letters.paid(work, batch, payments)


def _file(work: Work, batch: PaymentBatch, file: PaymentFile) -> Document:
    document = store_document(
        work,
        kind="payment_batch",
        file_name=file.file_name,
        media_type=file.media_type,
        content=file.content,
        vendor_id=batch.vendor_id,
        partner_id=None,
    )
    batch.document_id = document.id
    log(work, batch, "exported", f"SHA-256 {file.checksum}")
    return document


def settle(
    work: Work, batch: PaymentBatch, *, bank_reference: str, taken: Money | None = None
) -> list[Payment]:
    """Book every payment of an exported batch as paid; the same reference twice is one answer.

    `taken` is what the bank took from the account where it changed money: the difference is booked,
    shared by the payments' sums. Each partner gets one remittance note. Returns the payments that
    were settled now. Raises Invalid for a sum that cannot be an exchange difference.
    """
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, batch)
    reference = bank_reference.strip()
    if not reference:
        words = "Copy the bank's reference."
        raise Invalid(words, code="mdf.batch.reference", fields={"bank_reference": words})
    if batch.state == BatchState.SETTLED and batch.bank_reference == reference:
        return []
    close_batch(work, batch, reference=reference)
    payments = list(
        work.session.scalars(
            select(Payment)
            .where(Payment.batch_id == batch.id, Payment.state == PaymentState.SENT)
            .order_by(Payment.id)
        )
    )
    shares = _shares(payments, taken)
    for payment in payments:
        settle_payment(work, payment, reference, taken=shares.get(payment.id))
    letters.paid(work, batch, payments)
    return payments


def _shares(payments: Sequence[Payment], taken: Money | None) -> dict[UUID, Money]:
    """Share what the bank took among payments by their sums."""
    if taken is None or not payments:
        return {}
    weights = [payment.amount_minor for payment in payments]
    ordered = Money(sum(weights), payments[0].currency)
    positive(taken, ordered.currency, "taken")
    if not may_differ(taken, ordered):
        words = (
            f"{spoken(ordered)} was ordered, this differs by more than a tenth. "
            "Compare it with the statement."
        )
        raise Invalid(words, code="mdf.batch.taken", fields={"taken": words})
    return {
        payment.id: part
        for payment, part in zip(payments, taken.allocate(weights), strict=True)
        if part.minor != payment.amount_minor
    }


def may_differ(taken: Money, ordered: Money) -> bool:
    """Say whether what a bank took can be what was ordered plus an exchange difference."""
    return taken.minor > 0 and abs((taken - ordered).minor) * MOST_DIFFERENCE <= ordered.minor


def close_batch(work: Work, batch: PaymentBatch, *, reference: str) -> None:
    """End an exported batch: nothing of it is under way any more."""
    move(work, batch, BatchState.SETTLED, settled_at=work.now, bank_reference=reference)
    log(work, batch, "paid", reference)


def settle_payment(
    work: Work, payment: Payment, reference: str, *, taken: Money | None = None
) -> None:
    """Book one payment as paid, with what the bank calls it, and what it took if that differs."""
    claim = work.session.get_one(Claim, payment.claim_id)
    request = work.session.get_one(FundRequest, claim.request_id)
    activity = activity_of(work.session, claim)
    move(work, claim, ClaimState.PAID)
    payment.state = PaymentState.SETTLED
    cause = booking.Cause(activity.campaign_id, activity.id, claim.ref)
    booking.pay(work, request, payment, cause=cause)
    repaying.book_kept(work, payment, reference)
    if taken is not None:
        payment.taken_minor = taken.minor
        difference = taken - Money(payment.amount_minor, payment.currency)
        beside.exchange(work, payment, difference, cause=cause)
    log(work, claim, "paid", joined(_spoken(payment), reference, by=", "))


def fail(work: Work, payment: Payment, *, reason: str) -> None:
    """Record that a payment did not arrive; a booked one is reversed, the claim is ready again."""
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, payment)
    why = reason.strip()
    if not why:
        words = "Say what the bank said."
        raise Invalid(words, code="mdf.payment.reason", fields={"reason": words})
    if payment.state == PaymentState.FAILED:
        return
    claim = work.session.get_one(Claim, payment.claim_id)
    move(work, claim, ClaimState.APPROVED)
    if payment.state == PaymentState.SETTLED:
        booking.reverse(work, payment.id, TransferKind.PAY, reason=why)
        if payment.taken_minor is not None:
            back = Money(payment.amount_minor - payment.taken_minor, payment.currency)
            beside.exchange(work, payment, back, cause=booking.Cause(reason=why))
    repaying.undo_kept(work, payment, reason=why)
    payment.state = PaymentState.FAILED
    payment.failure = why
    log(work, claim, "payment failed", why)
    close_when_over(work, work.session.get_one(PaymentBatch, payment.batch_id))


def close_when_over(work: Work, batch: PaymentBatch) -> None:
    """End a batch of which nothing is under way any more: paid, or cancelled when nothing was."""
    work.session.flush()  # the payments' states are asked for next
    if batch.state not in (BatchState.DRAFT, BatchState.EXPORTED):
        return
    states = set(work.session.scalars(select(Payment.state).where(Payment.batch_id == batch.id)))
    if states & {PaymentState.SCHEDULED, PaymentState.SENT}:
        return
    if PaymentState.SETTLED in states:
        close_batch(work, batch, reference=batch.bank_reference or batch.ref)
    else:
        move(work, batch, BatchState.CANCELLED)
        log(work, batch, "cancelled", "No payment of it arrived.")


def cancel_batch(work: Work, batch: PaymentBatch, *, reason: str = "") -> None:
    """Take a batch apart; its claims are ready to pay again.

    One whose file was written takes a reason: the bank never took it, or gave it back as a whole.
    Raises Conflict once a payment of it is booked as paid.
    """
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, batch)
    if batch.state == BatchState.CANCELLED:
        return
    why = reason.strip()
    if batch.state == BatchState.EXPORTED and not why:
        words = "Say why the bank does not pay it."
        raise Invalid(words, code="mdf.batch.reason", fields={"reason": words})
    payments = work.session.scalars(select(Payment).where(Payment.batch_id == batch.id)).all()
    if any(payment.state == PaymentState.SETTLED for payment in payments):
        raise Conflict(
            f"A payment of {batch.ref} is booked as paid.",
            code="mdf.batch.paid",
            remedy="Say of each of the others that it came back.",
        )
    move(work, batch, BatchState.CANCELLED)
    for payment in payments:
        fail(work, payment, reason=f"{batch.ref} was cancelled. {why}".strip())
    log(work, batch, "cancelled", why)


def _spoken(payment: Payment) -> str:
    paid = spoken(Money(payment.amount_minor, payment.currency))
    if not payment.kept_minor:
        return paid
    kept = spoken(Money(payment.kept_minor, payment.currency))
    return say("{paid}, {kept} kept back", paid=paid, kept=kept)
