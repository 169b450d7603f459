"""Which level of approval a plan waits at, who may pass it, and who stands in for them today."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership
from tcma.accounts.rules import MembershipState
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.mdf import four_eyes
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging import deciding
from tcma.mdf.models.approvals import Absence, FundApproval
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.programme.document import Level
from tcma.mdf.queries import names_of, vendor_of
from tcma.mdf.rules import REQUEST_WAITS, RequestState
from tcma.money import Money
from tcma.permissions import ROLE_PERMISSIONS, ROLE_WORDS, Permission, Principal, Role
from tcma.words import say


@dataclass(frozen=True, slots=True)
class Standing:
    """Level `number` of `levels` waits; `passed` are the yeses before it, oldest first."""

    number: int
    levels: tuple[Level, ...]
    passed: tuple[FundApproval, ...]

    @property
    def last(self) -> bool:
        """True when one more yes is enough."""
        return self.number >= len(self.levels)

    @property
    def by(self) -> tuple[str, ...]:
        """The roles that may say it; empty for everybody who decides plans."""
        return self.levels[self.number - 1].by


def asked_at(request: FundRequest) -> datetime | None:
    """Return when what waits was asked: the sending, or the appeal after a refusal."""
    appealed = request.trace.get("appealed_at")
    return datetime.fromisoformat(appealed) if appealed else request.submitted_at


def standing(session: Session, request: FundRequest) -> Standing:
    """Return at which level a plan stands by the rules it was sent under."""
    at = request.submitted_at or request.created_at
    rules = deciding.rules_of_request(session, request, at)
    asked = Money(request.requested_minor, request.currency).major
    needed = rules.approval.needed(asked)
    some = select(FundApproval).where(
        FundApproval.request_id == request.id, FundApproval.asked_at == asked_at(request)
    )
    passed = tuple(session.scalars(some.order_by(FundApproval.level)))
    return Standing(min(len(passed) + 1, len(needed)), needed, passed)


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
    if _fits(session, principal, request, stand, now) is None:
        who = " or ".join(ROLE_WORDS[Role(role)].lower() for role in stand.by)
        return f"Level {stand.number} of {len(stand.levels)} is decided by {who}."
    return ""


def involved(session: Session, request: FundRequest) -> dict[UUID | None, str]:
    """Return who cannot decide a plan, with the reason."""
    found = four_eyes.of_request(request)
    if request.state not in REQUEST_WAITS:
        return found
    if request.state == RequestState.APPEALED:
        found[request.decided_by] = "You refused this plan"
    for yes in standing(session, request).passed:
        found[yes.decided_by] = f"You said yes at level {yes.level}"
    return found


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
    if words := blocked(work.session, work.principal, request, work.now):
        raise Conflict(words, code="mdf.level", remedy=say("Leave it to them, or to their deputy."))
    stand = standing(work.session, request)
    fits = _fits(work.session, work.principal, request, stand, work.now)
    return None if fits == work.principal.user_id else fits


def _fits(
    session: Session, principal: Principal, request: FundRequest, stand: Standing, now: datetime
) -> UUID | None:
    """Return as whom this person passes the level: itself, or somebody away; None when not."""
    if not stand.by or principal.role.value in stand.by:
        return principal.user_id
    today = local_day(now, vendor_of(session, request.vendor_id).zone)
    one = (
        select(Absence.user_id)
        .join(Membership, Membership.user_id == Absence.user_id)
        .where(
            Absence.vendor_id == request.vendor_id,
            Absence.deputy_id == principal.user_id,
            Absence.starts_on <= today,
            Absence.ends_on >= today,
            Membership.vendor_id == request.vendor_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role.in_(stand.by),
        )
    )
    return session.scalar(one.limit(1))


def deciders(session: Session, request: FundRequest, now: datetime) -> set[UUID]:
    """Return the people a plan waits for: those of its level, and deputies of who is away."""
    stand = standing(session, request)
    roles = stand.by or tuple(
        role.value for role, may in ROLE_PERMISSIONS.items() if Permission.REQUEST_DECIDE in may
    )
    people = set(
        session.scalars(
            select(Membership.user_id).where(
                Membership.vendor_id == request.vendor_id,
                Membership.state == MembershipState.ACTIVE,
                Membership.role.in_(roles),
            )
        )
    )
    today = local_day(now, vendor_of(session, request.vendor_id).zone)
    deputies = select(Absence.deputy_id).where(
        Absence.user_id.in_(people), Absence.starts_on <= today, Absence.ends_on >= today
    )
    return (people | set(session.scalars(deputies))) - {request.submitted_by}


def pass_level(
    work: Work, request: FundRequest, answers: Sequence[dict[str, Any]], as_whom: UUID | None
) -> Standing:
    """Write down this person's yes; returns the level it was said at."""
    stand = standing(work.session, request)
    said = work.session.execute(
        insert(FundApproval)
        .values(
            request_id=request.id,
            asked_at=asked_at(request),
            level=stand.number,
            decided_by=work.principal.user_id,
            stands_in_for=as_whom,
            answers=list(answers),
            at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(FundApproval.level)
    ).one_or_none()
    if said is None:
        raise Conflict(
            say("{ref} was answered at this level meanwhile.", ref=request.ref),
            code="mdf.request.moved",
            remedy=say("Reload to see who was faster."),
        )
    return stand


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
    stand = standing(session, request)
    if len(stand.levels) == 1:
        return ()
    names = names_of(
        session, *(p.decided_by for p in stand.passed), *(p.stands_in_for for p in stand.passed)
    )
    return tuple(
        f"Level {yes.level}: {names[yes.decided_by]}"
        + (f", for {names[yes.stands_in_for]}" if yes.stands_in_for else "")
        for yes in stand.passed
    )
