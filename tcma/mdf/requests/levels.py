"""Which level of approval a plan waits at, who may pass it, and who stands in for them today."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.mdf import four_eyes, ladders
from tcma.mdf.judging import deciding
from tcma.mdf.ladders import Standing
from tcma.mdf.models.approvals import FundApproval
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.rules import REQUEST_WAITS, RequestState
from tcma.money import Money
from tcma.permissions import Permission, Principal


def asked_at(request: FundRequest) -> datetime | None:
    """Return when what waits was asked: the sending, or the appeal after a refusal."""
    appealed = request.trace.get("appealed_at")
    return datetime.fromisoformat(appealed) if appealed else request.submitted_at


def standing(session: Session, request: FundRequest) -> Standing:
    """Return at which level a plan stands by the rules it was sent under."""
    at = request.submitted_at or request.created_at
    rules = deciding.rules_of_request(session, request, at)
    asked = Money(request.requested_minor, request.currency).major
    some = select(FundApproval).where(
        FundApproval.request_id == request.id, FundApproval.asked_at == asked_at(request)
    )
    passed = session.scalars(some.order_by(FundApproval.level)).all()
    return ladders.at_level(rules.approval.needed(asked), passed)


def blocked(session: Session, principal: Principal, request: FundRequest, now: datetime) -> str:
    """Return why this person cannot decide a plan now, with who can; empty when it can."""
    words = four_eyes.blocked(
        session,
        principal,
        Permission.REQUEST_DECIDE,
        pair=four_eyes.Pair(request.vendor_id, request.partner_id),
        involved=involved(session, request),
    )
    if words or request.state not in REQUEST_WAITS:
        return words
    stand = standing(session, request)
    return ladders.blocked(session, principal, request.vendor_id, stand, now)


def involved(session: Session, request: FundRequest) -> dict[UUID | None, str]:
    """Return who cannot decide a plan, with the reason."""
    found = four_eyes.of_request(request)
    if request.state not in REQUEST_WAITS:
        return found
    if request.state == RequestState.APPEALED:
        found[request.decided_by] = "You refused this plan"
    return found | ladders.said_yes(standing(session, request))


def require(work: Work, request: FundRequest) -> UUID | None:
    """Raise unless this person may decide now; returns whom it stands in for, None for itself."""
    four_eyes.require(
        work.session,
        work.principal,
        Permission.REQUEST_DECIDE,
        pair=four_eyes.Pair(request.vendor_id, request.partner_id),
        involved=involved(work.session, request),
    )
    if request.state not in REQUEST_WAITS:
        return None
    return ladders.require(work, request.vendor_id, standing(work.session, request))


def deciders(session: Session, request: FundRequest, now: datetime) -> set[UUID]:
    """Return the people a plan waits for: those of its level, and deputies of who is away.

    Whoever asked, said yes before or refused what is appealed is none of them.
    """
    stand = standing(session, request)
    found = ladders.people(session, request.vendor_id, stand, Permission.REQUEST_DECIDE, now)
    return found - {each for each in involved(session, request) if each}


def pass_level(
    work: Work, request: FundRequest, answers: Sequence[dict[str, Any]], as_whom: UUID | None
) -> None:
    """Write down this person's yes, with its answer to each activity."""
    ladders.write_down(
        work,
        FundApproval,
        request_id=request.id,
        asked_at=asked_at(request),
        level=standing(work.session, request).number,
        stands_in_for=as_whom,
        answers=list(answers),
    )


def yeses(session: Session, requests: Sequence[FundRequest]) -> Counter[UUID]:
    """Return how many levels each of these waiting plans has passed, in one query."""
    since = {request.id: asked_at(request) for request in requests}
    rows = session.execute(
        select(FundApproval.request_id, FundApproval.asked_at).where(
            FundApproval.request_id.in_(list(since))
        )
    )
    return Counter(row.request_id for row in rows if row.asked_at == since[row.request_id])


def level_words(session: Session, request: FundRequest) -> tuple[str, ...]:
    """Return each yes so far in a line: «Level 1: Mira, for Nora»; nothing with one level."""
    return ladders.level_words(session, standing(session, request))
