"""A decided sum is disputed once, within thirty days: money is set aside, another person answers.

What was granted is paid meanwhile. An upheld dispute makes a second, approved claim over the rest,
so that the first one's books stay as they were closed.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.audit import AuditEntry
from tcma.db.references import next_reference
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.mdf import four_eyes, letters
from tcma.mdf.answer_days import answer_day_of
from tcma.mdf.ledger import booking
from tcma.mdf.models.disputes import OPEN, ClaimDispute
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.moving import log
from tcma.mdf.queries import activity_of, left_of, own
from tcma.mdf.requests import reserving
from tcma.mdf.requests.decisions import give_back
from tcma.mdf.rules import ClaimState, positive
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.permissions import Permission
from tcma.words import joined, say, say_as

DISPUTE_WITHIN = timedelta(days=30)
LONGEST = 2_000
UPHELD, TURNED_DOWN, WITHDRAWN = "upheld", "turned_down", "withdrawn"
DECIDED = (ClaimState.APPROVED, ClaimState.PAYMENT_PENDING, ClaimState.PAID, ClaimState.REVERSED)
LAST_WORDS = ("approved", "paid", "clawed back")


def dispute_of(session: Session, claim: Claim) -> ClaimDispute | None:
    """Return the dispute of a claim, None while there is none."""
    return session.scalars(select(ClaimDispute).where(ClaimDispute.claim_id == claim.id)).first()


def left_out(claim: Claim) -> Money:
    """Return what a partner may dispute: what was cut, or what was asked back."""
    if claim.state not in DECIDED:
        return Money.zero(claim.currency)
    cut = claim.amount_minor - (claim.approved_minor or 0)
    back = claim.trace.get("clawed_back_minor", 0) if claim.state == ClaimState.REVERSED else 0
    return Money(cut + back, claim.currency)


def waits(session: Session, claim: Claim) -> bool:
    """Say whether a dispute of this claim waits for its answer."""
    dispute = dispute_of(session, claim)
    return dispute is not None and dispute.state == OPEN


def open_until(session: Session, claim: Claim) -> datetime | None:
    """Return until when a claim may be disputed, None when nothing was left out of it."""
    if not left_out(claim) or dispute_of(session, claim) is not None:
        return None
    last = select(func.max(AuditEntry.at)).where(
        AuditEntry.subject == "claim",
        AuditEntry.subject_id == str(claim.id),
        AuditEntry.verb.in_(LAST_WORDS),
    )
    at = session.scalar(last) or claim.decided_at
    return at + DISPUTE_WITHIN if at else None


def open_dispute(work: Work, claim: Claim, *, amount: Money, words: str) -> ClaimDispute:
    """Say that `amount` more is owed, and why; what the fund has of it is set aside.

    Raises LimitReached after thirty days or a second time, Invalid for a sum that was not left
    out and without words.
    """
    work.require(Permission.CLAIM_FILE)
    own(work.principal, claim)
    until = open_until(work.session, claim)
    if until is None or work.now > until:
        raise LimitReached(
            say("A sum that was left out can be disputed once, within thirty days."),
            code="mdf.dispute",
            remedy=say("Talk to your channel manager."),
        )
    most = left_out(claim)
    positive(amount, claim.currency, "amount")
    if amount > most:
        over = say("{most} was left out.", most=spoken(most))
        raise Invalid(over, code="mdf.dispute", fields={"amount": over})
    said = words.strip()
    if not 0 < len(said) <= LONGEST:
        wrong = say("Say in a few sentences why it is owed.")
        raise Invalid(wrong, code="mdf.dispute", fields={"words": wrong})
    request = work.session.get_one(FundRequest, claim.request_id)
    dispute = ClaimDispute(
        id=new_id(),
        claim_id=claim.id,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
        state=OPEN,
        words=said,
        asked_minor=amount.minor,
        held_minor=_hold(work, claim, amount).minor,
        opened_by=found(work.principal.user_id),
        opened_at=work.now,
        answer_by=answer_day_of(work.session, request, work.now),
        note="",
    )
    work.session.add(dispute)
    log(work, claim, "disputed", joined(say("{amount} more.", amount=spoken(amount)), said))
    decided = four_eyes.of_dispute(work.session, request, claim)
    letters.claim_disputed(work, claim, amount, dispute.answer_by, decided)
    return dispute


def _hold(work: Work, claim: Claim, amount: Money) -> Money:
    """Set aside what the plan does not hold already, as far as the partner's part has it."""
    request = work.session.get_one(FundRequest, claim.request_id)
    activity = activity_of(work.session, claim)
    zero = Money.zero(claim.currency)
    missing = max(amount - left_of(work.session, activity), zero)
    held = min(missing, reserving.available(work.session, request))
    if held:
        cause = booking.Cause(activity.campaign_id, activity.id, f"{claim.ref} is disputed")
        reserving.reserve(work, request, held, cause=cause, step=0)
    return held


def withdraw_dispute(work: Work, claim: Claim) -> None:
    """Take a dispute back before it is answered; what was set aside is free again."""
    work.require(Permission.CLAIM_FILE)
    own(work.principal, claim)
    dispute = _waiting(work, claim)
    dispute.state = WITHDRAWN
    _let_go(work, claim, dispute)
    log(work, claim, "took the dispute back", "")


def turn_down(work: Work, claim: Claim, *, words: str) -> None:
    """Leave the sum as it was decided, with the reason; another person than who decided it."""
    dispute = _answering(work, claim)
    if not words.strip():
        wrong = "Say why it stays as it is."
        raise Invalid(wrong, code="mdf.dispute", fields={"words": wrong})
    _answered(work, dispute, TURNED_DOWN, words)
    _let_go(work, claim, dispute)
    log(work, claim, "turned the dispute down", words)
    letters.claim_answered(
        work,
        claim,
        outcome=say_as("outcome", "left as decided"),
        sentence=say("Your dispute was turned down."),
        note=words,
    )


def uphold(work: Work, claim: Claim, *, amount: Money | None = None, words: str = "") -> Claim:
    """Grant all that was asked, or `amount`: a second claim, approved, over that sum.

    Raises Invalid above what was asked, Conflict for whoever decided the claim and when the fund
    has too little.
    """
    dispute = _answering(work, claim)
    asked = Money(dispute.asked_minor, claim.currency)
    granted = asked if amount is None else positive(amount, claim.currency, "amount")
    if granted > asked:
        said = f"The dispute is over {spoken(asked)}."
        raise Invalid(said, code="mdf.dispute", fields={"amount": said})
    request = work.session.get_one(FundRequest, claim.request_id)
    activity = activity_of(work.session, claim)
    cause = booking.Cause(activity.campaign_id, activity.id, f"{claim.ref} was disputed")
    held = Money(dispute.held_minor, claim.currency)
    zero = Money.zero(claim.currency)
    short = max(granted - held - left_of(work.session, activity), zero)
    if short:
        reserving.reserve(work, request, short, cause=cause, step=0)
    more = _supplement(work, claim, dispute, granted)
    booking.accrue(work, request, more, granted, cause=cause)
    dispute.held_minor = min(granted, held + short).minor
    dispute.granted_minor, dispute.supplement_id = granted.minor, more.id
    _answered(work, dispute, UPHELD, words)
    give_back(work, request, activity, max(held - granted, zero))
    said = say("{amount} more is approved, as {ref}.", amount=spoken(granted), ref=more.ref)
    log(work, claim, "upheld the dispute", joined(said, words.strip()))
    after = say("{amount} after the dispute of {ref}.", amount=spoken(granted), ref=claim.ref)
    log(work, more, "approved", after)
    letters.claim_answered(
        work, claim, outcome=say_as("outcome", "upheld"), sentence=said, note=words
    )
    return more


def _supplement(work: Work, claim: Claim, dispute: ClaimDispute, granted: Money) -> Claim:
    more = Claim(
        id=new_id(),
        ref=next_reference(work, "CLM"),
        request_id=claim.request_id,
        activity_id=claim.activity_id,
        vendor_id=claim.vendor_id,
        partner_id=claim.partner_id,
        state=ClaimState.APPROVED,
        currency=claim.currency,
        amount_minor=granted.minor,
        approved_minor=granted.minor,
        filed_by=dispute.opened_by,
        filed_at=dispute.opened_at,
        decided_by=work.principal.user_id,
        decided_at=work.now,
        note=say("What was left out of {ref}, after its dispute.", ref=claim.ref),
        trace={"supplements": claim.ref},
        created_at=work.now,
    )
    work.session.add(more)
    work.session.flush()  # its account and the dispute name it
    return more


def _let_go(work: Work, claim: Claim, dispute: ClaimDispute) -> None:
    request = work.session.get_one(FundRequest, claim.request_id)
    held = Money(dispute.held_minor, claim.currency)
    give_back(work, request, activity_of(work.session, claim), held)


def _answered(work: Work, dispute: ClaimDispute, state: str, words: str) -> None:
    dispute.state, dispute.note = state, words.strip()
    dispute.answered_by, dispute.answered_at = work.principal.user_id, work.now


def _waiting(work: Work, claim: Claim) -> ClaimDispute:
    one = select(ClaimDispute).where(ClaimDispute.claim_id == claim.id).with_for_update()
    dispute = work.session.scalars(one).first()
    if dispute is None or dispute.state != OPEN:
        raise Conflict(
            say("No dispute of this claim waits for an answer."), code="mdf.dispute.moved"
        )
    return dispute


def _answering(work: Work, claim: Claim) -> ClaimDispute:
    four_eyes.deciding(work, claim, four_eyes.of_dispute)
    return _waiting(work, claim)
