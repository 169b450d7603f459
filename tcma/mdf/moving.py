"""A plan, claim or batch moves from state to state by compare-and-set, and its history says so."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import update

from tcma.db.sentences import with_words
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.models.payments import PaymentBatch
from tcma.mdf.rules import BATCH_MOVES, CLAIM_MOVES, REQUEST_MOVES
from tcma.mdf.words import spoken_state
from tcma.words import Words, joined, say

Moving = FundRequest | Claim | PaymentBatch
MOVES: dict[type[Moving], tuple[str, str, Mapping[Any, frozenset[Any]]]] = {
    FundRequest: ("fund_request", "request", REQUEST_MOVES),
    Claim: ("claim", "claim", CLAIM_MOVES),
    PaymentBatch: ("payment_batch", "batch", BATCH_MOVES),
}
"""What the history calls it, what its refusals are called, and which state may follow which."""


def move(work: Work, row: Moving, to: StrEnum, **values: object) -> None:
    """Move a row to `to` if it still stands where that is allowed; else Conflict."""
    kind = type(row)
    _, name, moves = MOVES[kind]
    work.session.flush()  # pending edits belong to the row that is compared next
    froms = [state for state, onward in moves.items() if to in onward]
    moved = work.session.execute(
        update(kind)
        .where(kind.id == row.id, kind.state.in_(froms))
        .values(state=to, **values)
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    work.session.refresh(row)
    if moved is None:
        raise Conflict(
            say("{ref} is {state} by now.", ref=row.ref, state=spoken_state(row.state)),
            code=f"mdf.{name}.moved",
            remedy=say("Reload to see who was faster."),
        )


def one_at_a_time(work: Work, request: FundRequest) -> None:
    """Let the second of two people wait, so that it sees what the first answered."""
    work.session.refresh(request, with_for_update={"key_share": True})


def of_activity(no: int, words: str) -> Words:
    """Return what is said of one activity of a plan."""
    return joined(say("activity {no}", no=no), words, by=": ")


def log(work: Work, row: Moving, verb: str, words: str) -> None:
    """Write one line of a row's history; what `say` made is kept with how it was made, too."""
    work.audit(
        verb,
        MOVES[type(row)][0],
        row.id,
        vendor_id=row.vendor_id,
        partner_id=getattr(row, "partner_id", None),
        **with_words(words.strip()),
    )
