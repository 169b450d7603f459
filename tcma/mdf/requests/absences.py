"""A person who decides plans is away, and names a deputy for those days."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.mdf.deadlines import local_day
from tcma.mdf.models.approvals import Absence
from tcma.mdf.queries import names_of, vendor_of
from tcma.permissions import ROLE_PERMISSIONS, Permission, Principal
from tcma.words import say


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """Who is away, who decides instead, from when to when; `mine` when the reader stated it."""

    id: UUID
    person: str
    deputy: str
    starts_on: date
    ends_on: date
    mine: bool


def state(work: Work, deputy_id: UUID, starts_on: date, ends_on: date) -> None:
    """Name a deputy for one's own absence; Invalid with fields when it cannot be."""
    work.require(Permission.REQUEST_DECIDE)
    vendor_id, user_id = found(work.principal.vendor_id), found(work.principal.user_id)
    fields: dict[str, str] = {}
    if ends_on < starts_on:
        fields["ends_on"] = "The last day comes after the first."
    elif ends_on < local_day(work.now, vendor_of(work.session, vendor_id).zone):
        fields["ends_on"] = "This day is over."
    if deputy_id not in {each for each, _ in possible_deputies(work.session, work.principal)}:
        fields["deputy"] = "Choose a colleague who decides plans."
    if fields:
        raise Invalid(say("Some fields need another value."), code="mdf.absence", fields=fields)
    work.session.add(
        Absence(
            id=new_id(),
            vendor_id=vendor_id,
            user_id=user_id,
            deputy_id=deputy_id,
            starts_on=starts_on,
            ends_on=ends_on,
            created_at=work.now,
        )
    )
    names = names_of(work.session, deputy_id)
    words = f"{names[deputy_id]} from {starts_on} to {ends_on}"
    work.audit("deputy named", "user", user_id, vendor_id=vendor_id, words=words)


def end(work: Work, absence_id: UUID | None) -> None:
    """Take one's own absence back; Conflict when it is over, or anybody else's."""
    work.require(Permission.REQUEST_DECIDE)
    gone = work.session.execute(
        delete(Absence)
        .where(Absence.id == absence_id, Absence.user_id == work.principal.user_id)
        .returning(Absence.id)
    ).scalar_one_or_none()
    if gone is None:
        raise Conflict(say("This absence is not yours, or it is over."), code="mdf.absence")


def possible_deputies(session: Session, principal: Principal) -> list[tuple[UUID, str]]:
    """Return the colleagues who decide plans too, by name."""
    roles = [r.value for r, may in ROLE_PERMISSIONS.items() if Permission.REQUEST_DECIDE in may]
    rows = session.execute(
        select(UserAccount.id, UserAccount.name)
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(
            Membership.vendor_id == principal.vendor_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role.in_(roles),
            UserAccount.id != principal.user_id,
        )
        .order_by(UserAccount.name)
    )
    return [(row.id, row.name) for row in rows]


def absences(session: Session, principal: Principal, *, today: date) -> list[AbsenceLine]:
    """Return who of this vendor is or will be away, soonest first."""
    rows = session.scalars(
        select(Absence)
        .where(Absence.vendor_id == principal.vendor_id, Absence.ends_on >= today)
        .order_by(Absence.starts_on, Absence.id)
    ).all()
    names = names_of(session, *(r.user_id for r in rows), *(r.deputy_id for r in rows))
    return [
        AbsenceLine(
            row.id,
            names[row.user_id],
            names[row.deputy_id],
            row.starts_on,
            row.ends_on,
            row.user_id == principal.user_id,
        )
        for row in rows
    ]
