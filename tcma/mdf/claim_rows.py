"""Reads claims as list lines: by request, by state, for both sides."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from tcma.db.pages import Page, page_of
from tcma.db.scope import visible
from tcma.mdf.answer_days import Clocks
from tcma.mdf.models.funding import Claim, FundActivity, FundAllocation, FundBudget, FundRequest
from tcma.mdf.queries import is_about, shown
from tcma.mdf.records import About, ClaimRow
from tcma.mdf.rules import CLAIM_WAITS, ClaimState
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import Principal

_sibling = aliased(FundActivity)
_several = exists().where(
    _sibling.request_id == FundActivity.request_id, _sibling.id != FundActivity.id
)
TITLE = case(
    (_several, func.concat(FundRequest.title, ", activity ", FundActivity.no)),
    else_=FundRequest.title,
).label("title")
"""What a claim is called: its plan, and which of several activities."""


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Claim.id,
            Claim.ref,
            Claim.state,
            Claim.currency,
            Claim.amount_minor,
            Claim.approved_minor,
            Claim.filed_at,
            Claim.answer_by,
            FundRequest.ref.label("request_ref"),
            TITLE,
            FundActivity.claim_by,
            FundActivity.way,
            FundBudget.programme_id,
            Vendor.name.label("vendor_name"),
            Vendor.zone,
            Partner.name.label("partner_name"),
        )
        .join(FundRequest, FundRequest.id == Claim.request_id)
        .join(FundAllocation, FundAllocation.id == FundRequest.allocation_id)
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .join(FundActivity, FundActivity.id == Claim.activity_id)
        .join(Vendor, Vendor.id == Claim.vendor_id)
        .join(Partner, Partner.id == Claim.partner_id)
    )


def _row(row: Row[*tuple[Any, ...]], clocks: Clocks) -> ClaimRow:
    state = ClaimState(row.state)
    waits = state in CLAIM_WAITS and row.answer_by
    return ClaimRow(
        ref=row.ref,
        request_ref=row.request_ref,
        title=row.title,
        state=state,
        vendor_name=row.vendor_name,
        partner_name=row.partner_name,
        amount=Money(row.amount_minor, row.currency),
        approved=None if row.approved_minor is None else Money(row.approved_minor, row.currency),
        filed_at=row.filed_at,
        answer_by=row.answer_by,
        claim_by=row.claim_by,
        clock=clocks.until(row.answer_by, row.programme_id, row.zone) if waits else None,
        way=row.way,
    )


def claims(  # noqa: PLR0913 - the filters of the list
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    state: ClaimState | None = None,
    about: About | None = None,
    after: str | None = None,
) -> Page[ClaimRow]:
    """Return a page of the claims a principal may see, newest first."""
    rows = visible(_rows(), principal, Claim).where(shown(principal, Claim))
    rows = rows.where(*is_about(about or About()))
    if state:
        rows = rows.where(Claim.state == state)
    page = page_of(session, rows, [Claim.id], after=after)
    clocks = Clocks(session, now)
    return Page([_row(row, clocks) for row in page.rows], page.next)


def claim_rows(
    session: Session, principal: Principal, *, now: datetime, request_id: UUID
) -> list[ClaimRow]:
    """Return the claims of one request, first one first."""
    rows = visible(_rows(), principal, Claim).where(
        shown(principal, Claim), Claim.request_id == request_id
    )
    clocks = Clocks(session, now)
    return [_row(row, clocks) for row in session.execute(rows.order_by(Claim.id)).all()]


def row_of(session: Session, claim: Claim, *, now: datetime) -> ClaimRow:
    """Return the list line of a loaded claim."""
    row = session.execute(_rows().where(Claim.id == claim.id)).one()
    return _row(row, Clocks(session, now))
