"""Money that was asked back comes home: by the bank, or kept from the partner's next payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.mdf.ledger import back
from tcma.mdf.ledger.booking import Cause
from tcma.mdf.models.funding import Claim
from tcma.mdf.models.payments import Payment
from tcma.mdf.models.repayments import Repayment
from tcma.mdf.moving import log
from tcma.mdf.queries import activity_of, own
from tcma.mdf.rules import ClaimState, positive
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Permission, Principal
from tcma.words import joined, say


@dataclass(frozen=True, slots=True)
class OwedBack:
    """A claim whose money was asked back: how much, what came, what is still to come.

    `kept` of it stands in payments that are on their way.
    """

    claim_ref: str
    partner: str
    asked: Money
    repaid: Money
    kept: Money
    left: Money


def left_of(session: Session, claim: Claim) -> Money:
    """Return what of a claim was asked back and neither came nor is kept from a payment."""
    came = session.scalar(
        select(func.coalesce(func.sum(Repayment.amount_minor), 0)).where(
            Repayment.claim_id == claim.id, Repayment.undone_at.is_(None)
        )
    )
    return Money(_asked(claim) - int(came or 0), claim.currency)


def _asked(claim: Claim) -> int:
    return int(claim.trace.get("clawed_back_minor", 0)) if claim.state == ClaimState.REVERSED else 0


def owed_back(session: Session, principal: Principal) -> list[OwedBack]:
    """Return every claim with money that is still to come back, by partner."""
    rows = session.execute(
        visible(
            select(Claim, Partner.name)
            .join(Partner, Partner.id == Claim.partner_id)
            .where(Claim.state == ClaimState.REVERSED)
            .order_by(Partner.name, Claim.ref),
            principal,
            Claim,
        )
    ).all()
    lines = [_line(session, claim, partner) for claim, partner in rows]
    return [line for line in lines if line.left or line.kept]


def line_of(session: Session, claim: Claim) -> OwedBack:
    """Return what was asked back of a claim, perhaps nothing, and what came."""
    return _line(session, claim, session.get_one(Partner, claim.partner_id).name)


def _line(session: Session, claim: Claim, partner: str) -> OwedBack:
    rows = session.scalars(
        select(Repayment).where(Repayment.claim_id == claim.id, Repayment.undone_at.is_(None))
    ).all()
    booked = sum(row.amount_minor for row in rows if row.booked_at)
    kept = sum(row.amount_minor for row in rows if not row.booked_at)
    asked = _asked(claim)
    sums = (Money(minor, claim.currency) for minor in (asked, booked, kept, asked - booked - kept))
    return OwedBack(claim.ref, partner, *sums)


def repay(work: Work, claim: Claim, amount: Money, *, bank_reference: str, key: UUID) -> None:
    """Book that a partner paid back what was asked; the money is free in the fund again.

    `key` is the form's own id: the same twice books once, another body is a Conflict. Raises
    LimitReached above what is still to come.
    """
    work.require(Permission.PAYMENT_MAKE)
    own(work.principal, claim)
    reference = bank_reference.strip()
    work.session.refresh(claim, with_for_update=True)
    stood = work.session.get(Repayment, key, populate_existing=True)
    if stood is not None:
        body = (stood.claim_id, stood.amount_minor, stood.currency, stood.bank_reference)
        if body == (claim.id, amount.minor, amount.currency, reference):
            return
        words = "This repayment was booked before with another content."
        raise Conflict(words, code="mdf.repayment.replayed", remedy="Load the page again.")
    if not reference:
        words = "Copy the bank's reference."
        raise Invalid(words, code="mdf.repayment", fields={"bank_reference": words})
    positive(amount, claim.currency, "amount")
    left = left_of(work.session, claim)
    if amount > left:
        words = f"{spoken(left)} is still to come back."
        raise LimitReached(words, code="mdf.repayment.above", remedy="Compare it with the bank.")
    row = _row(work, claim, amount, key)
    row.bank_reference, row.booked_at = reference, work.now
    work.session.add(row)
    back.repay(work, back.Return(claim, row.id, amount), cause=_cause(work, claim, reference))
    log(work, claim, "repaid", joined(spoken(amount), reference, by=", "))


def keep_back(work: Work, payment: Payment, *, most: Money) -> Money:
    """Keep what the partner owes back from a payment, oldest claim first; returns how much.

    It is booked when the payment is paid.
    """
    kept = Money.zero(most.currency)
    claims = work.session.scalars(
        select(Claim)
        .where(
            Claim.vendor_id == payment.vendor_id,
            Claim.partner_id == payment.partner_id,
            Claim.currency == payment.currency,
            Claim.state == ClaimState.REVERSED,
        )
        .order_by(Claim.id)
        .with_for_update()
    ).all()
    for claim in claims:
        part = min(left_of(work.session, claim), most - kept, key=lambda each: each.minor)
        if part.minor > 0:
            row = _row(work, claim, part, new_id())
            row.payment_id = payment.id
            work.session.add(row)
            work.session.flush()  # the next claim's payment counts what this one keeps
            kept += part
    return kept


def book_kept(work: Work, payment: Payment, reference: str) -> None:
    """Book what was kept from a payment now that it is paid."""
    for row in _kept(work.session, payment):
        claim = work.session.get_one(Claim, row.claim_id)
        amount = Money(row.amount_minor, row.currency)
        row.booked_at, row.bank_reference = work.now, reference
        said = say("kept from the payment of {ref}", ref=_ref_of(work.session, payment))
        back.repay(work, back.Return(claim, row.id, amount), cause=_cause(work, claim, said))
        log(work, claim, "repaid", joined(spoken(amount), said, by=", "))


def undo_kept(work: Work, payment: Payment, *, reason: str) -> None:
    """Let what was kept from a payment be owed again: the payment did not arrive."""
    for row in _kept(work.session, payment):
        row.undone_at = work.now
        if row.booked_at is None:
            continue
        claim = work.session.get_one(Claim, row.claim_id)
        amount = Money(row.amount_minor, row.currency)
        back.owe_again(work, back.Return(claim, row.id, amount), cause=_cause(work, claim, reason))
        log(work, claim, "owed again", joined(spoken(amount), reason, by=". "))


def kept_for(session: Session, payment_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return for which claims something was kept from each payment."""
    rows = session.execute(
        select(Repayment.payment_id, Claim.ref)
        .join(Claim, Claim.id == Repayment.claim_id)
        .where(Repayment.payment_id.in_(payment_ids), Repayment.undone_at.is_(None))
        .order_by(Claim.ref)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for payment_id, ref in rows:
        assert payment_id is not None
        found[payment_id] = (*found.get(payment_id, ()), ref)
    return found


def _kept(session: Session, payment: Payment) -> Sequence[Repayment]:
    some = select(Repayment).where(
        Repayment.payment_id == payment.id, Repayment.undone_at.is_(None)
    )
    return session.scalars(some.order_by(Repayment.id)).all()


def _row(work: Work, claim: Claim, amount: Money, key: UUID) -> Repayment:
    assert work.principal.user_id is not None
    return Repayment(
        id=key,
        claim_id=claim.id,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        bank_reference="",
        made_by=work.principal.user_id,
        made_at=work.now,
    )


def _cause(work: Work, claim: Claim, words: str) -> Cause:
    activity = activity_of(work.session, claim)
    return Cause(activity.campaign_id, activity.id, f"{claim.ref}: {words}")


def _ref_of(session: Session, payment: Payment) -> str:
    return session.get_one(Claim, payment.claim_id).ref
