"""What time decides: reminders before the last day to claim, and money back after it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from tcma.db.work import Work
from tcma.mdf import letters
from tcma.mdf.deadlines import in_time, local_day
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.moving import log, move
from tcma.mdf.queries import left_of, vendor_of, waiting_claim
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import extending
from tcma.mdf.requests.decisions import finish
from tcma.mdf.rules import ActivityState, ClaimState, RequestState
from tcma.mdf.words import spoken, spoken_day
from tcma.words import joined, say, say_as

REMIND_DAYS = (14, 3)
"""Days before the last day to claim on which the partner is reminded."""


def settle(work: Work) -> int:
    """Remind, refuse what was not fixed in time, close what was not claimed; returns how many."""
    return sum(settle_plan(work, each) for each in due(work))


def due(work: Work) -> list[UUID]:
    """Return the plans that have a day to keep soon, or had it."""
    of_activity = select(FundActivity.id).where(
        FundActivity.request_id == FundRequest.id, *_soon(work)
    )
    returned = FundRequest.state == RequestState.INFO_REQUESTED
    some = select(FundRequest.id).where(of_activity.exists() | returned)
    return list(work.session.scalars(some.order_by(FundRequest.id)))


def settle_plan(work: Work, request_id: UUID) -> int:
    """Do for one plan what `settle` does for all; returns how much was done."""
    locked = {"key_share": True}  # two clocks that ring at once remind once
    request = work.session.get_one(FundRequest, request_id, with_for_update=locked)
    if request.state == RequestState.INFO_REQUESTED:
        return _lapse(work, request)
    some = select(FundActivity).where(FundActivity.request_id == request_id, *_soon(work))
    rows = work.session.scalars(some.order_by(FundActivity.no)).all()
    return sum(_remind(work, request, row) + _end(work, request, row) for row in rows)


def _soon(work: Work) -> tuple[ColumnElement[bool], ...]:
    soon = work.now.date() + timedelta(days=max(REMIND_DAYS) + 1)
    return FundActivity.state == ActivityState.APPROVED, FundActivity.claim_by <= soon


def _lapse(work: Work, request: FundRequest) -> int:
    """End a plan that came back and was not sent again in time; nothing was set aside for it."""
    zone = vendor_of(work.session, request.vendor_id).zone
    fix_by = request.trace.get("fix_by", "")
    if not fix_by or fix_by >= local_day(work.now, zone).isoformat():
        return 0
    said = say("It was not sent again in time.")
    move(work, request, RequestState.EXPIRED, note=said)
    log(work, request, "expired", "")
    sentence = joined(said, say("Nothing was set aside for it; you can send a new plan."))
    letters.request_answered(work, request, outcome=say_as("outcome", "expired"), sentence=sentence)
    return 1


def _remind(work: Work, request: FundRequest, activity: FundActivity) -> int:
    last = activity.claim_by
    assert last is not None
    today = local_day(work.now, vendor_of(work.session, request.vendor_id).zone)
    left = left_of(work.session, activity)
    days = (last - today).days
    due = [f"{activity.no}:{n}" for n in REMIND_DAYS if 0 <= days <= n]
    told = request.trace.get("reminded", [])
    if not due or not left or due[-1] in told:
        return 0
    trace = {**request.trace, "reminded": [*told, *due]}
    work.session.execute(
        update(FundRequest).where(FundRequest.id == request.id).values(trace=trace)
    )
    letters.claim_due(work, request, left, last)
    return 1


def _end(work: Work, request: FundRequest, activity: FundActivity) -> int:
    assert activity.claim_by is not None
    zone = vendor_of(work.session, request.vendor_id).zone
    if in_time(work.now, activity.claim_by, zone):
        return 0
    of_activity = Claim.activity_id == activity.id
    returned = select(Claim).where(of_activity, Claim.state == ClaimState.INFO_REQUESTED)
    for claim in work.session.scalars(returned).all():
        _expire(work, claim)
    if waiting_claim(work.session, of_activity) or extending.open_of(work.session, activity.id):
        return 0
    left = left_of(work.session, activity)
    finish(work, request, activity, words=say("The last day to claim has passed."))
    if left:
        said = say(
            "{amount} was not claimed by {day} and went back into the fund.",
            amount=spoken(left),
            day=spoken_day(activity.claim_by),
        )
        letters.request_answered(
            work, request, outcome=say_as("outcome", "claim period over"), sentence=said
        )
    return 1


def _expire(work: Work, claim: Claim) -> None:
    """Refuse a claim that came back and was not filed again in time."""
    zone = vendor_of(work.session, claim.vendor_id).zone
    fix_by = claim.trace.get("fix_by", "")
    if fix_by >= local_day(work.now, zone).isoformat():
        return
    said = say("It was not fixed in time.")
    trace = {**claim.trace, "reason": Reason.LATE_CLAIM}
    move(work, claim, ClaimState.REJECTED, note=said, trace=trace)
    log(work, claim, "refused", said)
    letters.claim_answered(work, claim, outcome=say_as("outcome", "refused"), sentence=said)
