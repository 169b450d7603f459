"""Reads joint business plans: lists for both sides, and one plan with what became of each line."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from tcma.db.scope import visible
from tcma.launches.models import Launch
from tcma.leads.models import Lead
from tcma.library.models import Campaign
from tcma.mdf.joint.agreeing import joint_plan_by_ref
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.kind_words import kind_name, kinds_of
from tcma.mdf.models.funding import (
    ActivityLaunch,
    Claim,
    FundActivity,
    FundAllocation,
    FundBudget,
    FundRequest,
)
from tcma.mdf.models.joint_plans import JointPlan, JointPlanLine
from tcma.mdf.programme.document import Programme
from tcma.mdf.queries import names_of, timeline
from tcma.mdf.records import Event
from tcma.mdf.rules import ClaimState, RequestState
from tcma.mdf.words import spoken_month
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal
from tcma.words import Words


@dataclass(frozen=True, slots=True)
class LineView:
    """A line: what was agreed, and what became of it. `leads` are those of its launches."""

    no: int
    campaign: str
    campaign_slug: str
    kind: str
    kind_name: str
    month: date
    cost: Money
    goal_leads: int
    leads: int
    request_ref: str
    request_state: RequestState | None
    approved: Money
    paid: Money
    launch_ref: str

    @property
    def month_words(self) -> Words:
        """The month as people read it, «December 2026»."""
        return spoken_month(self.month)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan in a list: `planned` is its cost, `paid` what came back of it."""

    ref: str
    title: str
    vendor_name: str
    partner_name: str
    starts_on: date
    ends_on: date
    state: str
    partner_agreed: bool
    vendor_agreed: bool
    lines: int
    begun: int
    planned: Money


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan with its lines and sums; the yeses name who said it, and when.

    `kinds` are what a further line may be, by the fund's rules: (kind, name).
    """

    row: PlanRow
    goal: str
    fund_name: str
    fund_ref: str
    lines: tuple[LineView, ...]
    approved: Money
    paid: Money
    goal_leads: int
    leads: int
    partner_yes: tuple[str, datetime] | None
    vendor_yes: tuple[str, datetime] | None
    timeline: tuple[Event, ...]
    kinds: tuple[tuple[str, str], ...]


def _rows() -> Select[*tuple[Any, ...]]:
    of_plan = JointPlanLine.plan_id == JointPlan.id
    return (
        select(
            JointPlan,
            Vendor.name,
            Partner.name,
            select(func.count()).where(of_plan).scalar_subquery(),
            select(func.count(JointPlanLine.request_id)).where(of_plan).scalar_subquery(),
            select(func.coalesce(func.sum(JointPlanLine.cost_minor), 0))
            .where(of_plan)
            .scalar_subquery(),
        )
        .join(Vendor, Vendor.id == JointPlan.vendor_id)
        .join(Partner, Partner.id == JointPlan.partner_id)
        .order_by(JointPlan.ends_on.desc(), JointPlan.ref)
    )


def _row(found: Row[*tuple[Any, ...]]) -> PlanRow:
    plan, vendor, partner, lines, begun, planned = found
    return PlanRow(
        ref=plan.ref,
        title=plan.title,
        vendor_name=vendor,
        partner_name=partner,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        state=plan.state,
        partner_agreed=plan.partner_agreed_by is not None,
        vendor_agreed=plan.vendor_agreed_by is not None,
        lines=lines,
        begun=begun,
        planned=Money(int(planned), plan.currency),
    )


def joint_plans(session: Session, principal: Principal) -> list[PlanRow]:
    """Return the plans a principal may see, the one that ends last on top."""
    rows = session.execute(visible(_rows(), principal, JointPlan)).all()
    return [_row(row) for row in rows]


def joint_plan(session: Session, principal: Principal, ref: str, *, now: datetime) -> PlanView:
    """Return one plan with its lines; NotFound for everybody else."""
    plan = joint_plan_by_ref(session, principal, ref)
    row = session.execute(_rows().where(JointPlan.id == plan.id)).one()
    fund = session.scalars(
        select(FundBudget)
        .join(FundAllocation, FundAllocation.budget_id == FundBudget.id)
        .where(FundAllocation.id == plan.allocation_id)
    ).one()
    rules = rules_today(session, fund, now)
    lines = _lines(session, plan, rules)
    names = names_of(session, plan.partner_agreed_by, plan.vendor_agreed_by)
    zero = Money.zero(plan.currency)
    return PlanView(
        row=_row(row),
        goal=plan.goal,
        fund_name=fund.name,
        fund_ref=fund.ref,
        lines=lines,
        approved=sum((line.approved for line in lines), zero),
        paid=sum((line.paid for line in lines), zero),
        goal_leads=sum(line.goal_leads for line in lines),
        leads=sum(line.leads for line in lines),
        partner_yes=(names[plan.partner_agreed_by], plan.partner_agreed_at)
        if plan.partner_agreed_at
        else None,
        vendor_yes=(names[plan.vendor_agreed_by], plan.vendor_agreed_at)
        if plan.vendor_agreed_at
        else None,
        timeline=timeline(session, "joint_plan", plan.id),
        kinds=tuple((kind, kind_name(rules, kind)) for kind in kinds_of(rules)),
    )


def _lines(session: Session, plan: JointPlan, rules: Programme) -> tuple[LineView, ...]:
    paid = (
        select(func.coalesce(func.sum(Claim.approved_minor), 0))
        .where(Claim.request_id == JointPlanLine.request_id, Claim.state == ClaimState.PAID)
        .scalar_subquery()
    )
    launches = (
        select(ActivityLaunch.launch_id)
        .join(FundActivity, FundActivity.id == ActivityLaunch.activity_id)
        .where(FundActivity.request_id == JointPlanLine.request_id)
    )
    leads = (
        select(func.count(Lead.id))
        .where((Lead.launch_id == JointPlanLine.launch_id) | Lead.launch_id.in_(launches))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            JointPlanLine,
            Campaign.name,
            Campaign.slug,
            FundRequest.ref,
            FundRequest.state,
            FundRequest.approved_minor,
            Launch.ref,
            paid,
            leads,
        )
        .join(Campaign, Campaign.id == JointPlanLine.campaign_id)
        .outerjoin(FundRequest, FundRequest.id == JointPlanLine.request_id)
        .outerjoin(Launch, Launch.id == JointPlanLine.launch_id)
        .where(JointPlanLine.plan_id == plan.id)
        .order_by(JointPlanLine.month, JointPlanLine.no)
    ).all()
    return tuple(
        LineView(
            no=line.no,
            campaign=campaign,
            campaign_slug=slug,
            kind=line.kind,
            kind_name=kind_name(rules, line.kind),
            month=line.month,
            cost=Money(line.cost_minor, plan.currency),
            goal_leads=line.goal_leads,
            leads=leads_n,
            request_ref=request_ref or "",
            request_state=RequestState(state) if state else None,
            approved=Money(approved or 0, plan.currency),
            paid=Money(int(paid_minor), plan.currency),
            launch_ref=launch_ref or "",
        )
        for line, campaign, slug, request_ref, state, approved, launch_ref, paid_minor, leads_n in rows
    )
