"""A joint business plan is written by either side and counts when both have agreed to the same lines."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.sentences import with_words
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, NotFound
from tcma.ids import new_id
from tcma.library.models import Campaign
from tcma.mdf.models.funding import FundAllocation, FundBudget
from tcma.mdf.models.joint_plans import JointPlan, JointPlanLine
from tcma.mdf.queries import own
from tcma.mdf.rules import positive
from tcma.mdf.words import spoken, spoken_day, spoken_month
from tcma.money import Money
from tcma.permissions import Permission, Principal
from tcma.words import joined, say

DRAFT, AGREED = "draft", "agreed"
MOST_LINES = 40
MOST_LEADS = 100_000
LONGEST_TITLE, LONGEST_GOAL = 120, 600


@dataclass(frozen=True, slots=True)
class Outline:
    """The frame of a plan as a form gives it."""

    title: str
    goal: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class LinePlan:
    """One line as a form gives it; any day of the month names the month."""

    campaign_id: UUID
    kind: str
    month: date
    cost: Money
    goal_leads: int


def joint_plan_by_ref(session: Session, principal: Principal, ref: str) -> JointPlan:
    """Return a plan of this vendor or partner."""
    one = visible(select(JointPlan).where(JointPlan.ref == ref), principal, JointPlan)
    row: JointPlan | None = session.scalars(one).one_or_none()
    return found(row)


def lines_of(session: Session, plan: JointPlan) -> list[JointPlanLine]:
    """Return the lines of a plan by month."""
    some = select(JointPlanLine).where(JointPlanLine.plan_id == plan.id)
    return list(session.scalars(some.order_by(JointPlanLine.month, JointPlanLine.no)))


def begin(work: Work, part: FundAllocation, outline: Outline) -> JointPlan:
    """Write a plan down for a partner and its part of a fund; Invalid with fields otherwise."""
    require(work)
    own(work.principal, part)
    budget = work.session.get_one(FundBudget, part.budget_id)
    fields: dict[str, str] = {}
    if not 0 < len(outline.title.strip()) <= LONGEST_TITLE:
        fields["title"] = say("Give the plan a name.")
    if len(outline.goal.strip()) > LONGEST_GOAL:
        fields["goal"] = say("At most {n} letters.", n=LONGEST_GOAL)
    if outline.ends_on < outline.starts_on:
        fields["ends_on"] = say("The last day comes after the first.")
    elif outline.starts_on < budget.starts_on or outline.ends_on > budget.ends_on:
        fields["ends_on"] = say(
            "The fund pays from {first} to {last}.",
            first=spoken_day(budget.starts_on),
            last=spoken_day(budget.ends_on),
        )
    if fields:
        raise Invalid(say("Some fields need another value."), code="mdf.joint", fields=fields)
    plan = JointPlan(
        id=new_id(),
        ref=next_reference(work, "JBP"),
        vendor_id=part.vendor_id,
        partner_id=part.partner_id,
        allocation_id=part.id,
        title=outline.title.strip(),
        goal=outline.goal.strip(),
        starts_on=outline.starts_on,
        ends_on=outline.ends_on,
        currency=part.currency,
        state=DRAFT,
        made_by=work.principal.user_id,
        made_at=work.now,
    )
    work.session.add(plan)
    work.session.flush()  # lines name it
    note(work, plan, "drafted", plan.title)
    return plan


def require(work: Work) -> None:
    """Raise Forbidden for whoever neither asks for funds nor decides about them."""
    side = Permission.REQUEST_FILE if work.principal.partner_id else Permission.REQUEST_DECIDE
    work.require(side)


def add_line(work: Work, plan: JointPlan, line: LinePlan) -> JointPlanLine:
    """Add a line; what was agreed before is agreed no more. Raises Invalid with fields."""
    editing(work, plan)
    lines = lines_of(work.session, plan)
    month = line.month.replace(day=1)
    fields: dict[str, str] = {}
    if not plan.starts_on.replace(day=1) <= month <= plan.ends_on:
        fields["month"] = say(
            "The plan runs from {first} to {last}.",
            first=spoken_day(plan.starts_on),
            last=spoken_day(plan.ends_on),
        )
    if not 0 <= line.goal_leads <= MOST_LEADS:
        fields["goal_leads"] = say("Between 0 and {most:,}.", most=MOST_LEADS)
    if len(lines) >= MOST_LINES:
        fields["campaign"] = say("A plan has at most {n} lines.", n=MOST_LINES)
    if fields:
        raise Invalid(say("Some fields need another value."), code="mdf.joint.line", fields=fields)
    positive(line.cost, plan.currency, "cost")
    campaign = found(work.session.get(Campaign, line.campaign_id))
    if campaign.vendor_id != plan.vendor_id:
        found(None)
    last = select(func.max(JointPlanLine.no)).where(JointPlanLine.plan_id == plan.id)
    row = JointPlanLine(
        id=new_id(),
        plan_id=plan.id,
        no=(work.session.scalar(last) or 0) + 1,
        campaign_id=campaign.id,
        kind=line.kind,
        month=month,
        cost_minor=line.cost.minor,
        goal_leads=line.goal_leads,
    )
    work.session.add(row)
    _open_again(plan)
    said = joined(campaign.name, spoken_month(month), spoken(line.cost), by=", ")
    note(work, plan, "added a line", said)
    return row


def remove_line(work: Work, plan: JointPlan, no: int) -> None:
    """Take out a line that was not begun; what was agreed before is agreed no more."""
    editing(work, plan)
    row = line_of(work, plan, no)
    if row.request_id:
        raise Conflict(say("This line was begun; it stays."), code="mdf.joint.begun")
    work.session.delete(row)
    _open_again(plan)
    note(work, plan, "took out a line", say("line {no}", no=no))


def editing(work: Work, plan: JointPlan) -> None:
    """Lock a plan for a change; NotFound for another's."""
    require(work)
    me = work.principal
    mine = plan.partner_id == me.partner_id if me.partner_id else plan.vendor_id == me.vendor_id
    if not (mine or me.is_system):
        raise NotFound
    work.session.refresh(plan, with_for_update=True)


def line_of(work: Work, plan: JointPlan, no: int) -> JointPlanLine:
    """Return the line with that number; Conflict when somebody took it out."""
    one = select(JointPlanLine).where(JointPlanLine.plan_id == plan.id, JointPlanLine.no == no)
    line = work.session.scalars(one).one_or_none()
    if line is None:
        raise Conflict(say("This line was taken out meanwhile."), code="mdf.joint.gone")
    return line


def agree(work: Work, plan: JointPlan) -> None:
    """Say yes for one's own side; with the second yes the plan counts. Again changes nothing.

    Raises Conflict for a plan without lines, and for whoever said yes for the other side.
    """
    editing(work, plan)
    if not lines_of(work.session, plan):
        raise Conflict(say("Add a line first."), code="mdf.joint.empty")
    partner = work.principal.partner_id is not None
    other = plan.vendor_agreed_by if partner else plan.partner_agreed_by
    if other == work.principal.user_id:
        raise Conflict(say("You agreed for the other side."), code="mdf.joint.two_people")
    if partner and plan.partner_agreed_by is None:
        plan.partner_agreed_by, plan.partner_agreed_at = work.principal.user_id, work.now
    elif not partner and plan.vendor_agreed_by is None:
        plan.vendor_agreed_by, plan.vendor_agreed_at = work.principal.user_id, work.now
    else:
        return
    both = plan.partner_agreed_by and plan.vendor_agreed_by
    plan.state = AGREED if both else DRAFT
    note(work, plan, "agreed", say("Both sides agreed.") if both else "")


def _open_again(plan: JointPlan) -> None:
    plan.state = DRAFT
    plan.partner_agreed_by = plan.partner_agreed_at = None
    plan.vendor_agreed_by = plan.vendor_agreed_at = None


def note(work: Work, plan: JointPlan, verb: str, words: str) -> None:
    """Write one line of a plan's history."""
    work.audit(
        verb,
        "joint_plan",
        plan.id,
        vendor_id=plan.vendor_id,
        partner_id=plan.partner_id,
        **with_words(words),
    )
