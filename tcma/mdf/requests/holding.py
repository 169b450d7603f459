"""The queue for money: plans that were approved while the fund was empty are reserved in turn."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.mdf import letters
from tcma.mdf.deadlines import in_time
from tcma.mdf.funds.ending import extended_until
from tcma.mdf.judging import deciding
from tcma.mdf.judging.headlines import Period, last_day
from tcma.mdf.models.funding import FundAllocation, FundRequest
from tcma.mdf.moving import log, move
from tcma.mdf.queries import activities_of, budget_of, vendor_of
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions, reserving
from tcma.mdf.rules import ActivityState, RequestState
from tcma.money import Money
from tcma.words import say, say_as

OVER = say("Its last day passed before money came.")


def held(work: Work) -> list[UUID]:
    """Return the plans that wait for money."""
    some = select(FundRequest.id).where(FundRequest.state == RequestState.HELD)
    return list(work.session.scalars(some.order_by(FundRequest.id)))


def lapse_plan(work: Work, request_id: UUID) -> str:
    """End a held plan whose days, or whose fund's, passed before money came; returns its reference when it ended.

    Of several activities those that are over are refused, and the plan waits for the others.
    """
    request = work.session.get_one(FundRequest, request_id)
    if request.state != RequestState.HELD:
        return ""
    zone = vendor_of(work.session, request.vendor_id).zone
    activities = activities_of(work.session, request.id)
    over = [not in_time(work.now, row.ends_on, zone) for row in activities]
    kept = request.trace["held"]
    refused = [each["refused"] for each in kept]
    gone = [late or no for late, no in zip(over, refused, strict=True)]
    if all(gone) or not _fund_runs(work, request):
        why = OVER if all(gone) else say("The fund ended before money came.")
        _end(work, request, why)
        return request.ref
    if gone != refused:
        late = decisions.as_data(
            decisions.Answer(reason=Reason.LATE_REQUEST, words=OVER, refused=True)
        )
        answers = [
            late if out else {**each, "minor": each["minor"] or row.requested_minor}
            for each, out, row in zip(kept, gone, activities, strict=True)
        ]
        request.trace = {**request.trace, "held": answers}
    return ""


def _fund_runs(work: Work, request: FundRequest) -> bool:
    budget = budget_of(work.session, request)
    if budget.closed_at is not None:
        return False
    part = work.session.get_one(FundAllocation, request.allocation_id)
    rules = deciding.rules_today(work.session, budget, work.now)
    until = extended_until(work.session, part)
    last = last_day(rules, Period(budget.starts_on, budget.ends_on, until))
    return in_time(work.now, last, vendor_of(work.session, request.vendor_id).zone)


def _end(work: Work, request: FundRequest, why: str) -> None:
    for row in activities_of(work.session, request.id):
        row.state, row.reason, row.note = ActivityState.REFUSED, Reason.LATE_REQUEST, why
    move(work, request, RequestState.EXPIRED, note=why)
    log(work, request, "lapsed", why)
    letters.request_answered(work, request, outcome=say_as("outcome", "over"), sentence=why)


def release(work: Work) -> list[str]:
    """Reserve held plans for which money came, first held first; returns their references.

    Those whose days passed meanwhile end instead.
    """
    return [ref for line in lines(work) for ref in release_line(work, line)]


def lines(work: Work) -> list[UUID]:
    """Return what held plans wait at: the same part of a fund, or the same shared pot."""
    waiting = (reserving.line_of(work.session, each) for each in _first_held(work))
    return list(dict.fromkeys(waiting))


def release_line(work: Work, line: UUID) -> list[str]:
    """Do at one line what `release` does at all. A plan that does not fit yet keeps those behind it
    waiting: nobody is overtaken.
    """
    waiting = [row for row in _first_held(work) if reserving.line_of(work.session, row) == line]
    done = []
    for request in waiting:
        lapse_plan(work, request.id)
    for request in waiting:
        if request.state != RequestState.HELD:
            continue
        answers = [decisions.as_answer(each, request.currency) for each in request.trace["held"]]
        if wanted(work.session, request) > reserving.available(work.session, request):
            break
        decisions.set_aside(work, request, answers, words=request.trace.get("words", ""))
        done.append(request.ref)
    return done


def _first_held(work: Work) -> Sequence[FundRequest]:
    some = select(FundRequest).where(FundRequest.state == RequestState.HELD)
    return work.session.scalars(some.order_by(FundRequest.decided_at, FundRequest.id)).all()


def wanted(session: Session, request: FundRequest) -> Money:
    """Return what a held plan waits for: of each activity what it was granted."""
    pairs = zip(activities_of(session, request.id), request.trace["held"], strict=True)
    sums = (
        row.requested_minor if each["minor"] is None else each["minor"]
        for row, each in pairs
        if not each["refused"]
    )
    return Money(sum(sums), request.currency)


def place_in_line(session: Session, request: FundRequest) -> int:
    """Return a held plan's place in the queue for its money, 1 for the next; else 0."""
    if request.state != RequestState.HELD:
        return 0
    line = reserving.line_of(session, request)
    parts = select(FundAllocation.id).where(
        or_(FundAllocation.id == line, FundAllocation.budget_id == line)
    )
    before = select(func.count()).where(
        FundRequest.allocation_id.in_(parts),
        FundRequest.state == RequestState.HELD,
        tuple_(FundRequest.decided_at, FundRequest.id) < tuple_(request.decided_at, request.id),
    )
    return int(session.execute(before).scalar_one()) + 1
