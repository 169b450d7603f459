"""What the partner of a matched fund paid itself, as the papers of its claim show it."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.documents import Document
from tcma.mdf.models.funding import Claim
from tcma.mdf.models.own_shares import OwnShare
from tcma.mdf.paper_line import OwnShareLine
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money
from tcma.words import say


def paid_of(session: Session, claim: Claim) -> Money:
    """Return what a partner paid itself for what it claims, perhaps nothing."""
    total = select(func.coalesce(func.sum(OwnShare.amount_minor), 0)).where(
        OwnShare.claim_id == claim.id
    )
    return Money(int(session.scalars(total).one()), claim.currency)


def in_words(share: OwnShareLine) -> str:
    """Return one payment as the case file tells it."""
    return say(
        "{amount} to {paid_to} on {day}",
        amount=spoken(share.amount),
        paid_to=share.paid_to,
        day=spoken_day(share.paid_on),
    )


def shares_of(session: Session, claim: Claim) -> tuple[OwnShareLine, ...]:
    """Return each payment with its paper, in the order they were written down."""
    rows = session.execute(
        select(OwnShare, Document)
        .join(Document, Document.id == OwnShare.document_id)
        .where(OwnShare.claim_id == claim.id)
        .order_by(OwnShare.id)
    )
    return tuple(
        OwnShareLine(
            id=share.id,
            amount=Money(share.amount_minor, claim.currency),
            paid_on=share.paid_on,
            paid_to=share.paid_to,
            document_id=document.id,
            file_name=document.file_name,
            sha256=document.sha256,
            at=share.made_at,
        )
        for share, document in rows
    )


def stands_elsewhere(session: Session, claim: Claim, sha256: str) -> UUID | None:
    """Return a payment of any partner that the same file shows, None when there is none."""
    one = (
        select(OwnShare.id)
        .join(Document, Document.id == OwnShare.document_id)
        .join(Claim, Claim.id == OwnShare.claim_id)
        .where(Document.sha256 == sha256, Claim.vendor_id == claim.vendor_id)
    )
    return session.scalar(one.limit(1))
