"""Plans with a sum: drafted from a campaign, checked against the fund, sent, tied to launches."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select, update

from tcma.db.references import next_reference
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.launches.models import Launch
from tcma.library.models import Campaign
from tcma.mdf import letters
from tcma.mdf.deadlines import ANSWER_DAYS, add_working_days, local_day
from tcma.mdf.judging import deciding
from tcma.mdf.judging.headlines import share_bps
from tcma.mdf.models.funding import (
    ActivityLaunch,
    FundActivity,
    FundAllocation,
    FundBudget,
    FundCostLine,
    FundRequest,
)
from tcma.mdf.queries import activities_of, own, vendor_of
from tcma.mdf.rules import (
    REQUEST_MOVES,
    ActivityKind,
    Check,
    RequestState,
    failed,
    positive,
)
from tcma.mdf.words import spoken, spoken_state
from tcma.money import Money
from tcma.partners.models import Enrolment
from tcma.permissions import Permission

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One planned cost, net of tax, before the vendor's share."""

    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request as a form gives it: one campaign, between two days."""

    campaign_id: UUID
    starts_on: date
    ends_on: date
    lines: Sequence[PlanLine]
    kind: ActivityKind = ActivityKind.MULTI_TOUCH
    title: str = ""


def draft(work: Work, allocation: FundAllocation, plan: RequestPlan) -> FundRequest:
    """Write a request down without sending it; the fund's share makes the sum."""
    work.require(Permission.REQUEST_FILE)
    own(work.principal, allocation)
    campaign = _campaign(work, allocation, plan)
    request = FundRequest(
        id=new_id(),
        ref=next_reference(work, "MDF"),
        vendor_id=allocation.vendor_id,
        partner_id=allocation.partner_id,
        allocation_id=allocation.id,
        title=plan.title.strip() or campaign.name,
        state=RequestState.DRAFT,
        currency=allocation.currency,
        share_bps=_share(work, allocation, plan),
        requested_minor=_requested(work, allocation, plan).minor,
        note="",
        trace={},
        created_at=work.now,
    )
    work.session.add(request)
    work.session.flush()  # the activity names the request
    _write_plan(work, request, plan)
    log(work, request, "drafted", spoken(asked_of(request)))
    return request


def revise(work: Work, request: FundRequest, plan: RequestPlan) -> None:
    """Replace the plan of a request that is not sent, or came back."""
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    if request.state not in {RequestState.DRAFT, RequestState.INFO_REQUESTED}:
        raise Conflict("A plan that was sent does not change.", code="mdf.request.sent")
    allocation = work.session.get_one(FundAllocation, request.allocation_id)
    campaign = _campaign(work, allocation, plan)
    request.title = plan.title.strip() or campaign.name
    request.share_bps = _share(work, allocation, plan)
    request.requested_minor = _requested(work, allocation, plan).minor
    old = [activity.id for activity in activities_of(work.session, request.id)]
    work.session.execute(delete(FundCostLine).where(FundCostLine.activity_id.in_(old)))
    work.session.execute(delete(FundActivity).where(FundActivity.id.in_(old)))
    _write_plan(work, request, plan)
    log(work, request, "revised", spoken(asked_of(request)))


def _campaign(work: Work, allocation: FundAllocation, plan: RequestPlan) -> Campaign:
    one = select(Campaign).where(
        Campaign.id == plan.campaign_id, Campaign.vendor_id == allocation.vendor_id
    )
    return found(work.session.scalars(one).one_or_none())


def _share(work: Work, allocation: FundAllocation, plan: RequestPlan) -> int:
    budget = work.session.get_one(FundBudget, allocation.budget_id)
    pair = (allocation.vendor_id, allocation.partner_id)
    tier = work.session.get_one(Enrolment, pair).tier
    return share_bps(deciding.rules_today(work.session, budget, work.now), tier, plan.kind)


def _requested(work: Work, allocation: FundAllocation, plan: RequestPlan) -> Money:
    currency = allocation.currency
    if not 0 < len(plan.lines) <= MOST_LINES:
        words = f"Give between 1 and {MOST_LINES} cost lines."
        raise Invalid(words, code="mdf.request.lines", fields={"lines": words})
    total = Money.zero(currency)
    for number, line in enumerate(plan.lines):
        total += positive(line.amount, currency, f"lines-{number}-amount")
        if not line.label.strip():
            words = "Say what this is for."
            raise Invalid(words, code="mdf.request.lines", fields={f"lines-{number}-label": words})
    return positive(total.share(_share(work, allocation, plan)), currency, "lines")


def _write_plan(work: Work, request: FundRequest, plan: RequestPlan) -> None:
    activity = FundActivity(
        id=new_id(),
        request_id=request.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        campaign_id=plan.campaign_id,
        kind=plan.kind,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
    )
    work.session.add(activity)
    work.session.flush()  # the cost lines name the activity
    work.session.add_all(
        FundCostLine(
            activity_id=activity.id, no=no, label=line.label.strip(), amount_minor=line.amount.minor
        )
        for no, line in enumerate(plan.lines, 1)
    )


def judge(work: Work, request: FundRequest) -> tuple[Check, ...]:
    """Return every rule of the programme a request is held against, now."""
    return deciding.checks_of(deciding.request_decision(work.session, request, now=work.now))


def submit(work: Work, request: FundRequest) -> None:
    """Send a request to the vendor; a second press changes nothing.

    Raises LimitReached with the first rule that stands in the way and what to do about it.
    """
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    if request.state == RequestState.SUBMITTED:
        return
    judged = deciding.request_judged(work.session, request, now=work.now)
    checks = deciding.checks_of(judged.decision)
    if stops := failed(checks):
        raise LimitReached(
            stops[0].words, code=f"mdf.request.{stops[0].code}", remedy=stops[0].remedy
        )
    vendor = vendor_of(work.session, request.vendor_id)
    today = local_day(work.now, vendor.zone)
    move(
        work,
        request,
        RequestState.SUBMITTED,
        submitted_by=work.principal.user_id,
        submitted_at=work.now,
        answer_by=add_working_days(today, ANSWER_DAYS),
        trace={**request.trace, "checks": [asdict(check) for check in checks]},
    )
    deciding.keep(work, request, "sent", judged)
    log(work, request, "sent", f"asks for {spoken(asked_of(request))}")
    letters.request_sent(work, request)


def withdraw(work: Work, request: FundRequest) -> None:
    """Take a request back before it is decided."""
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    if request.state != RequestState.WITHDRAWN:
        move(work, request, RequestState.WITHDRAWN)
        log(work, request, "withdrawn", "")


def tie_launch(work: Work, request: FundRequest, launch_id: UUID) -> None:
    """Name the launch that carries out an approved request; it then writes the proof.

    Raises NotFound for another partner's launch, Conflict for one of another campaign.
    """
    work.require(Permission.LAUNCH_PLAN)
    own(work.principal, request)
    one = select(Launch.campaign_id).where(
        Launch.id == launch_id,
        Launch.partner_id == request.partner_id,
        Launch.vendor_id == request.vendor_id,
    )
    campaign_id = found(work.session.scalar(one))
    fitting = [
        activity
        for activity in activities_of(work.session, request.id)
        if activity.campaign_id == campaign_id
    ]
    if not fitting or request.state != RequestState.APPROVED:
        raise Conflict(
            "These funds were approved for another campaign.",
            code="mdf.request.campaign",
            remedy="Choose an approved plan of this campaign.",
        )
    work.session.merge(ActivityLaunch(activity_id=fitting[0].id, launch_id=launch_id))
    log(work, request, "launched", "")
    work.wake(Job.PROOF_COLLECT, launch_id=launch_id)


def asked_of(request: FundRequest) -> Money:
    """Return what a request asks for: the vendor's share of its planned cost."""
    return Money(request.requested_minor, request.currency)


def move(work: Work, request: FundRequest, to: RequestState, **values: object) -> None:
    """Move a request to `to` if it still stands where that is allowed; else Conflict."""
    work.session.flush()  # pending edits belong to the row that is compared next
    froms = [state for state, moves in REQUEST_MOVES.items() if to in moves]
    moved = work.session.execute(
        update(FundRequest)
        .where(FundRequest.id == request.id, FundRequest.state.in_(froms))
        .values(state=to, **values)
        .returning(FundRequest.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    work.session.refresh(request)
    if moved is None:
        raise Conflict(
            f"{request.ref} is {spoken_state(request.state)} by now.",
            code="mdf.request.moved",
            remedy="Reload to see who was faster.",
        )


def log(work: Work, request: FundRequest, verb: str, words: str) -> None:
    """Write one line of a request's history."""
    work.audit(
        verb,
        "fund_request",
        request.id,
        vendor_id=request.vendor_id,
        partner_id=request.partner_id,
        words=words.strip(),
    )
