"""One bank file over all batches that are with the bank: which line matches what, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.mdf.models.funding import Claim
from tcma.mdf.models.ledger import LedgerTransfer
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.payments.bank_answers import Answer, Fate, Reply
from tcma.mdf.payments.settlements import (
    book_answers,
    compare,
    is_before,
    left_on,
    of_whole,
    rest_of,
    taken_by,
)
from tcma.mdf.programme.settled import CASH
from tcma.mdf.rules import ClaimState, PaymentState, TransferKind
from tcma.mdf.words import spoken_day
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Permission

AFTER_ALL = (
    "It stands here as failed, but the bank paid it. Put the claim into a batch and mark that as "
    "paid, and do not pay it again."
)
CAME_BACK = "Booked as paid before, and it came back since."
NO_BATCH = "No batch of yours that left has this reference."
NO_DAY = (
    "Its claim left for the bank more than once, and the line says no day. Book it in its batch."
)
TWICE = "It stands twice in this file."


@dataclass(frozen=True, slots=True)
class Match:
    """One line of a bank's file: what it became, or in `why` the reason that it became nothing."""

    reference: str
    batch_ref: str
    partner: str
    amount: Money | None
    became: str
    why: str


@dataclass(frozen=True, slots=True)
class _Known:
    answer: Answer
    payment: Payment
    batch: PaymentBatch
    claim: Claim
    partner: str


def reconcile(work: Work, reply: Reply) -> list[Match]:
    """Book what a bank's file says of any batch of the vendor; each line by itself.

    A line that fits nothing, or with another sum, is left alone and says why. The same file again
    changes nothing. Raises Invalid for a report of a batch that is not the vendor's.
    """
    work.require(Permission.PAYMENT_MAKE)
    found(work.principal.vendor_id)
    answers = list(reply.answers)
    if reply.batch_ref:
        answers += _unnamed(work, reply)
    known: list[_Known] = []
    by_whole, matches = _by_whole(work, reply)
    answers += by_whole
    states: dict[UUID, PaymentState] = {}
    for answer in answers:
        one, why = _payment_of(work, answer, answer.batch_ref or reply.batch_ref)
        if one is None:
            matches.append(Match(answer.reference, "", "", None, "", why))
            continue
        try:
            compare(one.payment, answer)
            taken_by(work, one.payment, answer)
        except Invalid as odd:
            matches.append(_match(one, "", _plain(odd)))
            continue
        before = states.get(one.payment.id)
        became, why = _became(work, one, before or PaymentState(one.payment.state))
        if became:
            known.append(one)
            paid = answer.fate is Fate.PAID
            states[one.payment.id] = PaymentState.SETTLED if paid else PaymentState.FAILED
        matches.append(_match(one, became, TWICE if before and not became else why))
    for batch_id in dict.fromkeys(one.batch.id for one in known):
        _book(work, [one for one in known if one.batch.id == batch_id])
    return matches


def _book(work: Work, known: Sequence[_Known]) -> None:
    pairs = [(one.payment, one.answer) for one in known]
    taken = [taken_by(work, *pair) for pair in pairs]
    book_answers(work, known[0].batch, pairs, taken)


def _unnamed(work: Work, reply: Reply) -> list[Answer]:
    """Return the answers that a report gives for a batch as a whole."""
    batch = _batch(work, reply.batch_ref)
    if batch is None:
        words = f"This file answers {reply.batch_ref}, which is no batch of yours."
        raise Invalid(words, code="mdf.bank_reply", fields={"file": words})
    return rest_of(_payments(work, batch), reply)


def _by_whole(work: Work, reply: Reply) -> tuple[list[Answer], list[Match]]:
    """Return the answers of payments whose batch was booked as one sum, and what fits no batch."""
    answers: list[Answer] = []
    matches: list[Match] = []
    for whole in reply.wholes:
        batch = _batch(work, whole.batch_ref)
        if batch is None or batch.exported_at is None:
            matches.append(Match(whole.reference, "", "", None, "", NO_BATCH))
            continue
        try:
            answers += of_whole(batch, _payments(work, batch), whole)
        except Invalid as odd:
            matches.append(Match(whole.reference, batch.ref, "", None, "", _plain(odd)))
    return answers, matches


def _plain(odd: Invalid) -> str:
    return odd.message.removesuffix(" Nothing was booked.")


def _batch(work: Work, ref: str) -> PaymentBatch | None:
    one = visible(
        select(PaymentBatch).where(PaymentBatch.ref == ref, PaymentBatch.way == CASH),
        work.principal,
        PaymentBatch,
    )
    batch: PaymentBatch | None = work.session.scalars(one).one_or_none()
    return batch


def _payments(work: Work, batch: PaymentBatch) -> dict[str, Payment]:
    rows = work.session.execute(
        select(Claim.ref, Payment)
        .join(Payment, Payment.claim_id == Claim.id)
        .where(Payment.batch_id == batch.id)
        .order_by(Claim.ref)
    )
    return {row.ref: row.Payment for row in rows}


def _payment_of(work: Work, answer: Answer, batch_ref: str) -> tuple[_Known | None, str]:
    """Return the payment a line is about: the one under way, else the newest with that claim.

    What left after the bank booked the line is not meant. Without one, the reason.
    """
    rows = (
        select(Payment, PaymentBatch, Claim, Partner.name)
        .join(PaymentBatch, PaymentBatch.id == Payment.batch_id)
        .join(Claim, Claim.id == Payment.claim_id)
        .join(Partner, Partner.id == Payment.partner_id)
        .where(Claim.ref == answer.reference, PaymentBatch.exported_at.is_not(None))
        .where(PaymentBatch.way == CASH)
        .order_by(
            (Payment.state == PaymentState.SENT).desc(),
            (Payment.state == PaymentState.SETTLED).desc(),
            Payment.id.desc(),
        )
        .with_for_update(of=Payment)
    )
    if batch_ref:
        rows = rows.where(PaymentBatch.ref == batch_ref)
    left = [
        _Known(answer, *row) for row in work.session.execute(visible(rows, work.principal, Payment))
    ]
    if not left:
        return None, _strange(batch_ref)
    if answer.booked_on is None and len(left) > 1:
        return None, NO_DAY
    meant = [one for one in left if not is_before(answer, left_on(work, one.batch))]
    if not meant:
        day = spoken_day(found(answer.booked_on))
        return None, f"It was booked on {day}, before this claim left for the bank."
    return meant[0], ""


def _strange(batch_ref: str) -> str:
    if batch_ref:
        return f"No payment of {batch_ref} has this reference."
    return "No payment that left has this reference."


def _became(work: Work, one: _Known, before: PaymentState) -> tuple[str, str]:
    if one.answer.fate is Fate.PAID:
        said = {
            PaymentState.SENT: ("paid", ""),
            PaymentState.SETTLED: ("", "Booked as paid before."),
            PaymentState.FAILED: ("", CAME_BACK if _was_paid(work, one.payment) else AFTER_ALL),
        }
    elif one.claim.state == ClaimState.REVERSED:
        return "", "Its money was asked back meanwhile. Book what came under “Owed back”."
    else:
        said = {
            PaymentState.SENT: ("refused", ""),
            PaymentState.SETTLED: ("came back", ""),
            PaymentState.FAILED: ("", "Booked as refused before."),
        }
    return said.get(before, ("", "It has not left for the bank."))


def _was_paid(work: Work, payment: Payment) -> bool:
    paid = select(LedgerTransfer.id).where(
        LedgerTransfer.subject_id == payment.id, LedgerTransfer.kind == TransferKind.PAY
    )
    return work.session.scalar(paid.limit(1)) is not None


def _match(one: _Known, became: str, why: str) -> Match:
    amount = Money(one.payment.amount_minor, one.payment.currency)
    return Match(one.answer.reference, one.batch.ref, one.partner, amount, became, why)
