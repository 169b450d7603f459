"""The dates of campaigns, by the vendor's calendar: published on their day, announced before they end,
ended on their day: queued mails are not sent, launches stop, live pages are recalled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery.launch_notices import news_to_partner
from tcma.launches.actions import cancel_launch
from tcma.launches.models import Launch
from tcma.launches.rules import RUNNING
from tcma.library import actions as library
from tcma.library.models import Campaign, CampaignVersion, Page, PartnerCopy
from tcma.library.rules import CampaignState, PageState, VersionState
from tcma.partners.models import Vendor
from tcma.permissions import Permission
from tcma.words import say, written

ANNOUNCED = timedelta(days=7)
"""How long before its last day a campaign's partners hear of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """What an end would stop: partners with a copy, launches that run, pages that are live."""

    partners: int
    launches: int
    pages: int


@dataclass(frozen=True, slots=True)
class Due:
    """A campaign whose day has come, and what for: publish, announce, end, or lapse unpublished."""

    campaign_id: UUID
    version_id: UUID
    what: str


def concerned(session: Session, campaign_id: UUID) -> Concerned:
    """Count whom the end of a campaign concerns."""
    counts = [
        session.scalar(select(func.count(counted.distinct())).where(*narrowed)) or 0
        for counted, narrowed in (
            (PartnerCopy.partner_id, [PartnerCopy.campaign_id == campaign_id]),
            (Launch.id, [Launch.campaign_id == campaign_id, Launch.state.in_(RUNNING)]),
            (Page.id, [Page.campaign_id == campaign_id, Page.state == PageState.LIVE]),
        )
    ]
    return Concerned(partners=counts[0], launches=counts[1], pages=counts[2])


def due(session: Session, now: datetime) -> list[Due]:
    """Return every campaign whose day has come in its vendor's zone."""
    rows = session.execute(
        select(CampaignVersion, Vendor.zone)
        .join(Campaign, Campaign.id == CampaignVersion.campaign_id)
        .join(Vendor, Vendor.id == Campaign.vendor_id)
        .where(
            Campaign.state != CampaignState.RETIRED,
            CampaignVersion.state.in_((VersionState.SCHEDULED, VersionState.PUBLISHED)),
        )
    ).all()
    found = [(version, _what(version, _today(now, zone))) for version, zone in rows]
    return [Due(version.campaign_id, version.id, what) for version, what in found if what]


def turn(work: Work, it: Due) -> None:
    """Do what the day asks, unless somebody changed it meanwhile; doing it twice is the same as once."""
    version = work.session.get_one(CampaignVersion, it.version_id, with_for_update=True)
    campaign = work.session.get_one(Campaign, it.campaign_id)
    zone = work.session.get_one(Vendor, campaign.vendor_id).zone
    if _what(version, _today(work.now, zone)) != it.what:
        return
    if it.what == "publish":
        library.publish(work, version_id=it.version_id, ends_on=version.ends_on)
    elif it.what == "lapse":
        library.lapse(work, version_id=it.version_id)
    elif it.what == "announce":
        _announce(work, it)
    else:
        end(work, it.campaign_id)


def end(work: Work, campaign_id: UUID) -> Concerned:
    """End a campaign now: nothing that waits is sent, its pages answer with a notice."""
    stopped = concerned(work.session, campaign_id)
    refs = work.session.scalars(
        select(Launch.ref).where(Launch.campaign_id == campaign_id, Launch.state.in_(RUNNING))
    ).all()
    for ref in refs:
        cancel_launch(work, ref)
    library.retire(work, campaign_id=campaign_id, recall_pages=True)
    return stopped


def _what(version: CampaignVersion, today: date) -> str:
    if version.state == VersionState.SCHEDULED:
        if version.ends_on and version.ends_on < today:
            return "lapse"
        return "publish" if version.starts_on and version.starts_on <= today else ""
    if version.state != VersionState.PUBLISHED or version.ends_on is None:
        return ""
    if version.ends_on < today:
        return "end"
    soon = version.ends_on - ANNOUNCED <= today
    return "announce" if soon and version.announced_for != version.ends_on else ""


def _today(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _announce(work: Work, it: Due) -> None:
    version = work.session.get_one(CampaignVersion, it.version_id, with_for_update=True)
    if version.ends_on is None or version.announced_for == version.ends_on:
        return
    version.announced_for = version.ends_on
    campaign = work.session.get_one(Campaign, it.campaign_id)
    vendor = work.session.get_one(Vendor, campaign.vendor_id)
    ends_on = version.ends_on
    last = written(lambda locale: format_date(ends_on, "EEE d MMM y", locale=locale))
    for partner_id in concerned_partners(work.session, it.campaign_id):
        news_to_partner(
            work,
            partner_id,
            Permission.LAUNCH_PLAN,
            vendor_id=vendor.id,
            subject=say("“{name}” ends on {last}", name=campaign.name, last=last),
            words=say(
                "{vendor} ends “{name}” with {last}. What still waits to be sent then is not sent, and your page says that the offer is over.",
                vendor=vendor.name,
                name=campaign.name,
                last=last,
            ),
            url=f"{work.site.public_url}/console/campaigns/{vendor.slug}/{campaign.slug}",
        )


def concerned_partners(session: Session, campaign_id: UUID) -> Sequence[UUID]:
    """Return the partners with a running launch or a live page of a campaign."""
    running = select(Launch.partner_id).where(
        Launch.campaign_id == campaign_id, Launch.state.in_(RUNNING)
    )
    live = select(Page.partner_id).where(
        Page.campaign_id == campaign_id, Page.state == PageState.LIVE
    )
    return session.scalars(running.union(live)).all()
