"""What waits for the desk: plans, changes, questions for more time, claims, disputes, changes of funds."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.mdf import claim_rows
from tcma.mdf.answer_days import Clocks, answer_day
from tcma.mdf.case_files.reading import claim_checks
from tcma.mdf.deadlines import Clock
from tcma.mdf.funds import confirming
from tcma.mdf.models.amendments import Amendment
from tcma.mdf.models.deadlines import ClaimExtension
from tcma.mdf.models.disputes import OPEN, ClaimDispute
from tcma.mdf.models.funding import Claim, FundActivity, FundAllocation, FundBudget, FundRequest
from tcma.mdf.queries import fund_by_ref, vendor_of
from tcma.mdf.records import QueueRow
from tcma.mdf.requests import amending, extending
from tcma.mdf.requests.levels import yeses
from tcma.mdf.requests.seeing import seen_now
from tcma.mdf.rules import CLAIM_WAITS, REQUEST_WAITS, Check, ClaimState, failed
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal

LONGEST_QUEUE = 200


def queue(session: Session, principal: Principal, *, now: datetime) -> list[QueueRow]:
    """Return what waits for the desk: due first, then what failed most checks, then the sum."""
    rows = [
        *_waiting_requests(session, principal, now),
        *_waiting_changes(session, principal, now),
        *_waiting_extensions(session, principal, now),
        *_waiting_claims(session, principal, now),
        *waiting_disputes(session, principal, now),
        *_waiting_fund_changes(session, principal, now),
    ]
    return sorted(
        rows,
        key=lambda row: (
            row.answer_by or date.max,
            row.checks_ok - row.checks_all,
            -row.amount.minor,
            row.ref,
        ),
    )


def looked_at(session: Session, row: QueueRow, *, now: datetime) -> QueueRow:
    """Return a row with what the rules say to it now: other plans, papers and days moved on."""
    if row.judged is None:
        return row
    kind, row_id = row.judged
    if kind == "request":
        checks = seen_now(session, session.get_one(FundRequest, row_id), now=now).checks
    elif kind == "claim":
        claim = session.get_one(Claim, row_id)
        request = session.get_one(FundRequest, claim.request_id)
        checks = claim_checks(session, request, claim, now=now)
    else:
        checks = amending.checks_now(session, session.get_one(Amendment, row_id))
    wrong = failed(checks)
    return replace(
        row,
        checks_ok=len(checks) - len(wrong),
        checks_all=len(checks),
        concern=wrong[0].words if wrong else row.concern if kind == "change" else "",
    )


def _waiting_requests(session: Session, principal: Principal, now: datetime) -> list[QueueRow]:
    rows = session.execute(
        visible(
            _counted(select(FundRequest, Partner.name))
            .join(Partner, Partner.id == FundRequest.partner_id)
            .where(FundRequest.state.in_(REQUEST_WAITS))
            .order_by(FundRequest.answer_by)
            .limit(LONGEST_QUEUE),
            principal,
            FundRequest,
        )
    )
    waiting = rows.all()
    passed = yeses(session, [request for request, *_ in waiting])
    clocks = Clocks(session, now)
    return [
        _queued(
            "request",
            request,
            request.title,
            (name, clocks.until(request.answer_by, *by)),
            step=f"level {passed[request.id] + 1}" if passed[request.id] else "",
        )
        for request, name, *by in waiting
    ]


def _waiting_changes(session: Session, principal: Principal, now: datetime) -> list[QueueRow]:
    rows = session.execute(
        visible(
            _counted(
                select(Amendment, FundRequest, Partner.name).join(
                    FundRequest, FundRequest.id == Amendment.request_id
                )
            )
            .join(Partner, Partner.id == Amendment.partner_id)
            .where(Amendment.state == amending.WAITING)
            .order_by(Amendment.answer_by)
            .limit(LONGEST_QUEUE),
            principal,
            Amendment,
        )
    )
    clocks = Clocks(session, now)
    return [
        _queued_change(made, request, (name, clocks.until(made.answer_by, *by)))
        for made, request, name, *by in rows.all()
    ]


def _waiting_extensions(session: Session, principal: Principal, now: datetime) -> list[QueueRow]:
    rows = session.execute(
        visible(
            _counted(
                select(ClaimExtension, FundRequest, FundActivity.approved_minor, Partner.name).join(
                    FundRequest, FundRequest.id == ClaimExtension.request_id
                )
            )
            .join(FundActivity, FundActivity.id == ClaimExtension.activity_id)
            .join(Partner, Partner.id == ClaimExtension.partner_id)
            .where(ClaimExtension.state == extending.WAITING)
            .order_by(ClaimExtension.answer_by)
            .limit(LONGEST_QUEUE),
            principal,
            ClaimExtension,
        )
    )
    clocks = Clocks(session, now)
    return [
        QueueRow(
            kind="request",
            ref=request.ref,
            title=request.title,
            partner_name=name,
            amount=Money(granted or 0, request.currency),
            answer_by=made.answer_by,
            clock=clocks.until(made.answer_by, *by),
            checks_ok=0,
            checks_all=0,
            concern=made.words,
            step="more time",
        )
        for made, request, granted, name, *by in rows.all()
    ]


def _queued_change(made: Amendment, request: FundRequest, who: tuple[str, Clock]) -> QueueRow:
    checks = [Check(**each) for each in made.trace.get("checks", ())]
    wrong = failed(checks)
    return QueueRow(
        kind="request",
        ref=request.ref,
        title=request.title,
        partner_name=who[0],
        amount=Money(made.requested_minor, request.currency),
        answer_by=made.answer_by,
        clock=who[1],
        checks_ok=len(checks) - len(wrong),
        checks_all=len(checks),
        concern=wrong[0].words if wrong else made.words,
        step="a change",
        judged=("change", made.id),
    )


def _named_claims() -> Select[*tuple[Any, ...]]:
    """Claims with what a queue calls them: title, partner, and what their clock goes by."""
    named = select(Claim, claim_rows.TITLE, Partner.name)
    return (
        _counted(named.join(FundRequest, FundRequest.id == Claim.request_id))
        .join(FundActivity, FundActivity.id == Claim.activity_id)
        .join(Partner, Partner.id == Claim.partner_id)
        .limit(LONGEST_QUEUE)
    )


def _counted(rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Give rows about a plan what `Clocks.until` asks for: the programme, the vendor's zone."""
    return (
        rows.add_columns(FundBudget.programme_id, Vendor.zone)
        .join(FundAllocation, FundAllocation.id == FundRequest.allocation_id)
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .join(Vendor, Vendor.id == FundRequest.vendor_id)
    )


def _waiting_claims(session: Session, principal: Principal, now: datetime) -> list[QueueRow]:
    waiting = _named_claims().where(Claim.state.in_(CLAIM_WAITS)).order_by(Claim.answer_by)
    rows = session.execute(visible(waiting, principal, Claim))
    clocks = Clocks(session, now)
    return [
        _queued("claim", claim, title, (name, clocks.until(claim.answer_by, *by)))
        for claim, title, name, *by in rows.all()
    ]


def waiting_disputes(session: Session, principal: Principal, now: datetime) -> list[QueueRow]:
    """Return the disputes that wait for an answer, of what a principal may see."""
    waiting = (
        _named_claims()
        .join(ClaimDispute, ClaimDispute.claim_id == Claim.id)
        .add_columns(ClaimDispute)
        .where(ClaimDispute.state == OPEN)
        .order_by(ClaimDispute.answer_by)
    )
    rows = session.execute(visible(waiting, principal, ClaimDispute))
    clocks = Clocks(session, now)
    return [
        QueueRow(
            kind="claim",
            ref=claim.ref,
            title=title,
            partner_name=name,
            amount=Money(dispute.asked_minor, claim.currency),
            answer_by=dispute.answer_by,
            clock=clocks.until(dispute.answer_by, *by),
            checks_ok=0,
            checks_all=0,
            concern=dispute.words,
            step="a dispute",
        )
        for claim, title, name, *by, dispute in rows.all()
    ]


def _waiting_fund_changes(session: Session, principal: Principal, now: datetime) -> list[QueueRow]:
    """Return what colleagues asked of funds and a second person confirms; the same clock as others."""
    lines = confirming.waiting_for(session, principal, now=now)
    if not lines:
        return []
    vendor = vendor_of(session, found(principal.vendor_id))
    clocks = Clocks(session, now)
    funds = {line.fund_ref: fund_by_ref(session, principal, line.fund_ref) for line in lines}
    due = [answer_day(session, funds[line.fund_ref], line.asked_at) for line in lines]
    return [
        QueueRow(
            kind="fund",
            ref=line.fund_ref,
            title=f"{line.words}?",
            partner_name=line.partner,
            amount=line.amount or Money.zero(vendor.currency),
            answer_by=day,
            clock=clocks.until(day, funds[line.fund_ref].programme_id, vendor.zone),
            checks_ok=0,
            checks_all=0,
            concern=line.blocked or f"{line.asked_by}: {line.reason}",
            step="waits for a second person" if line.blocked else "waits for you",
        )
        for line, day in zip(lines, due, strict=True)
    ]


def _queued(
    kind: str,
    row: FundRequest | Claim,
    title: str,
    waits: tuple[str, Clock],
    *,
    step: str = "",
) -> QueueRow:
    partner, clock = waits
    checks = [Check(**each) for each in row.trace.get("checks", ())]
    wrong = failed(checks)
    minor = row.requested_minor if isinstance(row, FundRequest) else row.amount_minor
    return QueueRow(
        kind=kind,
        ref=row.ref,
        title=title,
        partner_name=partner,
        amount=Money(minor, row.currency),
        answer_by=row.answer_by,
        clock=clock,
        checks_ok=len(checks) - len(wrong),
        checks_all=len(checks),
        concern=wrong[0].words if wrong else "",
        step=step or ("appeal" if row.state == ClaimState.APPEALED else ""),
        judged=(kind, row.id),
    )
