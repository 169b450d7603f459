"""Who a mailing's mail comes from when it leaves: name, address, return path and signatures.

A partner's address counts while its domain is proved, or nobody has set its domain up (the
operator vouches for it). Otherwise the vendor's address is lent, with the partner's name; for a letter
of one partner the installation's own lends where no vendor does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.delivery.models import Mailing, Sender
from tcma.delivery.notices import HOUSE, house_address
from tcma.delivery.rules import MailingKind
from tcma.errors import NotFound, Unavailable
from tcma.senders.dkim import DkimSigner
from tcma.senders.models import SenderDomain
from tcma.senders.queries import signers_of
from tcma.senders.rules import PROVED

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the recipient sees, where failures return to, and who signs.

    `return_path` is a domain whose every address reaches us; empty: failures go to the address.
    """

    from_name: str
    from_address: str
    reply_to: str
    return_path: str = ""
    signers: Sequence[DkimSigner] = ()

    @property
    def domain(self) -> str:
        """The domain of the From address."""
        return self.from_address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of a sender, as far as the choice needs it."""

    from_name: str
    from_address: str
    reply_to: str | None
    partner_id: UUID | None
    is_fallback: bool


def identity_of(session: Session, mailing_id: int, *, secret: bytes, public_url: str) -> Identity:
    """Return who mail of a mailing comes from now; NotFound without the mailing."""
    row = session.execute(
        select(Mailing.vendor_id, Mailing.sender_id, Mailing.from_name, Mailing.kind).where(
            Mailing.id == mailing_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    own = _sender(session, Sender.id == row.sender_id) if row.sender_id else None
    house = _house(session, row.vendor_id)
    if own is not None and row.from_name:
        own = replace(own, from_name=row.from_name)
    if house is None and (own is None or row.kind == MailingKind.NOTICE):
        house = Standing(HOUSE, house_address(public_url), None, None, is_fallback=True)
    own = own or found(house)
    if own.is_fallback:
        domain = _domain(session, own.from_address, SenderDomain.vendor_id == row.vendor_id)
        return _signed(session, own, domain, secret)
    domain = _domain(session, own.from_address, SenderDomain.partner_id == own.partner_id)
    if domain is None or domain.state in PROVED or house is None:
        return _signed(session, own, domain, secret)
    lent = Standing(own.from_name, house.from_address, own.reply_to or own.from_address, None, True)
    domain = _domain(session, lent.from_address, SenderDomain.vendor_id == row.vendor_id)
    return _signed(session, lent, domain, secret)


def _signed(session: Session, sender: Standing, domain: Any, secret: bytes) -> Identity:
    signers: Sequence[DkimSigner] = ()
    proved = domain is not None and domain.state in PROVED
    if proved:
        try:
            signers = signers_of(session, secret, domain.id, domain.name)
        except Unavailable as error:  # the next look at the domain says so to people
            log.warning("mail leaves unsigned", reason=error.message)
    return Identity(
        from_name=sender.from_name,
        from_address=sender.from_address,
        reply_to=sender.reply_to or "",
        return_path=f"bounce.{domain.name}" if proved and domain.has_return_path else "",
        signers=signers,
    )


def _sender(session: Session, *which: Any) -> Standing | None:
    row = session.execute(
        select(
            Sender.from_name, Sender.from_address, Sender.reply_to, Sender.partner_id,
            Sender.is_fallback,
        )
        .where(*which)
        .order_by(Sender.created_at)
        .limit(1)
    ).one_or_none()  # fmt: skip
    return Standing(*row) if row else None


def _house(session: Session, vendor_id: UUID | None) -> Standing | None:
    return _sender(
        session, Sender.vendor_id == vendor_id, Sender.partner_id.is_(None), Sender.is_fallback
    )


def _domain(session: Session, address: str, *side: Any) -> Any:
    return session.execute(
        select(
            SenderDomain.id, SenderDomain.name, SenderDomain.state, SenderDomain.has_return_path
        ).where(SenderDomain.name == address.rpartition("@")[2], *side)
    ).one_or_none()
