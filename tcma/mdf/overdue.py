"""What time decides: reminders before the last day to claim, and money back after it."""

from datetime import timedelta

from sqlalchemy import or_, select, update

from tcma.db.work import Work
from tcma.mdf import letters
from tcma.mdf.claims.filing import log as log_claim
from tcma.mdf.claims.filing import move as move_claim
from tcma.mdf.deadlines import in_time, local_day
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.queries import remaining_of, vendor_of
from tcma.mdf.reasons import Reason
from tcma.mdf.requests.decisions import close
from tcma.mdf.rules import ClaimState, RequestState

REMIND_DAYS = (14, 3)
"""Days before the last day to claim on which the partner is reminded."""


def settle(work: Work) -> int:
    """Remind, refuse what was not fixed in time, close what was not claimed; returns how many."""
    today = work.now.date()
    some = select(FundRequest).where(
        FundRequest.state == RequestState.APPROVED,
        or_(*(FundRequest.claim_by <= today + timedelta(days=n + 1) for n in REMIND_DAYS)),
    )
    done = 0
    for request in work.session.scalars(some.order_by(FundRequest.id)).all():
        done += _remind(work, request) + _end(work, request)
    return done


def _remind(work: Work, request: FundRequest) -> int:
    assert request.claim_by is not None
    today = local_day(work.now, vendor_of(work.session, request.vendor_id).zone)
    left = remaining_of(work.session, request)
    days = (request.claim_by - today).days
    due = [n for n in REMIND_DAYS if 0 <= days <= n]
    told = request.trace.get("reminded", [])
    if not due or not left or min(due) in told:
        return 0
    trace = {**request.trace, "reminded": [*told, *due]}
    work.session.execute(
        update(FundRequest).where(FundRequest.id == request.id).values(trace=trace)
    )
    letters.claim_due(work, request, left)
    return 1


def _end(work: Work, request: FundRequest) -> int:
    assert request.claim_by is not None
    zone = vendor_of(work.session, request.vendor_id).zone
    if in_time(work.now, request.claim_by, zone):
        return 0
    claims = work.session.scalars(select(Claim).where(Claim.request_id == request.id)).all()
    waiting = False
    for claim in claims:
        waiting = waiting or claim.state == ClaimState.SUBMITTED
        if claim.state == ClaimState.INFO_REQUESTED:
            waiting = not _expired(work, claim) or waiting
    if waiting:
        return 0
    close(work, request, words="The last day to claim has passed.")
    return 1


def _expired(work: Work, claim: Claim) -> bool:
    zone = vendor_of(work.session, claim.vendor_id).zone
    fix_by = claim.trace.get("fix_by", "")
    if fix_by >= local_day(work.now, zone).isoformat():
        return False
    said = "It was not fixed in time."
    trace = {**claim.trace, "reason": Reason.LATE_CLAIM}
    move_claim(work, claim, ClaimState.REJECTED, note=said, trace=trace)
    log_claim(work, claim, "refused", said)
    return True
