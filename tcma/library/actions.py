"""The vendor's side: publish a version, end it on a day, retire a campaign, recall its pages."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.jobs import Job
from tcma.library.models import Campaign, CampaignVersion, Page
from tcma.library.rules import CampaignState, PageState, VersionState
from tcma.partners.models import Vendor
from tcma.permissions import Permission
from tcma.words import say


def publish(
    work: Work, *, version_id: UUID, ends_on: date | None = None, starts_on: date | None = None
) -> None:
    """Make a version the one that partners start from; the one before is superseded.

    With a later first day it waits for that day. Copies nobody has written in follow; partners of the
    others are asked to look. Publishing twice is the same as once.
    """
    version, campaign = _version(work, version_id)
    if version.state == VersionState.RETIRED:
        raise Conflict(
            say("This version was withdrawn."), remedy=say("Import it again with a change.")
        )
    if version.state == VersionState.PUBLISHED and version.ends_on == ends_on:
        return
    zone = work.session.get_one(Vendor, campaign.vendor_id).zone
    today = work.now.astimezone(ZoneInfo(zone)).date()
    _refuse_days(today, starts_on, ends_on)
    version.ends_on, version.starts_on = ends_on, starts_on
    waits = starts_on is not None and starts_on > today
    _clear(work, campaign.id, VersionState.SCHEDULED, to=VersionState.DRAFT, but=version.id)
    if waits:
        if version.state == VersionState.PUBLISHED:
            raise Conflict(say("This version is published already."), code="campaign.published")
        version.state = VersionState.SCHEDULED
    else:
        _clear(work, campaign.id, VersionState.PUBLISHED, to=VersionState.SUPERSEDED,
               but=version.id)  # fmt: skip
        version.state, version.published_at = VersionState.PUBLISHED, work.now
        campaign.state, campaign.name = CampaignState.ACTIVE, version.facts["name"]
        work.wake(Job.COPY_REBASE)
    work.audit(
        "will be published" if waits else "published",
        "campaign",
        campaign.id,
        vendor_id=campaign.vendor_id,
        version=version.no,
    )


def lapse(work: Work, *, version_id: UUID) -> None:
    """Make a draft again of a version that waited for its first day until after its last one."""
    version, campaign = _version(work, version_id)
    version.state, version.starts_on, version.ends_on = VersionState.DRAFT, None, None
    work.audit(
        "was not published before its last day", "campaign", campaign.id,
        vendor_id=campaign.vendor_id, version=version.no,
    )  # fmt: skip


def _refuse_days(today: date, starts_on: date | None, ends_on: date | None) -> None:
    if ends_on and ends_on < max(today, starts_on or today):
        message = "The last day is in the past." if ends_on < today else "It ends before it begins."
        raise Invalid(message, code="campaign.ends_on", fields={"ends_on": message})


def _clear(
    work: Work, campaign_id: UUID, state: VersionState, *, to: VersionState, but: UUID
) -> None:
    work.session.execute(
        update(CampaignVersion)
        .where(
            CampaignVersion.campaign_id == campaign_id,
            CampaignVersion.state == state,
            CampaignVersion.id != but,
        )
        .values(state=to)
    )


def end(work: Work, *, campaign_id: UUID, ends_on: date | None) -> None:
    """Set or clear the last day of the published version; launches may not start after it."""
    campaign = _campaign(work, campaign_id)
    version = found(
        work.session.scalars(
            select(CampaignVersion).where(
                CampaignVersion.campaign_id == campaign.id,
                CampaignVersion.state == VersionState.PUBLISHED,
            )
        ).one_or_none()
    )
    version.ends_on = ends_on
    work.audit(
        "ends",
        "campaign",
        campaign.id,
        vendor_id=campaign.vendor_id,
        on=ends_on.isoformat() if ends_on else None,
    )


def retire(work: Work, *, campaign_id: UUID, recall_pages: bool = False) -> None:
    """Take a campaign out of the library; what runs goes on, pages stay unless recalled.

    Journeys that say so (`expired` in their exits) end.
    """
    campaign = _campaign(work, campaign_id)
    campaign.state = CampaignState.RETIRED
    work.session.execute(
        update(CampaignVersion)
        .where(
            CampaignVersion.campaign_id == campaign.id,
            CampaignVersion.state == VersionState.PUBLISHED,
        )
        .values(state=VersionState.RETIRED)
    )
    if recall_pages:
        work.session.execute(
            update(Page).where(Page.campaign_id == campaign.id).values(state=PageState.RECALLED)
        )
    work.wake(Job.NURTURE_STOP)
    work.audit(
        "retired", "campaign", campaign.id, vendor_id=campaign.vendor_id, recalled=recall_pages
    )


def _campaign(work: Work, campaign_id: UUID) -> Campaign:
    work.require(Permission.CAMPAIGN_AUTHOR)
    wanted = select(Campaign).where(Campaign.id == campaign_id)
    mine = visible(wanted, work.principal, Campaign).with_for_update()
    row: Campaign | None = work.session.scalars(mine).one_or_none()
    return found(row)


def _version(work: Work, version_id: UUID) -> tuple[CampaignVersion, Campaign]:
    campaign_id = work.session.scalar(
        select(CampaignVersion.campaign_id).where(CampaignVersion.id == version_id)
    )
    campaign = _campaign(work, found(campaign_id))
    return work.session.get_one(CampaignVersion, version_id), campaign
