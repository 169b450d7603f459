"""Booking what the bank says: a whole batch by hand, or payment by payment from the bank's file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.mdf import letters
from tcma.mdf.deadlines import local_day
from tcma.mdf.exchange.rates import rate_on
from tcma.mdf.models.funding import Claim
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.payments.bank_answers import Answer, Fate, Reply
from tcma.mdf.payments.batches import close_when_over, fail, may_differ, settle_payment
from tcma.mdf.programme.settled import CASH
from tcma.mdf.queries import own, vendor_of
from tcma.mdf.rules import BatchState, ClaimState, PaymentState
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.permissions import Permission


@dataclass(frozen=True, slots=True)
class Booked:
    """What a bank's file moved, and the lines that belong to no payment of this batch.

    `asked_back` came back by the bank after their money was asked back: a person books it.
    """

    paid: int
    refused: int
    already: int
    strange: tuple[str, ...]
    asked_back: tuple[str, ...]


def apply_reply(work: Work, batch: PaymentBatch, reply: Reply) -> Booked:
    """Settle or fail the payments of an exported batch that the bank's file names.

    What a report says of the whole batch holds for those it does not name. Where the bank changed
    money the difference to what was ordered is booked beside. The same file
    again changes nothing. Raises Invalid for another batch's file, and when an
    amount differs from what was ordered: then nothing is booked.
    """
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, batch)
    if reply.batch_ref and reply.batch_ref != batch.ref:
        raise _odd(f"This file answers {reply.batch_ref}, not {batch.ref}.")
    has_left = batch.state in (BatchState.EXPORTED, BatchState.SETTLED) or batch.document_id
    if batch.way != CASH or not has_left:
        raise _odd(f"{batch.ref} has not left for the bank.")
    rows = work.session.execute(
        select(Payment, Claim.ref)
        .join(Claim, Claim.id == Payment.claim_id)
        .where(Payment.batch_id == batch.id)
        .order_by(Payment.id)
        .with_for_update(of=Payment)
    ).all()
    payments = {ref: payment for payment, ref in rows}
    wholes = [whole for whole in reply.wholes if whole.batch_ref == batch.ref]
    answers = [*reply.answers, *rest_of(payments, reply)]
    for whole in wholes:
        answers += of_whole(batch, payments, whole)
    left = left_on(work, batch)
    ours = [a for a in answers if a.reference in payments and not is_before(a, left)]
    others = (whole for whole in reply.wholes if whole not in wholes)
    strange = tuple(a.reference for a in (*answers, *others) if a not in ours)
    known = [(payments[a.reference], a) for a in ours]
    for payment, answer in known:
        compare(payment, answer)
    charged = [taken_by(work, payment, answer) for payment, answer in known]
    return book_answers(work, batch, known, charged, strange)


def left_on(work: Work, batch: PaymentBatch) -> date:
    """Return the day an exported batch left for the bank, in its vendor's zone."""
    assert batch.exported_at is not None
    return local_day(batch.exported_at, vendor_of(work.session, batch.vendor_id).zone)


def is_before(answer: Answer, left: date) -> bool:
    """Say whether the bank booked a line before a batch left, so that it speaks of an older one."""
    return answer.booked_on is not None and answer.booked_on < left


def rest_of(payments: Mapping[str, Payment], reply: Reply) -> list[Answer]:
    """Return the answers of payments that are under way and only spoken of as a whole."""
    if reply.rest is None:
        return []
    named = {answer.reference for answer in reply.answers}
    return [
        replace(reply.rest, reference=ref)
        for ref, payment in payments.items()
        if ref not in named and payment.state == PaymentState.SENT
    ]


def of_whole(batch: PaymentBatch, payments: Mapping[str, Payment], whole: Answer) -> list[Answer]:
    """Return the answers of the payments that one sum for their whole batch stands for, by claim.

    It stands for all of them, for all that had not failed before, or for all that are under way:
    for those whose sum it is. Raises Invalid when it is none of these sums.
    """
    asked = {ref: each for ref, each in payments.items() if each.amount_minor}
    stood = {ref: each for ref, each in asked.items() if each.state != PaymentState.FAILED}
    going = {ref: each for ref, each in asked.items() if each.state == PaymentState.SENT}
    for meant in (asked, stood, going):
        minor = sum(each.amount_minor for each in meant.values())
        same = whole.amount == Money(minor, batch.currency).major
        if meant and same and whole.currency in ("", batch.currency):
            return [replace(whole, reference=ref, amount=None, currency="") for ref in meant]
    ordered = Money(sum(each.amount_minor for each in asked.values()), batch.currency)
    said = "no sum" if whole.amount is None else f"{whole.amount} {whole.currency}".strip()
    raise _odd(
        f"{batch.ref} was booked as one sum: the bank says {said}, ordered were {ordered.major} "
        f"{batch.currency} in {len(asked)} payments. Mark each that was paid by hand."
    )


def book_answers(
    work: Work,
    batch: PaymentBatch,
    known: Sequence[tuple[Payment, Answer]],
    taken: Sequence[Money | None],
    strange: tuple[str, ...] = (),
) -> Booked:
    """Book answers that were compared; those that stood before change nothing."""
    paid = refused = already = 0
    settled, asked_back = [], []
    # Before the loop: the last payment that fails or is paid closes the batch with its reference.
    named = (a.bank_reference for _, a in known if a.fate is Fate.PAID and a.bank_reference)
    batch.bank_reference = batch.bank_reference or next(named, None)
    for (payment, answer), charged in zip(known, taken, strict=True):
        if answer.fate is Fate.REFUSED and is_reversed(work, payment):
            asked_back.append(answer.reference)
        elif answer.fate is Fate.REFUSED and payment.state != PaymentState.FAILED:
            fail(work, payment, reason=answer.reason[:200])
            refused += 1
        elif answer.fate is Fate.PAID and payment.state == PaymentState.SENT:
            settle_payment(work, payment, answer.bank_reference or batch.ref, taken=charged)
            settled.append(payment)
            paid += 1
        else:
            already += 1
    # What a later line of the same file took back again was not paid.
    stayed = [payment for payment in settled if payment.state == PaymentState.SETTLED]
    if stayed:
        letters.paid(work, batch, stayed)
    close_when_over(work, batch)
    return Booked(paid, refused, already, strange, tuple(asked_back))


def is_reversed(work: Work, payment: Payment) -> bool:
    """Say whether a payment's money was asked back, so that its coming back is a repayment."""
    return work.session.get_one(Claim, payment.claim_id).state == ClaimState.REVERSED


def compare(payment: Payment, answer: Answer) -> None:
    """Raise Invalid when the bank moved another sum than was ordered."""
    if answer.amount is None:
        return
    ordered = Money(payment.amount_minor, payment.currency)
    if answer.amount != ordered.major or answer.currency not in ("", payment.currency):
        raise _odd(
            f"{answer.reference}: the bank says {answer.amount} {answer.currency}, "
            f"ordered were {ordered.major} {payment.currency}."
        )


def taken_by(work: Work, payment: Payment, answer: Answer) -> Money | None:
    """Return what the bank took in the payment's currency, None when it took what was ordered.

    From an account in another currency it is worth what the stored rate of that day says.
    """
    if answer.charged is None or answer.fate is not Fate.PAID:
        return None
    charged = Money.parse(f"{answer.charged:f}", answer.charged_currency or payment.currency)
    if charged.currency != payment.currency:
        zone = vendor_of(work.session, payment.vendor_id).zone
        day = answer.booked_on or local_day(work.now, zone)
        pair = {"base": charged.currency, "quote": payment.currency}
        rate = rate_on(work.session, payment.vendor_id, day=day, **pair)
        if rate is None:
            on = f"from {charged.currency} to {payment.currency} for {spoken_day(day)}"
            raise _odd(f"There is no rate {on}. Enter it under Finance, Rates, first.")
        charged = charged.converted(rate.factor, payment.currency)
    ordered = Money(payment.amount_minor, payment.currency)
    if not may_differ(charged, ordered):
        raise _odd(
            f"{answer.reference}: {spoken(ordered)} was ordered and {spoken(charged)} taken, "
            "more than a tenth apart."
        )
    return charged if charged != ordered else None


def _odd(why: str) -> Invalid:
    words = f"{why} Nothing was booked."
    return Invalid(words, code="mdf.bank_reply", fields={"file": words})
