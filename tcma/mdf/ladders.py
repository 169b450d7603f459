"""Levels of approval of whatever is decided about money: how many, who may pass the next, who did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership
from tcma.accounts.rules import MembershipState
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.approvals import Absence, ApprovalStep, FundApproval
from tcma.mdf.programme.document import Level
from tcma.mdf.queries import names_of, vendor_of
from tcma.money import Money
from tcma.permissions import ROLE_PERMISSIONS, ROLE_WORDS, Permission, Principal, Role
from tcma.words import Words, say

CHANGE, CLAIM = "change", "claim"
"""What besides a plan is decided level by level."""


class Yes(Protocol):
    """One person's yes at a level, perhaps for somebody away."""

    level: int
    decided_by: UUID
    stands_in_for: UUID | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The levels something has to pass since it was asked for at `asked_at`."""

    subject: str
    subject_id: UUID
    vendor_id: UUID
    asked_at: datetime
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Level `number` of `levels` waits; `passed` are the yeses before it, oldest first."""

    number: int
    levels: tuple[Level, ...]
    passed: tuple[Yes, ...]

    @property
    def last(self) -> bool:
        """True when one more yes is enough."""
        return self.number >= len(self.levels)

    @property
    def by(self) -> tuple[str, ...]:
        """The roles that may say it; empty for everybody who decides."""
        return self.levels[self.number - 1].by


def standing(session: Session, ladder: Ladder) -> Standing:
    """Return at which level something stands."""
    some = select(ApprovalStep).where(
        ApprovalStep.subject == ladder.subject,
        ApprovalStep.subject_id == ladder.subject_id,
        ApprovalStep.asked_at == ladder.asked_at,
    )
    return at_level(ladder.levels, session.scalars(some.order_by(ApprovalStep.level)).all())


def at_level(levels: tuple[Level, ...], passed: Sequence[Yes]) -> Standing:
    """Return where something stands after these yeses."""
    return Standing(min(len(passed) + 1, len(levels)), levels, tuple(passed))


def said_yes(stand: Standing) -> dict[UUID | None, str]:
    """Return who said yes before and therefore cannot again, with the reason."""
    return {yes.decided_by: f"You said yes at level {yes.level}" for yes in stand.passed}


def blocked(
    session: Session, principal: Principal, vendor_id: UUID, stand: Standing, now: datetime
) -> str:
    """Return which roles decide this level when this person does not; empty when it may."""
    if fits(session, principal, vendor_id, stand, now) is not None:
        return ""
    who = " or ".join(ROLE_WORDS[Role(role)].lower() for role in stand.by)
    return f"Level {stand.number} of {len(stand.levels)} is decided by {who}."


def require(work: Work, vendor_id: UUID, stand: Standing) -> UUID | None:
    """Raise Conflict unless this person passes the level; returns whom it stands in for, if anybody."""
    if words := blocked(work.session, work.principal, vendor_id, stand, work.now):
        raise Conflict(words, code="mdf.level", remedy=say("Leave it to them, or to their deputy."))
    found = fits(work.session, work.principal, vendor_id, stand, work.now)
    return None if found == work.principal.user_id else found


def fits(
    session: Session, principal: Principal, vendor_id: UUID, stand: Standing, now: datetime
) -> UUID | None:
    """Return as whom this person passes the level: itself, or somebody away; None when not."""
    if not stand.by or principal.role.value in stand.by:
        return principal.user_id
    today = local_day(now, vendor_of(session, vendor_id).zone)
    one = (
        select(Absence.user_id)
        .join(Membership, Membership.user_id == Absence.user_id)
        .where(
            Absence.vendor_id == vendor_id,
            Absence.deputy_id == principal.user_id,
            Absence.starts_on <= today,
            Absence.ends_on >= today,
            Membership.vendor_id == vendor_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role.in_(stand.by),
        )
    )
    return session.scalar(one.limit(1))


def people(
    session: Session, vendor_id: UUID, stand: Standing, permission: Permission, now: datetime
) -> set[UUID]:
    """Return who may pass the level: the people of its roles, and deputies of who is away."""
    roles = stand.by or tuple(
        role.value for role, may in ROLE_PERMISSIONS.items() if permission in may
    )
    found = set(
        session.scalars(
            select(Membership.user_id).where(
                Membership.vendor_id == vendor_id,
                Membership.state == MembershipState.ACTIVE,
                Membership.role.in_(roles),
            )
        )
    )
    today = local_day(now, vendor_of(session, vendor_id).zone)
    deputies = (
        select(Absence.deputy_id)
        .join(Membership, Membership.user_id == Absence.deputy_id)
        .where(
            Absence.vendor_id == vendor_id,
            Absence.user_id.in_(found),
            Absence.starts_on <= today,
            Absence.ends_on >= today,
            Membership.vendor_id == vendor_id,
            Membership.state == MembershipState.ACTIVE,
        )
    )
    return found | set(session.scalars(deputies))


def climb(work: Work, ladder: Ladder, stand: Standing, amount: Money) -> None:
    """Write down this person's yes; Conflict when it does not pass the level, or somebody was faster."""
    as_whom = require(work, ladder.vendor_id, stand)
    write_down(
        work,
        ApprovalStep,
        subject=ladder.subject,
        subject_id=ladder.subject_id,
        asked_at=ladder.asked_at,
        level=stand.number,
        vendor_id=ladder.vendor_id,
        stands_in_for=as_whom,
        amount_minor=amount.minor,
    )


def write_down(work: Work, yes: type[ApprovalStep] | type[FundApproval], **values: object) -> None:
    """Write down this person's yes; Conflict when the level has one, or this person said another."""
    row = {"decided_by": work.principal.user_id, "at": work.now, **values}
    made = insert(yes).values(row).on_conflict_do_nothing().returning(yes.level)
    said = work.session.execute(made).one_or_none()
    if said is None:
        raise Conflict(
            say("This was answered at this level meanwhile."),
            code="mdf.level.moved",
            remedy=say("Reload to see who was faster."),
        )


def passed_words(stand: Standing) -> Words:
    """Return which level of how many somebody passes."""
    return say("level {n} of {all}.", n=stand.number, all=len(stand.levels))


def level_words(session: Session, stand: Standing) -> tuple[str, ...]:
    """Return each yes so far in a line: «Level 1: Mira, for Nora»; nothing with one level."""
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
