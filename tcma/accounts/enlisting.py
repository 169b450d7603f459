"""Invites many people into partners at once: what `actions.enlist` does of one, asked for once for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from tcma.accounts.actions import Invitation, check_invitation, invite_member
from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import normal_email
from tcma.db.work import Work
from tcma.ids import new_id
from tcma.permissions import Role


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
    letters = []
    for one in people:
        user = users[normal_email(one.email)]
        member = members.get((user.id, one.partner_id))
        letters.append(invite_member(work, user, member, role=role, partner_id=one.partner_id))
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
