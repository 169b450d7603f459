"""What a campaign brought partners like this one: same vendor, same tier, told only when they are many."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from tcma.launches.models import Launch
from tcma.launches.rules import LaunchState
from tcma.leads.models import Lead
from tcma.partners.models import Enrolment
from tcma.permissions import Principal

ENOUGH = 5
"""Partners below which no number is shown: each could be recognised."""


@dataclass(frozen=True, slots=True)
class Peers:
    """How many partners like this one ran a campaign to its end; `leads` is their median, None for too few."""

    partners: int
    leads: int | None


def peers_of(
    session: Session, principal: Principal, campaign_ids: Sequence[UUID]
) -> dict[UUID, Peers]:
    """Return for each campaign what it brought other partners of the same tier of its vendor."""
    mine, theirs = aliased(Enrolment), aliased(Enrolment)
    rows = session.execute(
        select(Launch.campaign_id, Launch.partner_id, func.count(Lead.id))
        .join(
            theirs,
            (theirs.vendor_id == Launch.vendor_id) & (theirs.partner_id == Launch.partner_id),
        )
        .join(
            mine,
            (mine.vendor_id == theirs.vendor_id)
            & (mine.tier == theirs.tier)
            & (mine.partner_id == principal.partner_id),
        )
        .outerjoin(Lead, Lead.launch_id == Launch.id)
        .where(
            Launch.campaign_id.in_(campaign_ids),
            Launch.state == LaunchState.FINISHED,
            Launch.partner_id != principal.partner_id,
        )
        .group_by(Launch.campaign_id, Launch.partner_id)
    )
    found: dict[UUID, list[int]] = defaultdict(list)
    for campaign_id, _, leads in rows:
        found[campaign_id].append(leads)
    return {
        each: Peers(
            len(found[each]), median_low(found[each]) if len(found[each]) >= ENOUGH else None
        )
        for each in campaign_ids
    }
