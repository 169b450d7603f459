"""Settles a batch that no bank pays: each claim gets its number and its paper, and is booked at once.

A credit memo, a discount code or a voucher for a service: what is given stands in the partner's
remittance under its number. What turns out wrong is taken back like a payment that came back, and
its number is never used again.
"""

from sqlalchemy import select

from tcma.db.documents import store_document
from tcma.db.references import next_reference
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf import letters
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.moving import log, move
from tcma.mdf.payments import orders
from tcma.mdf.payments.batches import KEPT, close_batch, settle_payment
from tcma.mdf.programme.settled import CASH
from tcma.mdf.queries import budget_of_claim, own
from tcma.mdf.rules import BatchState, PaymentState
from tcma.mdf.ways import PREFIXES, Way
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Permission
from tcma.rendering.remittance import LETTER, MEDIA_TYPE, Advice, remittance_pdf
from tcma.words import say

LONGEST_NOTE = 300
TITLES = {
    Way.CREDIT: say("Credit memo {number}"),
    Way.DISCOUNT: say("Discount code {number}"),
    Way.ACCESS: say("Service paid {number}"),
}
LEADS = {
    Way.CREDIT: say("{vendor} credits {amount} on the account of {partner}."),
    Way.DISCOUNT: say("{vendor} takes {amount} off an order of {partner} under this code."),
    Way.ACCESS: say("{vendor} pays {amount} for {partner} to who did the work."),
}
SAYS = frozenset({Way.DISCOUNT, Way.ACCESS})
"""Ways that need a word: how the code is used, who is paid."""


def give(work: Work, batch: PaymentBatch, *, note: str = "") -> list[Payment]:
    """Number, write and book everything in a batch that is not for the bank; again is one answer.

    `note` stands on each paper: how a code is used, or who is paid. Returns what was given now.
    Raises Conflict for a bank's batch and when the books owe another sum, Invalid without a word
    where one is needed.
    """
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, batch)
    work.session.refresh(batch, with_for_update=True)
    if batch.way == CASH:
        raise Conflict("This batch is paid by the bank.", code="mdf.batch.way")
    if batch.state == BatchState.SETTLED:
        return []
    said = note.strip()
    if batch.way in SAYS and not said:
        words = "Say how the code is used." if batch.way == Way.DISCOUNT else "Say who is paid."
        raise Invalid(words, code="mdf.batch.note", fields={"note": words})
    if len(said) > LONGEST_NOTE:
        words = f"Up to {LONGEST_NOTE} letters."
        raise Invalid(words, code="mdf.batch.note", fields={"note": words})
    orders.agree_all(work, batch)
    batch.note = said
    move(work, batch, BatchState.EXPORTED, exported_at=work.now)
    some = select(Payment).where(
        Payment.batch_id == batch.id, Payment.state == PaymentState.SCHEDULED
    )
    payments = list(work.session.scalars(some.order_by(Payment.id)))
    for payment in payments:
        payment.state = PaymentState.SENT
        if payment.amount_minor:
            _write(work, batch, payment)
        settle_payment(work, payment, payment.memo or KEPT)
    log(work, batch, "given", ", ".join(each.memo or KEPT for each in payments))
    close_batch(work, batch, reference=payments[0].memo or KEPT)
    letters.paid(work, batch, payments)
    return payments


def _write(work: Work, batch: PaymentBatch, payment: Payment) -> None:
    way = Way(batch.way)
    payment.memo = next_reference(work, PREFIXES[way])
    payment.document_id = store_document(
        work,
        kind=f"memo:{way}",
        file_name=f"{payment.memo}.pdf",
        media_type=MEDIA_TYPE,
        content=remittance_pdf(_sheet(work, batch, payment), at=work.now),
        vendor_id=payment.vendor_id,
        partner_id=payment.partner_id,
    ).id


def _sheet(work: Work, batch: PaymentBatch, payment: Payment) -> Advice:
    way = Way(batch.way)
    claim = work.session.get_one(Claim, payment.claim_id)
    request = work.session.get_one(FundRequest, claim.request_id)
    vendor = work.session.get_one(Vendor, payment.vendor_id)
    partner = work.session.get_one(Partner, payment.partner_id)
    amount = spoken(Money(payment.amount_minor, payment.currency))
    facts: list[tuple[str, str]] = [
        (say("Number"), payment.memo or ""),
        (say("Day"), spoken_day(local_day(work.now, vendor.zone))),
    ]
    if payment.kept_minor:
        kept = spoken(Money(payment.kept_minor, payment.currency))
        facts.append((say("Kept for what is owed back"), kept))
    return Advice(
        title=TITLES[way].filled(number=payment.memo),
        lead=LEADS[way].filled(vendor=vendor.name, amount=amount, partner=partner.name),
        paper="us-letter" if partner.country in LETTER else "a4",
        vendor=[vendor.legal_name],
        partner=[partner.legal_name],
        facts=facts,
        lines=[
            (claim.ref, request.title, budget_of_claim(work.session, claim).name,
             spoken(Money(claim.amount_minor, claim.currency)), amount)
        ],
        total=amount,
        note=batch.note,
        footer=f"{payment.memo}, {vendor.name}",
        language=partner.locale.partition("-")[0],
    )  # fmt: skip
