"""Partners whose people's journeys begin by a date or a calendar: who has agreed, and to what.

A partner decides it for each campaign: its people asked nothing, and are its own to write to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.contacts.conditions import Kind
from tcma.contacts.models import CustomField
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.journeys.document import Start
from tcma.library.models import Campaign, PartnerCopy
from tcma.library.rules import CampaignState
from tcma.library.stops import is_stopped
from tcma.nurture.versions import JourneyVersion, entered, journey_of, sequence_of
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.permissions import Permission
from tcma.words import say


@dataclass(frozen=True, slots=True)
class Starter:
    """A partner's copy of a campaign with what its people's first step needs to know of it."""

    copy_id: UUID
    vendor_id: UUID
    partner_id: UUID
    campaign_id: UUID
    campaign_version_id: UUID
    language: str
    slug: str
    tier: str
    partner_zone: str
    vendor_zone: str
    agreed_at: datetime | None


def starters(
    session: Session,
    *,
    campaign_id: UUID | None = None,
    copy_id: UUID | None = None,
    every: bool = False,
) -> Iterator[Starter]:
    """Return the copies of partners that agreed and may send now; with `every` those that might agree."""
    query = (
        select(
            PartnerCopy.id, PartnerCopy.vendor_id, PartnerCopy.partner_id, PartnerCopy.campaign_id,
            PartnerCopy.version_id, PartnerCopy.language, Partner.slug, Enrolment.tier,
            Partner.zone, Vendor.zone.label("vendor_zone"), PartnerCopy.begins_by_date_at,
        )
        .join(Partner, Partner.id == PartnerCopy.partner_id)
        .join(Vendor, Vendor.id == PartnerCopy.vendor_id)
        .join(
            Enrolment,
            (Enrolment.vendor_id == PartnerCopy.vendor_id)
            & (Enrolment.partner_id == PartnerCopy.partner_id),
        )
        .join(Campaign, Campaign.id == PartnerCopy.campaign_id)
        .where(
            Enrolment.state == EnrolmentState.ACTIVE,
            Campaign.state != CampaignState.RETIRED,
            ~is_stopped(PartnerCopy.campaign_id),
        )
        .order_by(PartnerCopy.id)
    )  # fmt: skip
    if not every:
        query = query.where(PartnerCopy.begins_by_date_at.is_not(None))
    if campaign_id is not None:
        query = query.where(PartnerCopy.campaign_id == campaign_id)
    if copy_id is not None:
        query = query.where(PartnerCopy.id == copy_id)
    for row in session.execute(query).all():
        yield Starter(*row)


def starter_of(session: Session, copy_id: UUID) -> Starter | None:
    """Return a copy whose partner has agreed or might; None for one that may not send."""
    return next(starters(session, copy_id=copy_id, every=True), None)


def version_of(work: Work, starter: Starter) -> JourneyVersion:
    """Return the version that people of a copy begin now."""
    sequence_id = sequence_of(work, vendor_id=starter.vendor_id, campaign_id=starter.campaign_id)
    return entered(work, sequence_id, starter.campaign_version_id)


def date_keys(session: Session, partner_id: UUID, start: Start) -> list[str]:
    """Return the keys of a partner's date fields that a start names, in its order; none has who lacks one."""
    names = [name.casefold() for name in start.fields]
    rows = session.execute(
        select(CustomField.key, func.lower(CustomField.label).label("label")).where(
            CustomField.partner_id == partner_id,
            CustomField.kind == Kind.DATE,
            func.lower(CustomField.label).in_(names) | CustomField.key.in_(names),
        )
    ).all()
    place = {row.key: names.index(row.label if row.label in names else row.key) for row in rows}
    return sorted(place, key=lambda key: (place[key], key))


def let_begin(work: Work, copy_id: UUID, *, begins: bool) -> None:
    """Let a campaign's journey begin by itself for the partner's people, or no more; who is inside goes on.

    Conflict where the journey has nothing to begin by.
    """
    work.require(Permission.LAUNCH_PLAN)
    found(work.principal.partner_id)
    mine = visible(
        select(PartnerCopy).where(PartnerCopy.id == copy_id), work.principal, PartnerCopy
    )
    copy: PartnerCopy = found(work.session.scalars(mine).one_or_none())
    if begins and start_of(work, copy) is None:
        raise Conflict(
            say("This campaign’s journey begins by the form alone."), code="nurture.start"
        )
    if begins == (copy.begins_by_date_at is not None):
        return
    copy.begins_by_date_at = work.now if begins else None
    verb = "let the journey begin" if begins else "let the journey begin no more"
    work.audit(verb, "partner_copy", copy.id, vendor_id=copy.vendor_id, partner_id=copy.partner_id)
    if begins:
        work.wake(Job.NURTURE_BEGIN)


def start_of(work: Work, copy: PartnerCopy) -> Start | None:
    """Return what begins the journey of a copy by itself; None where nothing does."""
    journey = journey_of(work, campaign_id=copy.campaign_id, campaign_version_id=copy.version_id)
    return journey.start
