"""The vendor's answer to a claim: approve all or part, return to fix, refuse, take back."""

from datetime import date

from sqlalchemy import select

from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.jobs import Job
from tcma.mdf import four_eyes, letters
from tcma.mdf.claims import disputes, levels
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging import claims as claim_judging
from tcma.mdf.judging import deciding
from tcma.mdf.ledger import back as ledger_back
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.payments import Payment
from tcma.mdf.moving import log, move
from tcma.mdf.programme.document import AT_ONCE
from tcma.mdf.programme.settled import CASH
from tcma.mdf.queries import activity_of, own, untaken, vendor_of, waiting_claim
from tcma.mdf.reasons import CURABLE, Reason, reason_words, why
from tcma.mdf.requests import reserving
from tcma.mdf.requests.decisions import finish, give_back
from tcma.mdf.rules import (
    CLAIM_WAITS,
    FILED_CLAIM,
    ActivityState,
    ClaimState,
    PaymentState,
    TransferKind,
    positive,
)
from tcma.mdf.words import spoken, spoken_day, spoken_state
from tcma.money import Money
from tcma.permissions import Permission
from tcma.words import joined, say, say_as


def approve(
    work: Work,
    claim: Claim,
    *,
    amount: Money | None = None,
    words: str = "",
    close: bool = True,
) -> None:
    """Approve up to what was claimed: reserved money becomes owed; the same answer twice is one.

    With more levels to pass it goes on to the next group.

    `close` ends the activity, and with the last one the request, and gives the rest back, unless
    another claim of it waits. Raises
    Conflict for whoever filed, approved the plan or belongs to the partner.
    """
    asked = Money(claim.amount_minor, claim.currency)
    granted = asked if amount is None else amount
    request = levels.deciding(work, claim)
    positive(granted, claim.currency, "amount")
    if granted > asked:
        said = f"The claim is for {spoken(asked)}."
        raise Invalid(said, code="mdf.claim.above", fields={"amount": said})
    if _decided_so(work, claim, granted):
        return
    _there_to_give(work, claim, granted)
    if not levels.passed(work, request, claim, granted, words):
        return
    activity = activity_of(work.session, claim)
    found_so = claim_judging.claim_judged(work.session, request, claim, now=work.now)
    move(
        work,
        claim,
        ClaimState.APPROVED,
        approved_minor=granted.minor,
        decided_by=work.principal.user_id,
        decided_at=work.now,
        note=words.strip(),
    )
    said = say("{granted} of {asked} is approved.", granted=spoken(granted), asked=spoken(asked))
    whole = granted == asked
    outcome = say_as("outcome", "approved") if whole else say_as("outcome", "approved in part")
    by = found_so.decision.facts.get("pay_by")
    paid_by = say("It is paid by {day}.", day=spoken_day(date.fromisoformat(by))) if by else ""
    sentence = joined(said, paid_by)
    letters.claim_answered(work, claim, outcome=outcome, sentence=sentence, note=words)
    cause = booking.Cause(activity.campaign_id, activity.id, claim.ref)
    if activity.state == ActivityState.CLOSED:  # what an appeal wins was given back meanwhile
        reserving.reserve(work, request, granted, cause=cause, step=0)
    booking.accrue(work, request, claim, granted, cause=cause)
    deciding.keep(work, claim, "approved", found_so)
    log(work, claim, "approved", joined(said, words.strip()))
    waits = waiting_claim(work.session, Claim.activity_id == activity.id)
    if close and activity.state == ActivityState.APPROVED and not waits:
        finish(work, request, activity)


def _decided_so(work: Work, claim: Claim, granted: Money) -> bool:
    return (
        claim.state in {ClaimState.APPROVED, ClaimState.PAYMENT_PENDING, ClaimState.PAID}
        and claim.approved_minor == granted.minor
        and claim.decided_by == work.principal.user_id
    )


def _there_to_give(work: Work, claim: Claim, granted: Money) -> None:
    """Refuse what does not wait for an answer, and what other claims took of an activity meanwhile."""
    if claim.state not in CLAIM_WAITS:
        raise Conflict(
            say("{ref} is {state} by now.", ref=claim.ref, state=spoken_state(claim.state)),
            code="mdf.claim.moved",
            remedy=say("Reload to see who was faster."),
        )
    activity = activity_of(work.session, claim)
    # Of a filed claim what it asks was kept for it; an appealed one had nothing kept, and what
    # others took before its activity was closed is taken.
    if claim.state == ClaimState.APPEALED:
        left = untaken(work.session, activity)
        if granted > left:
            words = say("{left} is left of this activity.", left=spoken(left))
            raise LimitReached(
                words,
                code="mdf.claim.used_up",
                remedy=say(
                    "Approve {left} or less, or let the plan be changed first.", left=spoken(left)
                ),
            )


def return_to_fix(work: Work, claim: Claim, *, reason: Reason, words: str) -> None:
    """Send a claim back for one change; it may be filed again within two weeks, even if late.

    Raises Invalid for a reason the partner cannot repair.
    """
    levels.deciding(work, claim)
    if reason not in CURABLE:
        raise Invalid(
            say("The partner cannot repair this."),
            code="mdf.claim.not_curable",
            fields={"reason": say("Refuse the claim instead, or choose what can be fixed.")},
        )
    vendor = vendor_of(work.session, claim.vendor_id)
    request = work.session.get_one(FundRequest, claim.request_id)
    rules = claim_judging.rules_of_plan(work.session, request, work.now)
    fix_by = rules.claim.fix_within.shift(local_day(work.now, vendor.zone), rules.calendar, 1)
    because = reason_words(reason, by_bank=_by_bank(work, claim))
    asks = say("{vendor} asks for one change: {why}.", vendor=vendor.name, why=because)
    said = joined(asks, words.strip(), say("Fix it by {day}.", day=spoken_day(fix_by)))
    trace = {**claim.trace, "reason": reason, "fix_by": fix_by.isoformat()}
    move(work, claim, ClaimState.INFO_REQUESTED, note=said, trace=trace, answer_by=None)
    log(work, claim, "returned", said)
    letters.claim_answered(work, claim, outcome=say_as("outcome", "returned to fix"), sentence=said)


def refuse(work: Work, claim: Claim, *, reason: Reason, words: str) -> None:
    """Refuse a claim; nothing was owed, so nothing moves and the plan keeps its money."""
    levels.deciding(work, claim)
    if claim.state not in (*FILED_CLAIM, ClaimState.APPEALED):
        raise Conflict(say("Only a filed claim can be refused."), code="mdf.claim.moved")
    said = why(reason, words, by_bank=_by_bank(work, claim))
    _reject(work, claim, reason, said)
    log(work, claim, "refused", said)
    letters.claim_answered(work, claim, outcome=say_as("outcome", "refused"), sentence=said)


def take_back(work: Work, claim: Claim, *, reason: Reason, words: str) -> None:
    """Undo an approval that is not in payment: the booking is reversed, the claim refused.

    When the plan was closed meanwhile, the money goes on into the partner's part of the fund.
    """
    request = levels.deciding(work, claim)
    _not_disputed(work, claim)
    if claim.state != ClaimState.APPROVED:
        raise Conflict(
            say("Only an approved claim outside a payment can be taken back."),
            code="mdf.claim.moved",
        )
    said = why(reason, words, by_bank=_by_bank(work, claim))
    _reject(work, claim, reason, said)
    booking.reverse(work, claim.id, TransferKind.CLAIM, reason=said)
    activity = activity_of(work.session, claim)
    if activity.state == ActivityState.CLOSED:
        give_back(work, request, activity, Money(claim.approved_minor or 0, claim.currency))
    log(work, claim, "taken back", said)
    letters.claim_answered(work, claim, outcome=say_as("outcome", "taken back"), sentence=said)


def claw_back(
    work: Work, claim: Claim, *, reason: Reason, words: str, amount: Money | None = None
) -> None:
    """Ask paid money back, all of it or `amount`: booked into the fund, the claim is reversed.

    Whoever approved the plan, filed the claim or paid it does not do this; who approved the claim
    may, for it undoes the own decision. Raises Conflict for a claim that is not paid.
    """
    own(work.principal, claim)
    request = work.session.get_one(FundRequest, claim.request_id)
    _not_disputed(work, claim)
    if claim.state != ClaimState.PAID:
        raise Conflict(say("Only a paid claim can be clawed back."), code="mdf.claim.moved")
    payment = work.session.scalars(
        select(Payment).where(Payment.claim_id == claim.id, Payment.state == PaymentState.SETTLED)
    ).one()
    four_eyes.require(
        work.session,
        work.principal,
        Permission.CLAIM_DECIDE,
        pair=four_eyes.Pair(claim.vendor_id, claim.partner_id),
        involved=four_eyes.of_claim(work.session, request, claim)
        | {payment.made_by: "You paid this claim"},
    )
    paid = Money(payment.amount_minor + payment.kept_minor, payment.currency)
    back = paid if amount is None else positive(amount, claim.currency, "amount")
    if back > paid:
        said = f"{spoken(paid)} was paid."
        raise Invalid(said, code="mdf.claim.above", fields={"amount": said})
    said = why(reason, words, by_bank=_by_bank(work, claim))
    trace = {**claim.trace, "reason": reason, "clawed_back_minor": back.minor}
    move(work, claim, ClaimState.REVERSED, note=said, trace=trace)
    activity = activity_of(work.session, claim)
    cause = booking.Cause(activity.campaign_id, activity.id, said)
    rules = claim_judging.rules_of_plan(work.session, request, work.now).fund
    free = rules.asked_back == AT_ONCE
    ledger_back.claw_back(work, payment, back, free=free, cause=cause)
    work.wake(Job.FUNDS_RELEASE)
    asks = say("{back} of {paid} is asked back.", back=spoken(back), paid=spoken(paid))
    log(work, claim, "clawed back", joined(asks, said))
    letters.claim_answered(
        work, claim, outcome=say_as("outcome", "taken back"), sentence=asks, note=said
    )


def _by_bank(work: Work, claim: Claim) -> bool:
    return activity_of(work.session, claim).way == CASH


def _not_disputed(work: Work, claim: Claim) -> None:
    if disputes.waits(work.session, claim):
        raise Conflict(
            say("The partner disputes this claim."),
            code="mdf.dispute.open",
            remedy=say("Answer the dispute first."),
        )


def _reject(work: Work, claim: Claim, reason: Reason, said: str) -> None:
    trace = {**claim.trace, "reason": reason}
    if claim.state == ClaimState.APPROVED:
        trace[four_eyes.TAKEN_BACK_BY] = str(work.principal.user_id)
    move(
        work,
        claim,
        ClaimState.REJECTED,
        note=said,
        # A payment that came back names who approved; taking the approval back keeps that name.
        decided_by=claim.decided_by
        if claim.state == ClaimState.APPROVED
        else work.principal.user_id,
        decided_at=work.now,
        trace=trace,
    )
