"""Invites many people into partners at once: what `actions.enlist` does of one, asked for once for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.accounts.actions import Invitation, check_invitation
from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.queries import INVITATION
from tcma.accounts.rules import INVITATION_LASTS, MembershipState, normal_email
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.ids import new_id
from tcma.permissions import Role
from tcma.words import say


@dataclass(frozen=True, slots=True)
class Invited:
    """Who runs a partner; a new account begins in the language of `locale`."""

    partner_id: UUID
    email: str
    name: str
    locale: str


def enlist_each(work: Work, people: Sequence[Invited], role: Role) -> list[Invitation]:
    """Write accounts and invited memberships, one a partner; the letters in the order of the people.

    The caller has checked who may. Raises as `enlist`.
    """
    for one in people:
        check_invitation(one.email, one.name, role, for_partner=True)
    users = _accounts(work, people)
    members = _members(work, people, users)
    expires_at = work.now + INVITATION_LASTS
    letters = []
    for one in people:
        user = users[normal_email(one.email)]
        member = members.get((user.id, one.partner_id))
        if member is None:
            member = Membership(
                id=new_id(),
                user_id=user.id,
                vendor_id=None,
                partner_id=one.partner_id,
                created_at=work.now,
            )
            work.session.add(member)
        elif member.state == MembershipState.ACTIVE:
            raise Conflict(say("{user} is already a member.", user=user.name), code="people.member")
        member.role, member.state = role, MembershipState.INVITED
        work.audit("invited", "membership", member.id, partner_id=one.partner_id, role=role)
        letters.append(
            Invitation(
                token=work.site.signer.sign(INVITATION, str(member.id), expires_at=expires_at),
                email=user.email,
                name=user.name,
                locale=user.locale,
                expires_at=expires_at,
                membership_id=member.id,
                user_id=user.id,
                role=role,
                vendor_id=None,
                partner_id=one.partner_id,
            )
        )
    work.session.flush()  # whoever asks for the people next finds them
    return letters


def _accounts(work: Work, people: Sequence[Invited]) -> dict[str, UserAccount]:
    """Return the people's accounts by address, made where there is none."""
    rows: dict[str, dict[str, object]] = {}
    for one in people:
        address = normal_email(one.email)
        row = {"id": new_id(), "email": address, "name": one.name.strip(), "locale": one.locale}
        rows.setdefault(address, row | {"created_at": work.now})
    some = [rows[address] for address in sorted(rows)]  # two files at once wait in one order
    fresh = insert(UserAccount).on_conflict_do_nothing(index_elements=["email"])
    work.session.execute(fresh, some)
    found = work.session.scalars(select(UserAccount).where(UserAccount.email.in_(rows)))
    return {user.email: user for user in found}


def _members(
    work: Work, people: Sequence[Invited], users: dict[str, UserAccount]
) -> dict[tuple[UUID, UUID], Membership]:
    some = select(Membership).where(
        Membership.partner_id.in_([one.partner_id for one in people]),
        Membership.user_id.in_([user.id for user in users.values()]),
    )
    return {
        (row.user_id, row.partner_id): row for row in work.session.scalars(some) if row.partner_id
    }
