"""The queue for money: plans that were approved while the fund was empty are reserved in turn."""

from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.mdf.models.funding import FundAllocation, FundRequest
from tcma.mdf.requests import decisions, reserving
from tcma.mdf.rules import RequestState
from tcma.money import Money


def release(work: Work) -> list[str]:
    """Reserve held plans for which money came, first held first; returns their references.

    A plan that does not fit yet keeps those behind it waiting that want the same money: the same
    part of the fund, or the same shared pot. Nobody is overtaken.
    """
    some = select(FundRequest).where(FundRequest.state == RequestState.HELD)
    blocked: set[UUID] = set()
    done = []
    for request in work.session.scalars(
        some.order_by(FundRequest.decided_at, FundRequest.id)
    ).all():
        line = reserving.line_of(work.session, request)
        if line in blocked:
            continue
        answers = [decisions.as_answer(each, request.currency) for each in request.trace["held"]]
        if wanted(request) > reserving.available(work.session, request):
            blocked.add(line)
            continue
        decisions.set_aside(work, request, answers, words=request.trace.get("words", ""))
        done.append(request.ref)
    return done


def wanted(request: FundRequest) -> Money:
    """Return what a held plan waits for."""
    kept = request.trace["held"]
    if any(each["minor"] is None and not each["refused"] for each in kept):
        return Money(request.requested_minor, request.currency)
    return Money(sum(each["minor"] or 0 for each in kept), request.currency)


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
