"""Whose word it takes to bend a fund: one person with the right, or a second one who did not ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership
from tcma.accounts.rules import MembershipState
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.mdf.programme.conditions import same
from tcma.mdf.queries import belongs_to
from tcma.permissions import ROLE_PERMISSIONS, ROLE_WORDS, VENDOR_ROLES, Permission, Principal, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Why something is changed, and who asked for it; whoever acts is the one who agrees."""

    reason: str
    asked_by: UUID | None = None


def fits(role: Role, wanted: Sequence[str]) -> bool:
    """Say whether a person of `role` may say what a programme's `by` asks for.

    A title this product does not know, such as a channel director, is the administrator's.
    """
    return not wanted or bool(title_of(role, wanted))


def title_of(role: Role, wanted: Sequence[str]) -> str:
    """Return which of a programme's titles a person of `role` has; empty when none."""
    return next((each for each in wanted if role is _meant(each)), "")


def people_with(
    session: Session, vendor_id: UUID, permission: Permission, wanted: Sequence[str]
) -> set[UUID]:
    """Return the vendor's people who may do something and have what a programme's `by` asks for."""
    roles = [role for role in VENDOR_ROLES if permission in ROLE_PERMISSIONS[role]]
    members = select(Membership.user_id).where(
        Membership.vendor_id == vendor_id,
        Membership.state == MembershipState.ACTIVE,
        Membership.role.in_([role.value for role in roles if fits(role, wanted)]),
    )
    return set(session.scalars(members))


def asks_for(wanted: Sequence[str]) -> str:
    """Return whose word a programme asks for, in a sentence."""
    return f"The programme asks for the word of the {' or '.join(wanted)}."


def _meant(word: str) -> Role:
    for role in VENDOR_ROLES:
        if same(word, str(ROLE_WORDS[role])) or same(word, role.value.replace("_", " ")):
            return role
    return Role.ADMINISTRATOR


def agreed(work: Work, leave: Leave, wanted: Sequence[str] = (), *, two: bool = False) -> str:
    """Return who agrees, as name and role. Raises Invalid without a reason, Conflict for the wrong
    person: where a programme names who (`wanted`) or `two` are asked for, nobody agrees to the own.
    """
    if not leave.reason.strip():
        words = "Say why."
        raise Invalid(words, code="mdf.fund.leave", fields={"reason": words})
    who = work.principal
    if words := hindered(who, leave.asked_by, wanted, two=two):
        raise Conflict(words, code="mdf.four_eyes", remedy="Ask a colleague to confirm it.")
    return f"{who.name}, {str(ROLE_WORDS[who.role]).lower()}"


def hindered(
    who: Principal, asked_by: UUID | None, wanted: Sequence[str], *, two: bool = False
) -> str:
    """Return why this person cannot agree, empty when it can."""
    if not who.may(Permission.BUDGET_MANAGE) or who.user_id is None:
        return "Somebody who manages funds confirms this."
    if (two or wanted) and asked_by in (None, who.user_id):
        return "You asked for this, so another person confirms it."
    if not fits(who.role, wanted):
        return asks_for(wanted)
    return ""


def apart_from(work: Work, partner_id: UUID) -> None:
    """Raise Conflict for nobody, and for somebody who also belongs to the partner."""
    who = work.principal.user_id
    if who is None or belongs_to(work.session, who, partner_id):
        words = "You belong to this partner, so another person decides."
        raise Conflict(words, code="mdf.four_eyes", remedy="Ask a colleague to decide.")
