"""What a launch takes from the library: the series, the brand, the page, each mail compiled."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.launches.models import Launch
from tcma.launches.rules import Audience
from tcma.library.models import PartnerCopy
from tcma.library.sources import source_of
from tcma.partners.models import BrandProfile
from tcma.words import say


@dataclass(frozen=True, slots=True)
class MailPlan:
    """One mail of a campaign's series; `day` counts from the campaign's first day."""

    key: str
    day: int
    audience: Audience
    subject: str


def series(work: Work, version_id: UUID, *, language: str) -> list[MailPlan]:
    """Return the campaign's own mails in order of day; nurture mails are not among them."""
    source = source_of(work, version_id)
    spoken = source.language_for(language)
    mails = [
        MailPlan(mail.key, mail.day, Audience(mail.audience), mail.subject[spoken])
        for mail in source.mails
        if mail.kind == "campaign"
    ]
    return sorted(mails, key=lambda mail: mail.day)


def brand_of(session: Session, partner_id: UUID) -> UUID:
    """Return the brand profile in force; Invalid when the partner has none yet."""
    brand_id = session.scalar(
        select(BrandProfile.id)
        .where(BrandProfile.partner_id == partner_id)
        .order_by(BrandProfile.no.desc())
        .limit(1)
    )
    if brand_id is None:
        raise Invalid(
            say("Your profile is not filled in yet."),
            code="launch.no_profile",
            remedy=say("Fill in the six fields of your profile first."),
        )
    return brand_id


def pinned(launch: Launch, copy: PartnerCopy) -> PartnerCopy:
    """Return a copy as a launch took it: its version, language and values, whatever came later.

    The row belongs to no session: it is read, never stored.
    """
    return PartnerCopy(
        id=copy.id,
        vendor_id=copy.vendor_id,
        partner_id=copy.partner_id,
        campaign_id=copy.campaign_id,
        version_id=launch.version_id,
        language=launch.language,
        slots={launch.language: launch.slots},
        changed_at=copy.changed_at,
    )
