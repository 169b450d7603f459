"""What a batch asks of the bank, and whether the books agree before anything leaves."""

from datetime import UTC
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.mdf.funds.proof import distrusted
from tcma.mdf.judging.claims import GIVEN_NUMBER
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.payments import bank_accounts
from tcma.mdf.payments.bank_rules import bank_day
from tcma.mdf.queries import balance, budget_of_claim
from tcma.mdf.rules import AccountKind, PaymentState
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.ports import PaymentAccount, PaymentOrder, PaymentRun


def agree(work: Work, claim: Claim, amount: Money) -> None:
    """Raise Conflict unless a claim is approved for `amount` and the books owe exactly that.

    Nor is anything paid from a fund whose last proof found its books broken.
    """
    owed = balance(work.session, AccountKind.ACCRUED, currency=claim.currency, claim_id=claim.id)
    if not amount.minor == owed.minor == claim.approved_minor:
        said = (
            f"{claim.ref} is approved for {spoken(Money(claim.approved_minor or 0, claim.currency))}"
            f" and would be paid {spoken(amount)}, but the books owe {spoken(owed)}."
        )
        raise Conflict(
            said,
            code="mdf.payment.books",
            remedy="Somebody wrote past the product. Tell an administrator.",
        )
    budget = budget_of_claim(work.session, claim)
    if faults := distrusted(work.session, budget.id):
        raise Conflict(
            f"The books of {budget.ref} are broken: {faults[0]}.",
            code="mdf.payment.books",
            remedy="Pay nothing from this fund until an administrator has found out why.",
        )


def agree_all(work: Work, batch: PaymentBatch) -> None:
    """Raise Conflict unless the books agree with every payment of a batch."""
    rows = work.session.execute(
        select(Payment, Claim)
        .join(Claim, Claim.id == Payment.claim_id)
        .where(Payment.batch_id == batch.id, Payment.state == PaymentState.SCHEDULED)
        .order_by(Claim.ref)
    ).all()
    for payment, claim in rows:
        agree(work, claim, Money(payment.amount_minor + payment.kept_minor, payment.currency))


def run_of(work: Work, batch: PaymentBatch) -> PaymentRun:
    """Return what the bank is asked to pay; a payment that was kept back in full is not among it."""
    rows = work.session.execute(
        select(Payment, Claim.ref, Partner, GIVEN_NUMBER)
        .join(Claim, Claim.id == Payment.claim_id)
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .join(Partner, Partner.id == Payment.partner_id)
        .where(Payment.batch_id == batch.id, Payment.state == PaymentState.SCHEDULED)
        .where(Payment.amount_minor > 0)
        .order_by(Claim.ref)
    ).all()
    payer = bank_accounts.in_force(work.session, vendor_id=batch.vendor_id, partner_id=None)
    orders = []
    for number, (payment, ref, partner, ordered) in enumerate(rows, 1):
        account = _account(work, batch, payment, ref) if payer else None
        orders.append(
            PaymentOrder(
                number=number,
                beneficiary=partner.legal_name,
                country=partner.country,
                amount=str(Money(payment.amount_minor, payment.currency).major),
                currency=payment.currency,
                purpose=" ".join(filter(None, (ref, batch.ref, ordered))),
                reference=ref,
                account=account,
            )
        )
    zone = ZoneInfo(work.session.get_one(Vendor, batch.vendor_id).zone)
    return PaymentRun(
        ref=batch.ref,
        at=work.now.astimezone(UTC),
        on=bank_day(work.now.astimezone(zone).date()),
        orders=orders,
        payer=bank_accounts.account_of(payer).for_bank() if payer else None,
    )


def _account(work: Work, batch: PaymentBatch, payment: Payment, ref: str) -> PaymentAccount:
    pair = {"vendor_id": batch.vendor_id, "partner_id": payment.partner_id}
    row = bank_accounts.in_force(work.session, **pair)
    why = bank_accounts.obstacle(work.session, **pair)
    if row is None or why:
        raise Conflict(
            f"The account for {ref} changed after the batch was made: {why}",
            code="mdf.payment.account",
            remedy="Check the account, then write the file.",
        )
    payment.bank_account_id = row.id
    return bank_accounts.account_of(row).for_bank()
