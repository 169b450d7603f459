"""Campaigns that their vendor has stopped for all partners: the condition, and the stops as rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Exists, exists, literal, select
from sqlalchemy.orm import Session

from tcma.library.models import CampaignStop


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A stop that is in force."""

    campaign_id: UUID
    reason: str
    recalls_pages: bool
    stopped_by: str
    stopped_at: datetime


def is_stopped(campaign_id: Any) -> Exists:
    """The condition under which nothing of a campaign may begin to leave; for a column or a value."""
    return exists(
        select(literal(1)).where(
            CampaignStop.campaign_id == campaign_id, CampaignStop.lifted_at.is_(None)
        )
    )


def is_off_the_web(campaign_id: Any) -> Exists:
    """The condition under which the pages of a campaign are recalled by a stop."""
    return is_stopped(campaign_id).where(CampaignStop.recalls_pages)


def stops_of(session: Session, vendor_id: UUID) -> dict[UUID, Stop]:
    """Return the stops in force of a vendor, by campaign."""
    rows = session.scalars(
        select(CampaignStop).where(
            CampaignStop.vendor_id == vendor_id, CampaignStop.lifted_at.is_(None)
        )
    )
    return {row.campaign_id: _stop(row) for row in rows}


def stop_of(session: Session, campaign_id: UUID) -> Stop | None:
    """Return the stop in force of a campaign, None while it runs."""
    row = session.scalar(
        select(CampaignStop).where(
            CampaignStop.campaign_id == campaign_id, CampaignStop.lifted_at.is_(None)
        )
    )
    return _stop(row) if row else None


def why_stopped(session: Session, campaign_id: UUID) -> str:
    """Return the reason a campaign is stopped for; empty while it runs."""
    stop = stop_of(session, campaign_id)
    return stop.reason if stop else ""


def _stop(row: CampaignStop) -> Stop:
    return Stop(
        campaign_id=row.campaign_id, reason=row.reason, recalls_pages=row.recalls_pages,
        stopped_by=row.stopped_by, stopped_at=row.stopped_at,
    )  # fmt: skip
