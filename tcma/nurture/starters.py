"""Partners whose people's journeys begin by a date or a calendar: who has agreed, and to what.

A partner decides it for each campaign: its people asked nothing, and are its own to write to. What it
agreed to is what begins the journey; by another start nobody begins until the partner has agreed anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tcma.contacts.conditions import Kind
from tcma.contacts.models import CustomField
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.journeys.document import Start
from tcma.journeys.starts import cause_of
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
    agreed_to: str | None

    def agrees(self, start: Start) -> bool:
        """Say whether the partner has agreed to what begins the journey now."""
        return self.agreed_at is not None and self.agreed_to == cause_of(start)

    def is_asked_anew(self, start: Start) -> bool:
        """Say whether it has agreed to something else that began the journey."""
        return self.agreed_at is not None and not self.agrees(start)


@dataclass(frozen=True, slots=True)
class AskedAnew:
    """A campaign whose journey begins by something else than its partner agreed to."""

    vendor: str
    vendor_slug: str
    campaign: str
    slug: str


def starters(
    session: Session,
    *,
    campaign_id: UUID | None = None,
    copy_id: UUID | None = None,
    partner_id: UUID | None = None,
    every: bool = False,
) -> Iterator[Starter]:
    """Return the copies of partners that agreed and may send now; with `every` those that might agree."""
    query: Select[*tuple[Any, ...]] = (
        select(
            PartnerCopy.id, PartnerCopy.vendor_id, PartnerCopy.partner_id, PartnerCopy.campaign_id,
            PartnerCopy.version_id, PartnerCopy.language, Partner.slug, Enrolment.tier,
            Partner.zone, Vendor.zone.label("vendor_zone"), PartnerCopy.begins_by_date_at,
            PartnerCopy.begins_by,
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
    if partner_id is not None:
        query = query.where(PartnerCopy.partner_id == partner_id)
    for row in session.execute(query).all():
        yield Starter(*row)


def starter_of(session: Session, copy_id: UUID) -> Starter | None:
    """Return a copy whose partner has agreed or might; None for one that may not send."""
    return next(starters(session, copy_id=copy_id, every=True), None)


def asked_anew(work: Work) -> list[AskedAnew]:
    """Return the campaigns in which one's own people begin no more until somebody decides anew."""
    changed = []
    for starter in starters(work.session, partner_id=found(work.principal.partner_id)):
        ids = {
            "campaign_id": starter.campaign_id,
            "campaign_version_id": starter.campaign_version_id,
        }
        start = journey_of(work, **ids).start
        if start is not None and starter.is_asked_anew(start):
            changed.append(starter.campaign_id)
    if not changed:
        return []
    rows = work.session.execute(
        select(Vendor.name, Vendor.slug, Campaign.name, Campaign.slug)
        .join(Vendor, Vendor.id == Campaign.vendor_id)
        .where(Campaign.id.in_(changed))
        .order_by(Campaign.name, Campaign.id)
    )
    return [AskedAnew(*row) for row in rows]


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
            CustomField.removed_at.is_(None),
            CustomField.kind == Kind.DATE,
            func.lower(CustomField.label).in_(names) | CustomField.key.in_(names),
        )
    ).all()
    place = {row.key: names.index(row.label if row.label in names else row.key) for row in rows}
    return sorted(place, key=lambda key: (place[key], key))


def let_begin(work: Work, copy_id: UUID, *, begins: bool, by: str = "") -> None:
    """Let a campaign's journey begin by itself for the partner's people, or no more; who is inside goes on.

    Conflict where the journey has nothing to begin by, or begins no more `by` what was read (`cause_of`).
    """
    work.require(Permission.LAUNCH_PLAN)
    found(work.principal.partner_id)
    mine = visible(
        select(PartnerCopy).where(PartnerCopy.id == copy_id), work.principal, PartnerCopy
    )
    copy: PartnerCopy = found(work.session.scalars(mine).one_or_none())
    start = start_of(work, copy) if begins else None
    if begins and start is None:
        raise Conflict(
            say("This campaign’s journey begins by the form alone."), code="nurture.start"
        )
    cause = cause_of(start) if start else None
    if begins and by and by != cause:
        raise Conflict(
            say("The vendor has changed when it begins meanwhile. Read it and decide anew."),
            code="nurture.start_changed",
        )
    if begins == (copy.begins_by_date_at is not None) and cause == copy.begins_by:
        return
    copy.begins_by_date_at, copy.begins_by = work.now if begins else None, cause
    verb = "let the journey begin" if begins else "let the journey begin no more"
    work.audit(verb, "partner_copy", copy.id, vendor_id=copy.vendor_id, partner_id=copy.partner_id)
    if begins:
        work.wake(Job.NURTURE_BEGIN)


def start_of(work: Work, copy: PartnerCopy) -> Start | None:
    """Return what begins the journey of a copy by itself; None where nothing does."""
    journey = journey_of(work, campaign_id=copy.campaign_id, campaign_version_id=copy.version_id)
    return journey.start
