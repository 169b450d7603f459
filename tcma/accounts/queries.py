"""Who is signed in, who belongs to a side, what an invitation offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Row,
    Select,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal,
    null,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from tcma.accounts.models import Membership, SignInSession, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.scope import found, visible
from tcma.ids import Signer
from tcma.permissions import ROLE_WORDS, Permission, Principal, Role

INVITATION, RESET = "invitation", "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The side somebody acts for: `kind` is `vendor` or `partner`."""

    id: UUID
    kind: str
    slug: str
    name: str
    zone: str
    locale: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipView:
    """One of a person's roles, for the menu that switches sides."""

    id: UUID
    role: Role
    organisation: Organisation

    @property
    def role_words(self) -> str:
        """The role as people read it."""
        return ROLE_WORDS[self.role]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A signed-in person: the principal for verbs, the rest for the frame of every page."""

    session_id: UUID
    user_id: UUID
    email: str
    name: str
    locale: str
    zone: str
    theme: str
    current: MembershipView
    memberships: tuple[MembershipView, ...]

    @property
    def principal(self) -> Principal:
        """The person as verbs and queries know it."""
        side = self.current.organisation
        return Principal(
            user_id=self.user_id,
            name=self.name,
            role=self.current.role,
            vendor_id=side.id if side.kind == "vendor" else None,
            partner_id=side.id if side.kind == "partner" else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A colleague as the page of people shows it."""

    membership_id: UUID
    user_id: UUID
    name: str
    email: str
    role: Role
    state: MembershipState
    locked_until: datetime | None
    since: datetime
    last_seen: datetime | None
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What an invitation link offers: who joins what, and whether an account exists already."""

    membership_id: UUID
    email: str
    name: str
    role: Role
    organisation: Organisation
    has_account: bool


def _organisations() -> Subquery:
    # Both sides' tables belong to the layer above; only their public columns are read here.
    names = ("slug", "name", "zone", "locale", "currency")
    parts = []
    for kind in ("vendor", "partner"):
        side = table(kind, column("id", Uuid()), *(column(name) for name in names))
        parts.append(
            select(side.c.id, literal(kind).label("kind"), *(side.c[name] for name in names))
        )
    return union_all(*parts).subquery("organisation")


_SIDE = _organisations()
_side_of_membership = _SIDE.c.id == func.coalesce(Membership.vendor_id, Membership.partner_id)


def _organisation(row: Row[*tuple[Any, ...]]) -> Organisation:
    return Organisation(
        id=row.organisation_id,
        kind=row.kind,
        slug=row.slug,
        name=row.organisation,
        zone=row.zone,
        locale=row.locale,
        currency=row.currency,
    )


def _memberships() -> Select[*tuple[Any, ...]]:
    return select(
        Membership.id.label("membership_id"),
        Membership.role,
        Membership.user_id,
        _SIDE.c.id.label("organisation_id"),
        _SIDE.c.kind,
        _SIDE.c.slug,
        _SIDE.c.name.label("organisation"),
        _SIDE.c.zone,
        _SIDE.c.locale,
        _SIDE.c.currency,
    ).join(_SIDE, _side_of_membership)


_ACTIVE = (
    _memberships()
    .where(Membership.user_id == bindparam("user_id"), Membership.state == MembershipState.ACTIVE)
    .order_by(_SIDE.c.kind.desc(), _SIDE.c.name)
)
"""Asked by every request of a signed-in person, so put together once."""


def memberships(session: Session, user_id: UUID) -> tuple[MembershipView, ...]:
    """Return the active roles of a person, vendors first, then by name."""
    rows = session.execute(_ACTIVE, {"user_id": user_id})
    return tuple(
        MembershipView(id=r.membership_id, role=Role(r.role), organisation=_organisation(r))
        for r in rows
    )


def signed_in(session: Session, session_row: SignInSession, user: UserAccount) -> SignedIn | None:
    """Return everything a page needs of a live session; None when its membership has ended."""
    mine = memberships(session, user.id)
    current = next((m for m in mine if m.id == session_row.membership_id), None)
    if current is None:
        return None
    return SignedIn(
        session_id=session_row.id,
        user_id=user.id,
        email=user.email,
        name=user.name,
        locale=user.locale,
        zone=user.zone,
        theme=user.theme,
        current=current,
        memberships=mine,
    )


def _people(*, last_seen: bool) -> Select[*tuple[Any, ...]]:
    seen = (
        select(func.max(SignInSession.seen_at))
        .where(SignInSession.membership_id == Membership.id)
        .scalar_subquery()
    )
    return select(
        Membership.id.label("membership_id"),
        Membership.user_id,
        Membership.role,
        Membership.state,
        Membership.created_at,
        UserAccount.name,
        UserAccount.email,
        UserAccount.locked_until,
        UserAccount.locale,
        (seen if last_seen else null()).label("last_seen"),
    ).join(UserAccount, UserAccount.id == Membership.user_id)


def _person(row: Row[*tuple[Any, ...]]) -> Person:
    return Person(
        membership_id=row.membership_id,
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        state=MembershipState(row.state),
        locked_until=row.locked_until,
        since=row.created_at,
        last_seen=row.last_seen,
        locale=row.locale,
    )


def people(session: Session, principal: Principal) -> list[Person]:
    """Return the principal's own colleagues, invited ones included, by name."""
    wanted = visible(_people(last_seen=True), principal, Membership).where(
        Membership.state != MembershipState.ENDED
    )
    return [_person(r) for r in session.execute(wanted.order_by(UserAccount.name, Membership.id))]


def members_of(
    session: Session,
    *,
    partner_id: UUID | None = None,
    vendor_id: UUID | None = None,
    able_to: Permission | None = None,
    roles: Sequence[Role] = (),
) -> list[Person]:
    """Return the active people of one side who hold one of `roles` or may do `able_to`.

    Not limited by a principal: for verbs that must reach the other side (offers, notices).
    """
    wanted = _people(last_seen=False).where(Membership.state == MembershipState.ACTIVE)
    wanted = wanted.where(
        Membership.partner_id == cast(partner_id, Uuid)
        if partner_id
        else Membership.vendor_id == cast(vendor_id, Uuid)
    )
    found_people = [_person(r) for r in session.execute(wanted.order_by(Membership.created_at))]
    return [
        p
        for p in found_people
        if (not roles or p.role in roles)
        and (able_to is None or Principal(user_id=p.user_id, name=p.name, role=p.role).may(able_to))
    ]


def person_of_membership(session: Session, principal: Principal, membership_id: UUID) -> Person:
    """Return one colleague; NotFound for other sides' people."""
    wanted = visible(_people(last_seen=True), principal, Membership)
    return _person(found(session.execute(wanted.where(Membership.id == membership_id)).first()))


def offer_of(session: Session, signer: Signer, token: str, *, now: datetime) -> Offer:
    """Return what an invitation link offers; NotFound when forged, expired, used or withdrawn."""
    membership_id = UUID(signer.read(INVITATION, token, now))
    row = found(
        session.execute(
            _memberships()
            .add_columns(UserAccount.email, UserAccount.name, UserAccount.password_hash)
            .join(UserAccount, UserAccount.id == Membership.user_id)
            .where(Membership.id == membership_id, Membership.state == MembershipState.INVITED)
        ).first()
    )
    return Offer(
        membership_id=membership_id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        organisation=_organisation(row),
        has_account=row.password_hash is not None,
    )
