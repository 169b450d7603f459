"""What a new request begins with, so that a partner fills in four fields and not fourteen."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.scope import found
from tcma.library.models import Campaign, CampaignVersion
from tcma.library.rules import VersionState
from tcma.mdf.case_files.asked import proofs_asked
from tcma.mdf.funds.views import wallet_fund
from tcma.mdf.judging import deciding
from tcma.mdf.models.funding import FundBudget
from tcma.mdf.queries import allocation_by_fund
from tcma.mdf.records import PlanSheet
from tcma.mdf.rules import COLLECTED, PROOF_WORDS, ActivityKind, ProofKind
from tcma.permissions import Principal

RUNS_FOR = timedelta(days=28)


def plan_sheet(
    session: Session, principal: Principal, fund_ref: str, campaign_id: UUID, *, now: datetime
) -> PlanSheet:
    """Return the beginnings of a request; NotFound for a fund or campaign of somebody else."""
    fund = wallet_fund(session, principal, fund_ref, now=now)
    part = allocation_by_fund(session, principal, fund_ref)
    row = found(
        session.execute(
            select(Campaign.id, Campaign.name, CampaignVersion.facts)
            .join(CampaignVersion, CampaignVersion.campaign_id == Campaign.id)
            .where(
                Campaign.id == campaign_id,
                Campaign.vendor_id == part.vendor_id,
                CampaignVersion.state == VersionState.PUBLISHED,
            )
            .order_by(CampaignVersion.no.desc())
            .limit(1)
        ).one_or_none()
    )
    budget = session.get_one(FundBudget, part.budget_id)
    fund_rules = deciding.rules_today(session, budget, now)
    kind = ActivityKind(row.facts.get("activity", ActivityKind.MULTI_TOUCH))
    asked = proofs_asked(fund_rules, kind)
    starts = fund.earliest_start
    return PlanSheet(
        fund=fund,
        campaign_id=row.id,
        campaign=row.name,
        kind=kind,
        starts_on=starts,
        ends_on=max(starts, min(starts + RUNS_FOR, fund.ends_on)),
        collected=tuple(each.title for each in asked if each.kind in COLLECTED),
        brought=(
            *(each.title for each in asked if each.kind not in COLLECTED),
            PROOF_WORDS[ProofKind.INVOICE],
        ),
    )
