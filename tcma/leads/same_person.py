"""The other leads of a person at a vendor: what stands beside a lead, whichever campaign it came of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from tcma.db.scope import seen_by
from tcma.leads.models import Lead
from tcma.leads.rules import HELD, OPEN_LEAD, LeadState
from tcma.library.models import Campaign
from tcma.partners.models import Partner
from tcma.permissions import Principal

MOST = 20


@dataclass(frozen=True, slots=True)
class Other:
    """Another lead of the same person; `joined` when it went on in the one that is looked at."""

    ref: str
    campaign: str
    state: LeadState
    partner: str
    came_at: datetime
    joined: bool
    of_one_partner: bool

    @property
    def can_join(self) -> bool:
        """Say whether it can go on in the lead that is looked at."""
        return self.state in OPEN_LEAD and self.of_one_partner


def others(session: Session, principal: Principal, ref: str) -> Sequence[Other]:
    """Return a person's other leads with the vendor, newest first: to a partner those it has accepted."""
    this = aliased(Lead)
    query = (
        select(
            Lead,
            Campaign.name,
            Partner.name.label("partner"),
            this.id.label("this"),
            this.source_partner_id.label("source"),
        )
        .join(this, (this.vendor_id == Lead.vendor_id) & (this.address_hash == Lead.address_hash))
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .outerjoin(Partner, Partner.id == Lead.partner_id)
        .where(this.ref == ref, Lead.id != this.id, Lead.address != "", seen_by(principal, Lead))
        .where(seen_by(principal, this))
    )
    if principal.partner_id:
        held = (Lead.state.in_(HELD), this.state.in_(HELD))
        query = query.where(*held, or_(Lead.joined_id.is_(None), Lead.joined_id == this.id))
    rows = session.execute(query.order_by(Lead.id.desc()).limit(MOST))
    return [
        Other(
            row.Lead.ref,
            row.name,
            LeadState(row.Lead.state),
            row.partner or "",
            row.Lead.created_at,
            row.Lead.joined_id == row.this,
            row.Lead.source_partner_id == row.source,
        )
        for row in rows
    ]
