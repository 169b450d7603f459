"""Plans with a sum: drafted from a campaign, checked against the fund, sent, tied to launches."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from tcma.db.references import next_reference
from tcma.db.scope import found
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.ids import new_id
from tcma.library.models import Campaign
from tcma.mdf import appeals, letters, ways
from tcma.mdf.answer_days import answer_day_of
from tcma.mdf.judging import deciding
from tcma.mdf.judging.headlines import share_bps
from tcma.mdf.models.funding import (
    FundActivity,
    FundAllocation,
    FundBudget,
    FundCostLine,
    FundRequest,
)
from tcma.mdf.moving import log, move
from tcma.mdf.programme.conditions import slug
from tcma.mdf.programme.document import Programme
from tcma.mdf.queries import activities_of, asked_of, own
from tcma.mdf.requests import levels, policy, spending
from tcma.mdf.rules import (
    ActivityKind,
    ActivityState,
    Check,
    RequestState,
    failed,
    positive,
)
from tcma.mdf.words import spoken
from tcma.money import Money
from tcma.partners.models import Enrolment
from tcma.partners.terms import require_accepted
from tcma.partners.terms_rules import Act
from tcma.permissions import Permission
from tcma.words import say

MOST_LINES = 20
MOST_ACTIVITIES = 6


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One planned cost, net of tax, before the vendor's share; `kind` as the programme names it."""

    label: str
    amount: Money
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """What is to be done: one campaign, between two days, at this cost.

    `facts` are what the programme asks of it by name: place, audience, whatever its rules look at.
    `way` is how it is to be settled, empty for the programme's usual one.
    """

    campaign_id: UUID
    starts_on: date
    ends_on: date
    lines: Sequence[PlanLine]
    kind: str = ActivityKind.MULTI_TOUCH
    facts: Mapping[str, str] = field(default_factory=dict)
    way: str = ""


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request as a form gives it: one activity or several, each answered by itself."""

    activities: Sequence[ActivityPlan]
    title: str = ""


def draft(
    work: Work, allocation: FundAllocation, plan: RequestPlan, *, key: UUID | None = None
) -> FundRequest:
    """Write a request down without sending it; the fund's share makes the sum.

    `key` is the form's own id: the same plan under it again is the request that stands, another
    one a Conflict.
    """
    work.require(Permission.REQUEST_FILE)
    own(work.principal, allocation)
    digest = _digest(allocation, plan)
    if key is not None and (stood := _stood(work, allocation, key, digest)):
        return stood
    rows = _rows(work, allocation, plan)
    request = FundRequest(
        id=key or new_id(),
        ref=next_reference(work, "MDF"),
        vendor_id=allocation.vendor_id,
        partner_id=allocation.partner_id,
        allocation_id=allocation.id,
        title=_title(work, plan),
        state=RequestState.DRAFT,
        currency=allocation.currency,
        requested_minor=sum(row.requested_minor for row in rows),
        note="",
        trace={},
        input_hash=digest,
        created_at=work.now,
    )
    work.session.add(request)
    work.session.flush()  # the activities name the request
    _write_down(work, request, plan, rows)
    log(work, request, "drafted", spoken(asked_of(request)))
    return request


def _digest(allocation: FundAllocation, plan: RequestPlan) -> bytes:
    body = json.dumps([str(allocation.id), asdict(plan)], default=str, sort_keys=True)
    return hashlib.sha256(body.encode()).digest()


def _stood(work: Work, allocation: FundAllocation, key: UUID, digest: bytes) -> FundRequest | None:
    # Of two at once the second waits here, and then sees what the first wrote.
    work.session.execute(
        select(FundAllocation.id).where(FundAllocation.id == allocation.id).with_for_update()
    )
    stood = work.session.get(FundRequest, key, populate_existing=True)
    if stood is None:
        return None
    if own(work.principal, stood).input_hash != digest:
        raise Conflict(
            say("This plan was saved before, as {ref}, with another content.", ref=stood.ref),
            code="mdf.request.replayed",
            remedy=say("Open {ref} and change it there.", ref=stood.ref),
        )
    return stood


def revise(
    work: Work, request: FundRequest, plan: RequestPlan, *, revision: int | None = None
) -> None:
    """Replace the plan of a request that is not sent, or came back.

    `revision` is the one that was read; the same plan again changes nothing. Raises Conflict when
    somebody changed the plan since.
    """
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    if request.state not in {RequestState.DRAFT, RequestState.INFO_REQUESTED}:
        raise Conflict(say("A plan that was sent does not change."), code="mdf.request.sent")
    work.session.refresh(request, with_for_update=True)
    part = work.session.get_one(FundAllocation, request.allocation_id)
    digest = _digest(part, plan).hex()
    if revision == request.revision - 1 and request.trace.get("revised") == digest:
        return
    if revision not in (None, request.revision):
        raise Conflict(
            say("Somebody changed this plan while you had it open."),
            code="mdf.request.changed",
            remedy=say("Open it again in another tab, and copy over what is still missing."),
        )
    rows = _rows(work, part, plan)
    request.revision += 1
    request.trace = {**request.trace, "revised": digest}
    request.title = _title(work, plan)
    request.requested_minor = sum(row.requested_minor for row in rows)
    old = [activity.id for activity in activities_of(work.session, request.id)]
    work.session.execute(delete(FundCostLine).where(FundCostLine.activity_id.in_(old)))
    work.session.execute(delete(FundActivity).where(FundActivity.id.in_(old)))
    _write_down(work, request, plan, rows)
    log(work, request, "revised", spoken(asked_of(request)))


def _title(work: Work, plan: RequestPlan) -> str:
    first = work.session.get_one(Campaign, plan.activities[0].campaign_id).name
    others = len(plan.activities) - 1
    return plan.title.strip() or (f"{first} and {others} more" if others else first)


def _rows(work: Work, allocation: FundAllocation, plan: RequestPlan) -> list[FundActivity]:
    if not 0 < len(plan.activities) <= MOST_ACTIVITIES:
        words = say("Plan between 1 and {most} activities.", most=MOST_ACTIVITIES)
        raise Invalid(words, code="mdf.request.activities", fields={"activities": words})
    budget = work.session.get_one(FundBudget, allocation.budget_id)
    rules = deciding.rules_today(work.session, budget, work.now)
    pair = (allocation.vendor_id, allocation.partner_id)
    tier = work.session.get_one(Enrolment, pair).tier
    rows = []
    for at, each in enumerate(plan.activities):
        share = share_bps(rules, tier, each.kind)
        cost = cost_of(each.lines, allocation.currency, f"activities-{at}-lines")
        asked = positive(cost.share(share), allocation.currency, f"activities-{at}-lines")
        rows.append(
            FundActivity(
                id=new_id(),
                no=at + 1,
                vendor_id=allocation.vendor_id,
                partner_id=allocation.partner_id,
                campaign_id=_campaign(work, allocation, each).id,
                kind=slug(each.kind),
                starts_on=each.starts_on,
                ends_on=each.ends_on,
                state=ActivityState.PLANNED,
                share_bps=share,
                requested_minor=asked.minor,
                reason="",
                note="",
                facts={name: words.strip() for name, words in each.facts.items() if words.strip()},
                outcome={},
                way=_way(rules, each, f"activities-{at}-way"),
            )
        )
    return rows


def _way(rules: Programme, plan: ActivityPlan, place: str) -> str:
    able = ways.offered(rules, plan.kind)
    if plan.way and plan.way not in able:
        words = say("This fund does not settle this activity like that.")
        raise Invalid(words, code="mdf.request.way", fields={place: words})
    return plan.way or able[0]


def _campaign(work: Work, allocation: FundAllocation, plan: ActivityPlan) -> Campaign:
    one = select(Campaign).where(
        Campaign.id == plan.campaign_id, Campaign.vendor_id == allocation.vendor_id
    )
    return found(work.session.scalars(one).one_or_none())


def cost_of(lines: Sequence[PlanLine], currency: str, place: str) -> Money:
    """Return what the cost lines add up to; Invalid at the line that cannot be."""
    if not 0 < len(lines) <= MOST_LINES:
        words = say("Give between 1 and {most} cost lines.", most=MOST_LINES)
        raise Invalid(words, code="mdf.request.lines", fields={place: words})
    total = Money.zero(currency)
    for number, line in enumerate(lines):
        total += positive(line.amount, currency, f"{place}-{number}-amount")
        if not (line.label.strip() or line.kind):
            words = say("Say what this is for.")
            fields = {f"{place}-{number}-label": words}
            raise Invalid(words, code="mdf.request.lines", fields=fields)
    return total


def _write_down(
    work: Work, request: FundRequest, plan: RequestPlan, rows: Sequence[FundActivity]
) -> None:
    for row in rows:
        row.request_id = request.id
    work.session.add_all(rows)
    work.session.flush()  # the cost lines name the activities
    work.session.add_all(
        FundCostLine(
            activity_id=row.id,
            no=no,
            label=line.label.strip() or line.kind.replace("_", " ").capitalize(),
            amount_minor=line.amount.minor,
            kind=slug(line.kind),
        )
        for row, each in zip(rows, plan.activities, strict=True)
        for no, line in enumerate(each.lines, 1)
    )


def judge(work: Work, request: FundRequest) -> tuple[Check, ...]:
    """Return every rule of the programme a request is held against, now."""
    return deciding.checks_of(deciding.request_decision(work.session, request, now=work.now))


def submit(work: Work, request: FundRequest) -> None:
    """Send a request to the vendor; a second press changes nothing.

    Raises LimitReached with the first rule that stands in the way and what to do about it, Forbidden
    while the vendor's terms are not accepted.
    """
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    if request.state == RequestState.SUBMITTED:
        return
    require_accepted(work.session, request.vendor_id, request.partner_id, Act.PLAN)
    spending.check(work, asked_of(request))
    judged = deciding.request_judged(work.session, request, now=work.now)
    checks = deciding.checks_of(judged.decision)
    if stops := failed(checks):
        raise LimitReached(
            stops[0].words, code=f"mdf.request.{stops[0].code}", remedy=stops[0].remedy
        )
    move(
        work,
        request,
        RequestState.SUBMITTED,
        submitted_by=work.principal.user_id,
        submitted_at=work.now,
        answer_by=answer_day_of(work.session, request, work.now),
        trace={**request.trace, "checks": [asdict(check) for check in checks]},
    )
    deciding.keep(work, request, "sent", judged)
    log(work, request, "sent", say("asks for {amount}", amount=spoken(asked_of(request))))
    if not policy.approved(work, request, judged):
        letters.request_sent(work, request, levels.deciders(work.session, request, work.now))


def appeal(work: Work, request: FundRequest, *, words: str) -> None:
    """Ask once for another look at a refused plan; another person than who refused it decides.

    Raises Invalid without words, LimitReached after thirty days or a second time.
    """
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    if request.state == RequestState.APPEALED:
        return
    said = appeals.checked(work, request.decided_at, request.trace, words)
    move(
        work,
        request,
        RequestState.APPEALED,
        answer_by=answer_day_of(work.session, request, work.now),
        trace={**request.trace, "appealed_at": work.now.isoformat(), "appeal": said},
    )
    log(work, request, "appealed", said)
    letters.request_sent(work, request, levels.deciders(work.session, request, work.now))


def withdraw(work: Work, request: FundRequest) -> None:
    """Take a request back before it is decided."""
    work.require(Permission.REQUEST_FILE)
    own(work.principal, request)
    if request.state != RequestState.WITHDRAWN:
        move(work, request, RequestState.WITHDRAWN)
        log(work, request, "withdrawn", "")
