"""What the rules say to a plan now, beside what they said when it was sent: other plans and rules move on."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.mdf.judging import deciding
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.rules import REQUEST_WAITS, Check, RequestState
from tcma.money import Money
from tcma.words import say

WAITS = (*REQUEST_WAITS, RequestState.HELD)


@dataclass(frozen=True, slots=True)
class Seen:
    """The checks of a plan, what changed of them since it was sent, and what the rules would grant.

    `mark` is the same as long as no check turns and the sum stays.
    """

    checks: tuple[Check, ...]
    changed: tuple[str, ...]
    suggested: Money
    mark: str


def seen_now(session: Session, request: FundRequest, *, now: datetime) -> Seen:
    """Return what the rules say: now while the plan waits, else what they said when it was decided."""
    kept = tuple(Check(**each) for each in request.trace.get("checks", ()))
    asked = Money(request.requested_minor, request.currency)
    if request.state not in WAITS:
        return Seen(kept, (), asked, "")
    decision = deciding.request_decision(session, request, now=now)
    checks = deciding.checks_of(decision)
    suggested = min(asked, decision.would_be)
    told = [*((check.code, check.ok) for check in checks), suggested.minor]
    mark = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    return Seen(checks, _changed(kept, checks), suggested, mark)


def _changed(before: tuple[Check, ...], now: tuple[Check, ...]) -> tuple[str, ...]:
    """Return the words of every check that says another thing than it did when the plan was sent."""
    said = {(check.code, check.ok, check.words) for check in before}
    stood = {check.code: check.ok for check in before}
    return tuple(
        check.words
        for check in now
        if (check.code, check.ok, check.words) not in said
        and (check.ok != stood.get(check.code, True) or check.code.startswith("cap:"))
    )


def require_seen(work: Work, request: FundRequest, mark: str) -> None:
    """Raise Conflict when the rules say another thing than on the page somebody decides from."""
    if mark and seen_now(work.session, request, now=work.now).mark not in ("", mark):
        raise Conflict(
            say("What the rules say to this plan changed while you looked at it."),
            code="mdf.request.changed",
            remedy=say("Look at the checks again, then decide."),
        )
