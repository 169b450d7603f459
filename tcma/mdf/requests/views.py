"""Reads fund requests: lists for both sides, and one request with all that explains it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.db.scope import visible
from tcma.launches.models import Launch
from tcma.library.models import Campaign
from tcma.mdf import appeals, outcomes
from tcma.mdf.answer_days import Clocks
from tcma.mdf.case_files import reading as case_file
from tcma.mdf.claim_rows import claim_rows
from tcma.mdf.judging.claims import GIVEN_NUMBER, rules_of_plan
from tcma.mdf.judging.kept import why_of
from tcma.mdf.kind_words import kind_name
from tcma.mdf.models.funding import (
    ActivityLaunch,
    FundActivity,
    FundAllocation,
    FundBudget,
    FundCostLine,
    FundRequest,
)
from tcma.mdf.plan_line import ActivityLine, CostLine, Where
from tcma.mdf.programme.document import Programme
from tcma.mdf.programme.fact_words import fact_words
from tcma.mdf.queries import (
    budget_of,
    is_about,
    left_of,
    names_of,
    remaining_of,
    request_by_ref,
    shown,
    timeline,
)
from tcma.mdf.records import About, RequestDetail, RequestRow
from tcma.mdf.requests import amending, extending, holding, levels, reserving, seeing, signs
from tcma.mdf.rules import REQUEST_WAITS, ActivityState, RequestState
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Permission, Principal
from tcma.words import joined, say

Rows = Select[*tuple[Any, ...]]
One = Row[*tuple[Any, ...]]


def _rows() -> Rows:
    first = (
        select(FundActivity.campaign_id)
        .where(FundActivity.request_id == FundRequest.id)
        .order_by(FundActivity.no)
        .limit(1)
        .scalar_subquery()
    )
    of_request = FundActivity.request_id == FundRequest.id
    starts = select(func.min(FundActivity.starts_on)).where(of_request)
    ends = select(func.max(FundActivity.ends_on)).where(of_request)
    return (
        select(
            FundRequest.id,
            FundRequest.ref,
            FundRequest.title,
            FundRequest.state,
            FundRequest.currency,
            FundRequest.requested_minor,
            FundRequest.approved_minor,
            FundRequest.submitted_at,
            FundRequest.answer_by,
            FundRequest.claim_by,
            GIVEN_NUMBER.label("order_number"),
            FundBudget.ref.label("fund_ref"),
            FundBudget.programme_id,
            signs.EXPIRED.label("expired"),
            FundBudget.name.label("fund_name"),
            Vendor.name.label("vendor_name"),
            Vendor.zone,
            Partner.name.label("partner_name"),
            Campaign.name.label("campaign"),
            Campaign.slug.label("campaign_slug"),
            starts.scalar_subquery().label("starts_on"),
            ends.scalar_subquery().label("ends_on"),
        )
        .join(FundAllocation, FundAllocation.id == FundRequest.allocation_id)
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .join(Vendor, Vendor.id == FundRequest.vendor_id)
        .join(Partner, Partner.id == FundRequest.partner_id)
        .join(Campaign, Campaign.id == first)
    )


def request_row(row: One, clocks: Clocks) -> RequestRow:
    """Return a list line from the columns of a request."""
    state = RequestState(row.state)
    waits = state in REQUEST_WAITS and row.answer_by
    return RequestRow(
        ref=row.ref,
        title=row.title,
        state=state,
        shown=RequestState.EXPIRED if row.expired else state,
        vendor_name=row.vendor_name,
        partner_name=row.partner_name,
        fund_ref=row.fund_ref,
        fund_name=row.fund_name,
        campaign=row.campaign,
        campaign_slug=row.campaign_slug,
        requested=Money(row.requested_minor, row.currency),
        approved=None if row.approved_minor is None else Money(row.approved_minor, row.currency),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        submitted_at=row.submitted_at,
        answer_by=row.answer_by,
        claim_by=row.claim_by,
        clock=clocks.until(row.answer_by, row.programme_id, row.zone) if waits else None,
        order_number=row.order_number or "",
    )


def requests(  # noqa: PLR0913 - the filters of the list
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    state: RequestState | None = None,
    about: About | None = None,
    after: str | None = None,
) -> Page[RequestRow]:
    """Return a page of the requests a principal may see, newest first."""
    rows = visible(_rows(), principal, FundRequest).where(shown(principal, FundRequest))
    rows = rows.where(*is_about(about or About()))
    if state:
        rows = rows.where(FundRequest.state == state)
    page = page_of(session, rows, [FundRequest.id], after=after)
    clocks = Clocks(session, now)
    return Page([request_row(row, clocks) for row in page.rows], page.next)


def requests_for_campaign(
    session: Session, principal: Principal, campaign_id: UUID, *, now: datetime
) -> list[RequestRow]:
    """Return the approved requests that may pay for a launch of this campaign."""
    of_campaign = select(FundActivity.request_id).where(FundActivity.campaign_id == campaign_id)
    rows = visible(_rows(), principal, FundRequest).where(
        FundRequest.state == RequestState.APPROVED, FundRequest.id.in_(of_campaign)
    )
    rows = rows.order_by(FundRequest.claim_by, FundRequest.id)
    clocks = Clocks(session, now)
    return [request_row(row, clocks) for row in session.execute(rows).all()]


def requests_of_launch(
    session: Session, principal: Principal, launch_id: UUID, *, now: datetime
) -> list[RequestRow]:
    """Return the requests whose money a launch spends."""
    of_launch = (
        select(FundActivity.request_id)
        .join(ActivityLaunch, ActivityLaunch.activity_id == FundActivity.id)
        .where(ActivityLaunch.launch_id == launch_id)
    )
    rows = visible(_rows(), principal, FundRequest).where(FundRequest.id.in_(of_launch))
    rows = rows.order_by(FundRequest.id)
    clocks = Clocks(session, now)
    return [request_row(row, clocks) for row in session.execute(rows).all()]


def row_of(session: Session, request: FundRequest, *, now: datetime) -> RequestRow:
    """Return the list line of a loaded request."""
    row = session.execute(_rows().where(FundRequest.id == request.id)).one()
    return request_row(row, Clocks(session, now))


def request_detail(
    session: Session, principal: Principal, ref: str, *, now: datetime
) -> RequestDetail:
    """Return one request with plan, checks, case file, claims and history; else NotFound."""
    request = request_by_ref(session, principal, ref)
    activities = activity_lines(session, request, now=now)
    planned = sum((each.planned for each in activities), Money.zero(request.currency))
    names = names_of(session, request.submitted_by, request.decided_by)
    seen = seeing.seen_now(session, request, now=now)
    return RequestDetail(
        row=row_of(session, request, now=now),
        id=request.id,
        planned=planned,
        own_part=planned - Money(request.requested_minor, request.currency),
        activities=activities,
        checks=seen.checks,
        since_sent=seen.changed,
        extensions=extending.extensions(session, principal, request),
        extendable=extending.may_ask(session, request, now),
        suggested=seen.suggested,
        mark=seen.mark,
        case_file=tuple(case_file.checklist(session, request, now=now)),
        note=request.note,
        remaining=remaining_of(session, request),
        claims=tuple(claim_rows(session, principal, now=now, request_id=request.id)),
        timeline=timeline(session, "fund_request", request.id),
        asked_by=names[request.submitted_by],
        decided_by=names[request.decided_by]
        or (say("The programme") if request.decided_at else ""),
        blocked=_blocked(session, principal, request, now),
        standing=_standing(session, request, now),
        changes=amending.amendments(session, principal, request, now),
        why=why_of(session, "request", request.id),
    )


def _standing(session: Session, request: FundRequest, now: datetime) -> Where:
    stand = levels.standing(session, request)
    waits = request.state in REQUEST_WAITS
    fix_by = request.trace.get("fix_by") if request.state == RequestState.INFO_REQUESTED else None
    until = appeals.open_until(request.decided_at, request.trace)
    kept = request.trace.get("policy")
    return Where(
        level=stand.number if waits else 0,
        levels=len(stand.levels),
        yeses=levels.level_words(session, request),
        reason=request.trace.get("reason", ""),
        fix_by=date.fromisoformat(fix_by) if fix_by else None,
        place=holding.place_in_line(session, request),
        available=reserving.available(session, request),
        pooled=budget_of(session, request).pooled,
        appeal_until=until
        if request.state == RequestState.REJECTED and until and now <= until
        else None,
        appeal=request.trace.get("appeal", ""),
        policy=_policy_words(kept) if kept else "",
    )


def _policy_words(kept: dict[str, Any]) -> str:
    told = {"n": kept["ticket"], "seed": kept["seed"][:12]}
    went = say("This one was not drawn: ticket {n} of 10000, seed {seed}…", **told)
    if kept["to_a_person"]:
        went = say("This one was drawn: ticket {n} of 10000, seed {seed}…", **told)
    share = say(
        "{share} % of plans up to {sum} are drawn for a person.",
        share=kept["sampled"],
        sum=kept["up_to"],
    )
    return joined(share, went)


def _blocked(session: Session, principal: Principal, request: FundRequest, now: datetime) -> str:
    if not principal.may(Permission.REQUEST_DECIDE) or principal.partner_id:
        return ""
    return levels.blocked(session, principal, request, now)


def activity_lines(
    session: Session, request: FundRequest, *, now: datetime, only: UUID | None = None
) -> tuple[ActivityLine, ...]:
    """Return a request's activities as both sides see them, or one of them."""
    rows = session.execute(
        select(FundActivity, Campaign)
        .join(Campaign, Campaign.id == FundActivity.campaign_id)
        .where(FundActivity.request_id == request.id)
        .order_by(FundActivity.no)
    )
    rules = rules_of_plan(session, request, now)
    return tuple(
        _activity(session, request, rules, (row, campaign), now)
        for row, campaign in rows
        if only in (None, row.id)
    )


def _activity(
    session: Session,
    request: FundRequest,
    rules: Programme,
    of: tuple[FundActivity, Campaign],
    now: datetime,
) -> ActivityLine:
    row, campaign = of

    def money(minor: int) -> Money:
        return Money(minor, request.currency)

    lines = _lines(session, row.id, request.currency)
    return ActivityLine(
        id=row.id,
        no=row.no,
        kind=row.kind,
        kind_name=kind_name(rules, row.kind),
        state=ActivityState(row.state),
        stage=signs.stage(session, row, now),
        share_bps=row.share_bps,
        planned=sum((line.amount for line in lines), money(0)),
        requested=money(row.requested_minor),
        approved=None if row.approved_minor is None else money(row.approved_minor),
        left=left_of(session, row),
        claim_by=row.claim_by,
        reason=row.reason,
        note=row.note,
        campaign=campaign.name,
        campaign_slug=campaign.slug,
        campaign_id=campaign.id,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        lines=lines,
        launches=_launches(session, row.id),
        facts=tuple((name, fact_words(name), said) for name, said in row.facts.items()),
        outcome=tuple((fact_words(name), said) for name, said in outcomes.told(row.outcome)),
        way=row.way,
    )


def _lines(session: Session, activity_id: UUID, currency: str) -> tuple[CostLine, ...]:
    rows = session.execute(
        select(FundCostLine.label, FundCostLine.amount_minor, FundCostLine.kind)
        .where(FundCostLine.activity_id == activity_id)
        .order_by(FundCostLine.no)
    )
    return tuple(CostLine(row.label, Money(row.amount_minor, currency), row.kind) for row in rows)


def _launches(session: Session, activity_id: UUID) -> tuple[str, ...]:
    refs = (
        select(Launch.ref)
        .join(ActivityLaunch, ActivityLaunch.launch_id == Launch.id)
        .where(ActivityLaunch.activity_id == activity_id)
        .order_by(Launch.id)
    )
    return tuple(session.scalars(refs))
