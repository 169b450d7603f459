"""What a new version means to partners: untouched copies move, the others' people hear of it; a launch
that has not begun follows its copy once the partner has looked.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery.launch_notices import news_to_partner
from tcma.launches.actions import pin
from tcma.launches.models import Launch
from tcma.launches.rules import LaunchState
from tcma.library.models import Campaign, CampaignVersion, PartnerCopy
from tcma.library.rebasing import rebase, rebase_untouched
from tcma.library.rules import VersionState
from tcma.partners.models import Vendor
from tcma.permissions import Permission
from tcma.words import say

MOST_AT_ONCE = 200
NOT_BEGUN = (LaunchState.SCHEDULED, LaunchState.PAUSED)


def to_tell(session: Session, *, limit: int = MOST_AT_ONCE) -> list[UUID]:
    """Return copies behind their campaign's published version whose partner has not heard of it."""
    some = (
        select(PartnerCopy.id)
        .join(CampaignVersion, CampaignVersion.campaign_id == PartnerCopy.campaign_id)
        .where(
            CampaignVersion.state == VersionState.PUBLISHED,
            CampaignVersion.id != PartnerCopy.version_id,
            PartnerCopy.told_version_id.is_distinct_from(CampaignVersion.id),
        )
        .order_by(PartnerCopy.id)
        .limit(limit)
    )
    return list(session.scalars(some))


def tell(work: Work, copy_id: UUID) -> bool:
    """Move one copy, or tell its people once that there is something to look at."""
    copy = work.session.get_one(PartnerCopy, copy_id, with_for_update=True)
    version = work.session.scalars(
        select(CampaignVersion).where(
            CampaignVersion.campaign_id == copy.campaign_id,
            CampaignVersion.state == VersionState.PUBLISHED,
        )
    ).one_or_none()
    if version is None or version.id in (copy.version_id, copy.told_version_id):
        return False
    copy.told_version_id = version.id
    if not waiting(work.session, copy_id) and rebase_untouched(work, copy):
        return False
    campaign = work.session.get_one(Campaign, copy.campaign_id)
    vendor = work.session.get_one(Vendor, copy.vendor_id)
    news_to_partner(
        work,
        copy.partner_id,
        Permission.COPY_EDIT,
        vendor_id=copy.vendor_id,
        subject=say("Version {no} of “{name}” is there", no=version.no, name=campaign.name),
        words=say(
            "{vendor} changed “{name}”. Your own words stay; look and confirm. Until then the version you know goes out.",
            vendor=vendor.name,
            name=campaign.name,
        ),
        url=f"{work.site.public_url}/console/campaigns/{vendor.slug}/{campaign.slug}/copy/version",
    )
    return True


def waiting(session: Session, copy_id: UUID) -> list[tuple[str, str]]:
    """Return (reference, name) of launches of a copy that are scheduled and have sent nothing yet."""
    rows = session.execute(
        select(Launch.ref, Launch.name)
        .where(
            Launch.copy_id == copy_id,
            Launch.state.in_(NOT_BEGUN),
            Launch.started_at.is_(None),
            Launch.follows_id.is_(None),
        )
        .order_by(Launch.due_at)
    )
    return [(row.ref, row.name) for row in rows]


def confirm(
    work: Work, copy_id: UUID, *, choices: Mapping[str, str], seen: int | None = None
) -> list[str]:
    """Move a copy as its partner chose, and with it its launches that have not begun; return their references."""
    copy = rebase(work, copy_id, choices=choices, seen=seen)
    launches = work.session.scalars(
        select(Launch)
        .where(
            Launch.copy_id == copy_id,
            Launch.state.in_(NOT_BEGUN),
            Launch.started_at.is_(None),
            Launch.follows_id.is_(None),
        )
        .with_for_update()
    ).all()
    for launch in launches:
        pin(work, launch)
    work.session.execute(
        update(PartnerCopy).where(PartnerCopy.id == copy_id).values(told_version_id=copy.version_id)
    )
    return [launch.ref for launch in launches]
