"""The address a vendor writes its own mails from and lends to partners without one."""

from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.db.work import Work
from tcma.delivery.actions import ensure_sender
from tcma.delivery.models import Sender
from tcma.partners import history
from tcma.partners.models import Vendor
from tcma.permissions import Permission
from tcma.rendering.headers import mailbox


def house_sender(session: Session, vendor_id: UUID) -> tuple[str, str] | None:
    """Return name and address a vendor writes from and lends to partners; None without one."""
    row = session.execute(
        select(Sender.from_name, Sender.from_address)
        .where(Sender.vendor_id == vendor_id, Sender.partner_id.is_(None), Sender.is_fallback)
        .order_by(Sender.created_at)
        .limit(1)
    ).one_or_none()
    return (row.from_name, row.from_address) if row else None


def vendors_without_sender(session: Session) -> list[str]:
    """Return the names of vendors that have no address of their own to write from, for doctor."""
    own = exists().where(
        Sender.vendor_id == Vendor.id, Sender.partner_id.is_(None), Sender.is_fallback
    )
    return list(session.scalars(select(Vendor.name).where(~own).order_by(Vendor.name)))


def set_house_sender(work: Work, *, from_name: str, from_address: str) -> bool:
    """Set the address the principal's vendor writes from and lends to partners; False: it was so.

    What was lent already follows, so that no mail leaves from an address that was given up.
    """
    work.require(Permission.VENDOR_EDIT)
    vendor_id = found(work.principal.vendor_id)
    mailbox(from_name, from_address)
    lent = (Sender.vendor_id == vendor_id) & Sender.is_fallback
    own = work.session.scalar(select(Sender).where(lent, Sender.partner_id.is_(None)))
    if own is None:
        before = ""
        ensure_sender(
            work,
            from_name=from_name,
            from_address=from_address,
            vendor_id=vendor_id,
            is_fallback=True,
        )
    else:
        before = own.from_address
        if (own.from_name, before) == (from_name, from_address):
            return False
        own.from_name = from_name
    work.session.execute(update(Sender).where(lent).values(from_address=from_address))
    return history.record(work, "vendor", vendor_id, {"sender": before}, {"sender": from_address})
