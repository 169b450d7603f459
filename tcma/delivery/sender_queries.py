"""The addresses a partner may send from: its own, and what its vendor lends."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from tcma.db.by_text import run
from tcma.db.scope import seen_by
from tcma.delivery.models import Mailing, Sender
from tcma.delivery.rules import MailingKind
from tcma.partners.models import Vendor
from tcma.permissions import Principal
from tcma.senders.models import SenderDomain, SenderRelay
from tcma.senders.queries import policy_of
from tcma.senders.rules import PROVED, DomainState, Policy

DOMAIN_OF_SENDER = (
    (SenderDomain.partner_id == Sender.partner_id)
    & Sender.is_fallback.is_(False)
    & (SenderDomain.name == func.split_part(Sender.from_address, "@", 2))
)
"""A partner's address belongs to its domain by what stands after the @."""
BULK = (MailingKind.LAUNCH, MailingKind.NURTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderChoice:
    """An address a partner may send from."""

    id: UUID
    from_name: str
    from_address: str
    reply_to: str | None
    is_fallback: bool
    state: DomainState | None
    """How far its domain is; None when nobody has set it up."""

    @property
    def is_usable(self) -> bool:
        """Say whether mail really leaves from here, or another address steps in."""
        return self.state is None or self.state in PROVED


def senders(
    session: Session,
    principal: Principal,
    *,
    vendor_id: UUID | None,
    partner_id: UUID | None = None,
) -> list[SenderChoice]:
    """Return the addresses this partner may send from: its own, the vendor's fallback, and last
    its own on domains that are not proved.

    `partner_id` is the principal's own when it is left out.
    """
    partner_id = partner_id or principal.partner_id
    own = (Sender.partner_id == partner_id) & (
        Sender.vendor_id.is_(None) | (Sender.vendor_id == vendor_id)
    )
    fallback = Sender.partner_id.is_(None) & (Sender.vendor_id == vendor_id) & Sender.is_fallback
    side = seen_by(principal, Sender)
    if principal.partner_id == partner_id:
        side = or_(side, fallback)
    lent = exists().where(
        Sender.partner_id == partner_id, Sender.vendor_id == vendor_id, Sender.is_fallback
    )
    rows = session.execute(
        select(
            Sender.id, Sender.from_name, Sender.from_address, Sender.reply_to, Sender.is_fallback,
            SenderDomain.state,
        )
        .outerjoin(SenderDomain, DOMAIN_OF_SENDER)
        .where(or_(own, fallback & ~lent), side)
        .order_by(
            SenderDomain.state.is_not(None) & SenderDomain.state.not_in(PROVED),
            Sender.is_fallback, Sender.created_at, Sender.id,
        )
    )  # fmt: skip
    return [
        SenderChoice(**dict(row) | {"state": DomainState(row["state"]) if row["state"] else None})
        for row in rows.mappings().all()
    ]


def sender_address(session: Session, sender_id: UUID) -> str:
    """Return the address of a sender."""
    return session.scalar(select(Sender.from_address).where(Sender.id == sender_id)) or ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a sender's domain is (None: not set up), and whether its mail has to wait."""

    domain: str
    state: DomainState | None
    is_held: bool


def standing_of(session: Session, sender_id: UUID, *, vendor_id: UUID) -> Standing:
    """Return whether mail for a vendor really leaves from this sender."""
    row = session.execute(
        select(func.split_part(Sender.from_address, "@", 2).label("domain"), SenderDomain.state)
        .outerjoin(SenderDomain, DOMAIN_OF_SENDER)
        .where(Sender.id == sender_id)
    ).one_or_none()
    state = DomainState(row.state) if row and row.state else None
    held = state is not None and state not in PROVED and not _lends(session, vendor_id)
    return Standing(row.domain if row else "", state, held)


def _lends(session: Session, vendor_id: UUID) -> bool:
    house = exists().where(
        Sender.vendor_id == vendor_id, Sender.partner_id.is_(None), Sender.is_fallback
    )
    return policy_of(session, vendor_id) is Policy.LEND and bool(session.scalar(select(house)))


def addresses_on(session: Session, principal: Principal, domain: str) -> list[str]:
    """Return the partner's own addresses on one of its domains."""
    query = select(Sender.from_address).where(
        Sender.partner_id == principal.partner_id,
        Sender.is_fallback.is_(False),
        func.split_part(Sender.from_address, "@", 2) == domain,
    )
    return list(session.scalars(query.order_by(Sender.from_address)))


def is_held(mailing: type[Mailing]) -> ColumnElement[bool]:
    """The condition under which a mailing waits for its sender's domain to be proved.

    Nobody lends an address: the vendor does not want to, or has none.
    """
    house = aliased(Sender)
    lends = exists(
        select(literal(1)).where(
            Vendor.id == mailing.vendor_id,
            Vendor.sender_policy == Policy.LEND,
            house.vendor_id == Vendor.id,
            house.partner_id.is_(None),
            house.is_fallback,
        )
    )
    unproved = exists(
        select(literal(1)).where(
            Sender.id == mailing.sender_id,
            DOMAIN_OF_SENDER,
            SenderDomain.state.not_in(PROVED),
        )
    )
    return mailing.kind.in_(BULK) & unproved & ~lends


@dataclass(frozen=True, slots=True)
class Carrier:
    """The domain that mail of a mailing leaves from now: whether its pace is limited, and whether
    relays of its own carry it.
    """

    domain_id: UUID
    is_paced: bool
    has_relays: bool


def carriers(session: Session, mailing_ids: Sequence[int]) -> dict[int, Carrier]:
    """Return the domains that mailings leave from now, where they change how it leaves.

    Letters of the house have no sender and none of these: they go by the house's relays.
    """
    rows = run(session, _carried_of, {"b_ids": list(mailing_ids)})
    return {number: Carrier(*facts) for number, *facts in rows}


@cache
def _carried_of() -> Any:
    these = func.any(bindparam("b_ids", type_=ARRAY(Integer())))
    return _carried().where(Mailing.id == these)


def carried_mailings(domain_id: UUID) -> Select[tuple[int]]:
    """Return a query: the bulk mailings that leave from a domain now and keep its pace."""
    carried = _carried().subquery()
    return select(carried.c.mailing_id).where(carried.c.domain_id == domain_id, carried.c.is_paced)


def domain_carrying(session: Session, sender_id: UUID, *, vendor_id: UUID) -> UUID | None:
    """Return the domain that bulk mail of a sender for a vendor leaves from now; None without one."""
    found: UUID | None = session.scalar(
        _to_carrier(select(_CARRIER.id).select_from(Sender), literal(vendor_id)).where(
            Sender.id == sender_id
        )
    )
    return found


_HOUSE, _LENT, _CARRIER = aliased(Sender), aliased(SenderDomain), aliased(SenderDomain)


def _to_carrier(query: Any, vendor_id: Any) -> Any:
    """Join a query of senders to the domain that carries their mail for a vendor."""
    is_lent = Sender.is_fallback | SenderDomain.state.not_in(PROVED)
    lender = case((Sender.is_fallback, Sender.from_address), else_=_HOUSE.from_address)
    return (
        query.outerjoin(SenderDomain, DOMAIN_OF_SENDER)
        .outerjoin(
            _HOUSE,
            (_HOUSE.vendor_id == vendor_id) & _HOUSE.partner_id.is_(None) & _HOUSE.is_fallback,
        )
        .outerjoin(
            _LENT,
            (_LENT.vendor_id == vendor_id) & (_LENT.name == func.split_part(lender, "@", 2)),
        )
        .join(_CARRIER, _CARRIER.id == case((is_lent, _LENT.id), else_=SenderDomain.id))
    )


def _carried() -> Any:
    paced = Mailing.kind.in_(BULK) & or_(
        _CARRIER.warm_from.is_not(None), _CARRIER.per_hour.is_not(None)
    )
    relays = exists(select(literal(1)).where(SenderRelay.domain_id == _CARRIER.id))
    senders_of = select(
        Mailing.id.label("mailing_id"), _CARRIER.id.label("domain_id"),
        paced.label("is_paced"), relays.label("has_relays"),
    ).join(Sender, Sender.id == Mailing.sender_id)  # fmt: skip
    return _to_carrier(senders_of, Mailing.vendor_id).where(or_(paced, relays))


def carried_by(session: Session, mailing_id: int) -> UUID | None:
    """Return the domain whose own relays carry a mailing; None: the installation's do."""
    carrier = carriers(session, [mailing_id]).get(mailing_id)
    return carrier.domain_id if carrier and carrier.has_relays else None
