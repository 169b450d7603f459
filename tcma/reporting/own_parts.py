"""What partners bore of funded activities themselves: the invoices of approved claims, less what was claimed."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.mdf.models.funding import Claim, FundActivity, Invoice
from tcma.mdf.papers.invoices import counted
from tcma.mdf.rules import ClaimState
from tcma.money import Money
from tcma.permissions import Principal
from tcma.reporting.metrics import Sums, summed

DECIDED = (ClaimState.APPROVED, ClaimState.PAYMENT_PENDING, ClaimState.PAID, ClaimState.REVERSED)


def invoiced_by_campaign(session: Session, principal: Principal) -> dict[UUID, Sums]:
    """Return the net of the invoices in approved claims by campaign, in the currency of each fund.

    An invoice in another currency counts at the stored rate its claim was decided by.
    """
    rows = session.execute(
        visible(
            select(FundActivity.campaign_id, Claim, Invoice)
            .join(Claim, Claim.activity_id == FundActivity.id)
            .join(Invoice, Invoice.claim_id == Claim.id)
            .where(Claim.state.in_(DECIDED)),
            principal,
            Claim,
        )
    )
    nets: dict[UUID, list[Money]] = defaultdict(list)
    for campaign_id, claim, invoice in rows:
        nets[campaign_id].append(counted(session, claim, invoice))
    return {campaign_id: summed(some) for campaign_id, some in nets.items()}
