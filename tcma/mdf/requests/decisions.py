"""The vendor's answer to a request: approve, return to fix, refuse, close; by another person."""

from sqlalchemy import select

from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.mdf import four_eyes, letters
from tcma.mdf.judging import deciding
from tcma.mdf.ledger import booking
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.queries import activities_of, balance, own
from tcma.mdf.reasons import REASON_WORDS, Reason
from tcma.mdf.requests.planning import asked_of, log, move
from tcma.mdf.rules import FILED_CLAIM, AccountKind, RequestState, positive
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.permissions import Permission


def approve(
    work: Work, request: FundRequest, *, amount: Money | None = None, words: str = ""
) -> None:
    """Approve up to what was asked and set the money aside; the same answer twice is one.

    `claim_by` becomes the last day plus the fund's claim days. Raises Conflict for whoever asked
    or belongs to the partner, and when the partner's part of the fund holds less.
    """
    granted = asked_of(request) if amount is None else amount
    _deciding(work, request)
    positive(granted, request.currency, "amount")
    if granted > asked_of(request):
        said = f"The plan asks for {spoken(asked_of(request))}."
        raise Invalid(said, code="mdf.request.above", fields={"amount": said})
    if _decided_so(work, request, granted):
        return
    _enough(work, request, granted)
    activity = activities_of(work.session, request.id)[0]
    judged = deciding.request_judged(work.session, request, now=work.now)
    claim_by = deciding.claim_by(judged)
    move(
        work,
        request,
        RequestState.APPROVED,
        approved_minor=granted.minor,
        decided_by=work.principal.user_id,
        decided_at=work.now,
        claim_by=claim_by,
        note=words.strip(),
    )
    sentence = f"{spoken(granted)} is reserved for you. Claim it by {spoken_day(claim_by)}."
    letters.request_answered(work, request, outcome="approved", sentence=sentence, note=words)
    cause = booking.Cause(activity.campaign_id, activity.id, request.ref)
    booking.reserve(work, request, granted, cause=cause)
    deciding.keep(work, request, "approved", judged)
    log(work, request, "approved", f"{spoken(granted)}, claim by {spoken_day(claim_by)}. {words}")


def _decided_so(work: Work, request: FundRequest, granted: Money) -> bool:
    return (
        request.state == RequestState.APPROVED
        and request.approved_minor == granted.minor
        and request.decided_by == work.principal.user_id
    )


def _enough(work: Work, request: FundRequest, granted: Money) -> None:
    # Read without a lock, for the sentence; the account's own constraint is what holds.
    left = balance(
        work.session,
        AccountKind.FUND,
        currency=request.currency,
        allocation_id=request.allocation_id,
    )
    if granted > left:
        raise LimitReached(
            f"{spoken(left)} is available in this partner's part of the fund.",
            code="mdf.fund.empty",
            remedy=f"Approve {spoken(left)} or less, or allocate more."
            if left
            else "Allocate more.",
        )


def return_to_fix(work: Work, request: FundRequest, *, reason: Reason, words: str) -> None:
    """Send a request back with the one thing to change."""
    _deciding(work, request)
    said = f"{REASON_WORDS[reason].capitalize()}. {words}".strip()
    trace = {**request.trace, "reason": reason}
    move(work, request, RequestState.INFO_REQUESTED, note=said, trace=trace)
    log(work, request, "returned", said)
    letters.request_answered(work, request, outcome="returned to fix", sentence=said)


def refuse(work: Work, request: FundRequest, *, reason: Reason, words: str) -> None:
    """Refuse a request for good, with the reason."""
    _deciding(work, request)
    said = f"{REASON_WORDS[reason].capitalize()}. {words}".strip()
    move(
        work,
        request,
        RequestState.REJECTED,
        note=said,
        decided_by=work.principal.user_id,
        decided_at=work.now,
        trace={**request.trace, "reason": reason},
    )
    log(work, request, "refused", said)
    letters.request_answered(work, request, outcome="refused", sentence=said)


def _deciding(work: Work, request: FundRequest) -> None:
    own(work.principal, request)
    four_eyes.require(
        work.session,
        work.principal,
        Permission.REQUEST_DECIDE,
        pair=four_eyes.Pair(request.vendor_id, request.partner_id),
        involved=four_eyes.of_request(request),
    )


def close(work: Work, request: FundRequest, *, words: str = "") -> Money:
    """End an approved request and give what is left back to the partner's part; returns it.

    Raises Conflict while a filed claim waits for its answer.
    """
    if not (
        work.principal.may(Permission.REQUEST_FILE) or work.principal.may(Permission.REQUEST_DECIDE)
    ):
        work.require(Permission.REQUEST_DECIDE)
    own(work.principal, request)
    waiting = select(Claim.ref).where(Claim.request_id == request.id, Claim.state.in_(FILED_CLAIM))
    if ref := work.session.scalar(waiting.limit(1)):
        raise Conflict(f"Claim {ref} waits for an answer.", code="mdf.request.claimed")
    move(work, request, RequestState.CLOSED)
    back = release_rest(work, request)
    log(work, request, "closed", f"{spoken(back)} went back into the fund. {words}".strip())
    return back


def release_rest(work: Work, request: FundRequest) -> Money:
    """Book back whatever is still set aside for a request; returns it, perhaps nothing."""
    left = balance(
        work.session, AccountKind.RESERVED, currency=request.currency, request_id=request.id
    )
    if left:
        activity = activities_of(work.session, request.id)[0]
        cause = booking.Cause(activity.campaign_id, activity.id, request.ref)
        booking.release(work, request, left, cause=cause)
    return left
