"""Keys of other programs: made and ended in the studio, each for one campaign, one picture, one partner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.drawing.models import ImageKey
from tcma.drawing.rules import MARK
from tcma.errors import Forbidden, Invalid
from tcma.ids import random_token, token_hash
from tcma.library.models import Campaign
from tcma.partners.models import Enrolment, Partner
from tcma.permissions import Permission, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What may be drawn: of one vendor, and where it says so of one campaign, picture, partner."""

    vendor_id: UUID
    key_id: UUID | None = None
    campaign_id: UUID | None = None
    picture: str = ""
    partner_id: UUID | None = None
    only_reads: bool = False


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as the studio lists it; the key itself is told once, when it is made."""

    id: UUID
    ref: str
    name: str
    campaign: str
    picture: str
    partner: str
    only_reads: bool
    made_by: str
    made_at: datetime
    ended_at: datetime | None


def make_key(  # noqa: PLR0913 - what a key is for
    work: Work,
    *,
    name: str,
    campaign_id: UUID,
    picture: str = "",
    partner_id: UUID | None = None,
    only_reads: bool = False,
) -> str:
    """Make a key; the key, told once. NotFound for another vendor's campaign or partner."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    vendor_id = found(work.principal.vendor_id)
    if not name.strip():
        message = "Say who will use it."
        raise Invalid(message, code="images.name", fields={"name": message})
    found(
        work.session.scalar(
            select(Campaign.id).where(Campaign.id == campaign_id, Campaign.vendor_id == vendor_id)
        )
    )
    if partner_id:
        found(work.session.get(Enrolment, (vendor_id, partner_id)))
    secret = MARK + random_token()
    key = ImageKey(
        ref=next_reference(work, "IMG"),
        vendor_id=vendor_id,
        campaign_id=campaign_id,
        picture=picture,
        partner_id=partner_id,
        only_reads=only_reads,
        name=name.strip()[:120],
        secret_hash=token_hash(secret),
        made_by=work.principal.name,
        made_at=work.now,
    )
    work.session.add(key)
    work.audit("made a key for pictures", "image_key", key.ref, vendor_id=vendor_id)
    return secret


def end_key(work: Work, key_id: UUID) -> None:
    """End a key at once, and with it every signed address that was made by it."""
    work.require(Permission.CAMPAIGN_AUTHOR)
    query = visible(select(ImageKey).where(ImageKey.id == key_id), work.principal, ImageKey)
    key = found(work.session.scalar(query))
    if key.ended_at is None:
        key.ended_at = work.now
        work.audit("ended a key for pictures", "image_key", key.ref, vendor_id=key.vendor_id)


def scope_of_secret(session: Session, secret: str) -> Scope:
    """Return what a key opens; Forbidden when it is unknown or ended."""
    known = session.scalar(
        select(ImageKey).where(
            ImageKey.secret_hash == token_hash(secret), ImageKey.ended_at.is_(None)
        )
    )
    if known is None:
        raise Forbidden(
            "This key is not known, or it was ended.",
            code="images.key",
            remedy="Ask the vendor's marketer for a new one.",
        )
    return _scope(known)


def scope_of_key(session: Session, key_id: UUID) -> Scope | None:
    """Return what a key opens by its number, None once it is ended."""
    known = session.get(ImageKey, key_id)
    return _scope(known) if known is not None and known.ended_at is None else None


def _scope(key: ImageKey) -> Scope:
    return Scope(
        vendor_id=key.vendor_id,
        key_id=key.id,
        campaign_id=key.campaign_id,
        picture=key.picture,
        partner_id=key.partner_id,
        only_reads=key.only_reads,
    )


def keys(session: Session, principal: Principal) -> Sequence[KeyView]:
    """Return a vendor's keys, those in use first."""
    query = (
        select(ImageKey, Campaign.name.label("campaign"), Partner.name.label("partner"))
        .join(Campaign, Campaign.id == ImageKey.campaign_id)
        .outerjoin(Partner, Partner.id == ImageKey.partner_id)
        .where(ImageKey.vendor_id == found(principal.vendor_id))
        .order_by(ImageKey.ended_at.desc().nulls_first(), ImageKey.id.desc())
    )
    return [
        KeyView(k.id, k.ref, k.name, campaign, k.picture, partner or "", k.only_reads,
                k.made_by, k.made_at, k.ended_at)
        for k, campaign, partner in session.execute(query)
    ]  # fmt: skip
