"""Booking what the bank says: a whole batch by hand, or payment by payment from the bank's file."""

from dataclasses import dataclass

from sqlalchemy import exists, select

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.mdf import letters
from tcma.mdf.deadlines import local_day
from tcma.mdf.exchange.rates import rate_on
from tcma.mdf.models.funding import Claim, Payment, PaymentBatch
from tcma.mdf.payments.bank_answers import Answer, Fate, Reply
from tcma.mdf.payments.batches import close_batch, fail, may_differ, settle_payment
from tcma.mdf.queries import own, vendor_of
from tcma.mdf.rules import BatchState, PaymentState
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.permissions import Permission


@dataclass(frozen=True, slots=True)
class Booked:
    """What a bank's file moved, and the lines that belong to no payment of this batch."""

    paid: int
    refused: int
    already: int
    strange: tuple[str, ...]


def apply_reply(work: Work, batch: PaymentBatch, reply: Reply) -> Booked:
    """Settle or fail the payments of an exported batch that the bank's file names.

    Where the bank changed money the difference to what was ordered is booked beside. The same file
    again changes nothing. Raises Invalid for another batch's file, and when an
    amount differs from what was ordered: then nothing is booked.
    """
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, batch)
    if reply.batch_ref and reply.batch_ref != batch.ref:
        raise _odd(f"This file answers {reply.batch_ref}, not {batch.ref}.")
    if batch.state not in (BatchState.EXPORTED, BatchState.SETTLED):
        raise _odd(f"{batch.ref} has not left for the bank.")
    rows = work.session.execute(
        select(Payment, Claim.ref)
        .join(Claim, Claim.id == Payment.claim_id)
        .where(Payment.batch_id == batch.id)
        .order_by(Payment.id)
        .with_for_update(of=Payment)
    ).all()
    payments = {ref: payment for payment, ref in rows}
    strange = tuple(a.reference for a in reply.answers if a.reference not in payments)
    known = [(payments[a.reference], a) for a in reply.answers if a.reference in payments]
    for payment, answer in known:
        _compare(payment, answer)
    taken = [_taken(work, payment, answer) for payment, answer in known]
    paid = refused = already = 0
    settled = []
    for (payment, answer), charged in zip(known, taken, strict=True):
        if answer.fate is Fate.REFUSED and payment.state != PaymentState.FAILED:
            fail(work, payment, reason=answer.reason[:200])
            refused += 1
        elif answer.fate is Fate.PAID and payment.state == PaymentState.SENT:
            settle_payment(work, payment, answer.bank_reference or batch.ref, taken=charged)
            settled.append(payment)
            paid += 1
        else:
            already += 1
    if settled:
        reference = next((a.bank_reference for _, a in known if a.bank_reference), batch.ref)
        batch.bank_reference = batch.bank_reference or reference
        letters.paid(work, batch, settled)
    _close_when_over(work, batch)
    return Booked(paid, refused, already, strange)


def _compare(payment: Payment, answer: Answer) -> None:
    if answer.amount is None:
        return
    ordered = Money(payment.amount_minor, payment.currency)
    if answer.amount != ordered.major or answer.currency not in ("", payment.currency):
        raise _odd(
            f"{answer.reference}: the bank says {answer.amount} {answer.currency}, "
            f"ordered were {ordered.major} {payment.currency}."
        )


def _taken(work: Work, payment: Payment, answer: Answer) -> Money | None:
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


def _close_when_over(work: Work, batch: PaymentBatch) -> None:
    work.session.flush()  # the payments' states are asked for next
    waits = select(exists().where(Payment.batch_id == batch.id, Payment.state == PaymentState.SENT))
    if batch.state == BatchState.EXPORTED and not work.session.scalar(waits):
        close_batch(work, batch, reference=batch.bank_reference or batch.ref)


def _odd(why: str) -> Invalid:
    words = f"{why} Nothing was booked."
    return Invalid(words, code="mdf.bank_reply", fields={"file": words})
