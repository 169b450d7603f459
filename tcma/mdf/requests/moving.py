"""A request moves from one state to the next by compare-and-set, and its history says so."""

from sqlalchemy import update

from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.rules import REQUEST_MOVES, RequestState
from tcma.mdf.words import spoken_state
from tcma.money import Money


def asked_of(request: FundRequest) -> Money:
    """Return what a request asks for: the vendor's share of its planned cost."""
    return Money(request.requested_minor, request.currency)


def move(work: Work, request: FundRequest, to: RequestState, **values: object) -> None:
    """Move a request to `to` if it still stands where that is allowed; else Conflict."""
    work.session.flush()  # pending edits belong to the row that is compared next
    froms = [state for state, moves in REQUEST_MOVES.items() if to in moves]
    moved = work.session.execute(
        update(FundRequest)
        .where(FundRequest.id == request.id, FundRequest.state.in_(froms))
        .values(state=to, **values)
        .returning(FundRequest.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    work.session.refresh(request)
    if moved is None:
        raise Conflict(
            f"{request.ref} is {spoken_state(request.state)} by now.",
            code="mdf.request.moved",
            remedy="Reload to see who was faster.",
        )


def log(work: Work, request: FundRequest, verb: str, words: str) -> None:
    """Write one line of a request's history."""
    work.audit(
        verb,
        "fund_request",
        request.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        words=words.strip(),
    )
