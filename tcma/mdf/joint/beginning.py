"""A line of an agreed plan is begun with one press: the fund is asked, a launch is drafted."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import select

from tcma.contacts.models import ContactList
from tcma.db.work import Work
from tcma.delivery.actions import ensure_fallback
from tcma.errors import Conflict, LimitReached
from tcma.launches import actions as launches
from tcma.launches.actions import LaunchPlan
from tcma.library.copies import copy_of
from tcma.library.models import Campaign
from tcma.mdf.joint.agreeing import AGREED, editing, line_of, note
from tcma.mdf.judging.deciding import rules_today
from tcma.mdf.judging.headlines import first_start
from tcma.mdf.models.funding import FundAllocation, FundBudget, FundRequest
from tcma.mdf.models.joint_plans import JointPlan, JointPlanLine
from tcma.mdf.requests import planning
from tcma.mdf.requests.planning import ActivityPlan, PlanLine, RequestPlan
from tcma.mdf.words import spoken_month
from tcma.money import Money
from tcma.partners.models import Partner
from tcma.permissions import Permission
from tcma.words import in_language, say

MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Begun:
    """What one press made: the request, whether it was sent, and why not; the drafted launch."""

    request_ref: str
    sent: bool
    held_back: str
    launch_ref: str


def begin_line(work: Work, plan: JointPlan, no: int) -> Begun:
    """Ask the fund for one line and draft its launch to the partner's first list.

    Pressed again it answers the same. A request the programme stops stays a draft with the reason.
    Raises Conflict while not both sides agreed, and after the line's month.
    """
    work.require(Permission.REQUEST_FILE)
    editing(work, plan)
    line = line_of(work, plan, no)
    if line.request_id:
        stood = work.session.get_one(FundRequest, line.request_id)
        return Begun(stood.ref, stood.submitted_at is not None, "", "")
    if plan.state != AGREED:
        raise Conflict(say("Both sides have to agree first."), code="mdf.joint.not_agreed")
    part = work.session.get_one(FundAllocation, plan.allocation_id)
    starts_on, ends_on = days_of(work, plan, part, line)
    partner = work.session.get_one(Partner, plan.partner_id)
    language = partner.locale.partition("-")[0]
    label = in_language(say("As agreed in {ref}", ref=plan.ref), language)
    cost = PlanLine(label, Money(line.cost_minor, plan.currency))
    asked = ActivityPlan(line.campaign_id, starts_on, ends_on, [cost], kind=line.kind)
    campaign = work.session.get_one(Campaign, line.campaign_id)
    title = f"{campaign.name}, {in_language(spoken_month(line.month), language)}"
    request = planning.draft(work, part, RequestPlan([asked], title=title))
    line.request_id = request.id
    held_back = ""
    try:
        planning.submit(work, request)
    except LimitReached as stopped:
        held_back = stopped.advice
    launch_ref = _draft_launch(work, line, starts_on, title)
    refs = f"{request.ref} {launch_ref}".strip()
    note(work, plan, "began a line", say("line {no}: {refs}", no=no, refs=refs))
    return Begun(request.ref, not held_back, held_back, launch_ref)


def days_of(
    work: Work, plan: JointPlan, part: FundAllocation, line: JointPlanLine
) -> tuple[date, date]:
    """Return first and last day of a line's activity: its month, as far as the rules leave it."""
    budget = work.session.get_one(FundBudget, part.budget_id)
    rules = rules_today(work.session, budget, work.now)
    soonest = first_start(rules, work.now, rules.activity(line.kind))
    last = line.month.replace(day=monthrange(line.month.year, line.month.month)[1])
    first, last = max(line.month, plan.starts_on, soonest), min(last, plan.ends_on)
    if first > last:
        words = say(
            "Nothing planned today can start in {month} any more.", month=spoken_month(line.month)
        )
        raise Conflict(words, code="mdf.joint.late", remedy=say("Move the line to a later month."))
    return first, last


def _draft_launch(work: Work, line: JointPlanLine, starts_on: date, title: str) -> str:
    """Draft the launch, «» while the partner has nobody to write to; its copy is there either way."""
    copy = copy_of(work, line.campaign_id)
    first = work.session.scalars(
        select(ContactList.id)
        .where(ContactList.partner_id == copy.partner_id, ContactList.deleted_at.is_(None))
        .order_by(ContactList.id)
        .limit(1)
    ).first()
    if first is None:
        return ""
    partner = work.session.get_one(Partner, copy.partner_id)
    sender = ensure_fallback(
        work, partner_id=copy.partner_id, vendor_id=copy.vendor_id, from_name=partner.name
    )
    if sender is None:
        return ""
    plan = LaunchPlan(
        copy_id=copy.id,
        list_ids=(first,),
        sender_id=sender,
        send_at=datetime.combine(starts_on, MORNING, tzinfo=UTC),
        name=title,
    )
    launched = launches.plan_launch(work, plan, idempotency_key=f"joint-{line.id}")
    line.launch_id = launched.id
    return launched.ref
