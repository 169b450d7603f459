"""Finds funds, requests, claims and batches a principal may see, and what their accounts hold."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session

from tcma.accounts.models import Membership, UserAccount
from tcma.accounts.rules import MembershipState
from tcma.db.audit import AuditEntry
from tcma.db.documents import Document
from tcma.db.scope import found, visible
from tcma.db.sentences import words_of
from tcma.errors import NotFound
from tcma.launches.models import Launch
from tcma.library.models import Campaign
from tcma.mdf.models.disputes import OPEN, ClaimDispute
from tcma.mdf.models.funding import (
    ActivityLaunch,
    Claim,
    FundActivity,
    FundAllocation,
    FundBudget,
    FundRequest,
)
from tcma.mdf.models.ledger import LedgerAccount
from tcma.mdf.models.payments import Payment, PaymentBatch
from tcma.mdf.records import About, Event
from tcma.mdf.rules import (
    FILED_CLAIM,
    TAKING_CLAIM,
    AccountKind,
    ActivityState,
    ClaimState,
    RequestState,
)
from tcma.money import Money
from tcma.partners.models import Partner, Vendor
from tcma.permissions import ROLE_PERMISSIONS, Permission, Principal

Told = TypeVar("Told")
Row = TypeVar("Row", FundBudget, FundAllocation, FundRequest, Claim, PaymentBatch, Payment)


def own(principal: Principal, row: Row) -> Row:
    """Return the row when it is this principal's, else raise NotFound; verbs trust nobody."""
    if principal.is_system:
        return row
    partner_id = getattr(row, "partner_id", None)
    if principal.vendor_id and row.vendor_id == principal.vendor_id:
        return row
    if principal.partner_id and partner_id == principal.partner_id:
        return row
    raise NotFound


def shown(principal: Principal, table: type[FundRequest] | type[Claim]) -> ColumnElement[bool]:
    """Return the condition that keeps a partner's drafts from everybody else, thrown away or not."""
    if principal.partner_id or principal.is_system:
        return true()
    if table is Claim:
        thrown_away = (Claim.state == ClaimState.WITHDRAWN) & Claim.filed_at.is_(None)
        return (Claim.state != ClaimState.DRAFT) & ~thrown_away
    return table.state != RequestState.DRAFT


def is_about(about: About) -> list[ColumnElement[bool]]:
    """Return the conditions on a request that `about` asks for."""
    conditions: list[ColumnElement[bool]] = []
    if about.fund:
        of_fund = (
            select(FundAllocation.id)
            .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
            .where(FundBudget.ref == about.fund)
        )
        conditions.append(FundRequest.allocation_id.in_(of_fund))
    if about.partner:
        named = select(Partner.id).where(Partner.slug == about.partner)
        conditions.append(FundRequest.partner_id.in_(named))
    activity = select(FundActivity.request_id)
    if about.campaign:
        of_campaign = activity.join(Campaign, Campaign.id == FundActivity.campaign_id).where(
            Campaign.slug == about.campaign
        )
        conditions.append(FundRequest.id.in_(of_campaign))
    if about.launch:
        of_launch = (
            activity.join(ActivityLaunch, ActivityLaunch.activity_id == FundActivity.id)
            .join(Launch, Launch.id == ActivityLaunch.launch_id)
            .where(Launch.ref == about.launch)
        )
        conditions.append(FundRequest.id.in_(of_launch))
    return conditions


def _one(
    session: Session, principal: Principal, table: type[Row], *conditions: ColumnElement[bool]
) -> Row:
    one = visible(select(table).where(*conditions), principal, table)
    row: Row | None = session.scalars(one).one_or_none()
    return found(row)


def fund_by_ref(session: Session, principal: Principal, ref: str) -> FundBudget:
    """Return the vendor's fund; NotFound for everybody else."""
    return _one(session, principal, FundBudget, FundBudget.ref == ref)


def request_by_ref(session: Session, principal: Principal, ref: str) -> FundRequest:
    """Return a request of this vendor or partner."""
    drafts = shown(principal, FundRequest)
    return _one(session, principal, FundRequest, FundRequest.ref == ref, drafts)


def claim_by_ref(session: Session, principal: Principal, ref: str) -> Claim:
    """Return a claim of this vendor or partner."""
    drafts = shown(principal, Claim)
    return _one(session, principal, Claim, Claim.ref == ref, drafts)


def batch_by_ref(session: Session, principal: Principal, ref: str) -> PaymentBatch:
    """Return a payment batch of this vendor."""
    return _one(session, principal, PaymentBatch, PaymentBatch.ref == ref)


def payment_by_id(session: Session, principal: Principal, payment_id: UUID) -> Payment:
    """Return one payment of this vendor or partner."""
    return _one(session, principal, Payment, Payment.id == payment_id)


def document_by_id(session: Session, principal: Principal, document_id: UUID) -> Document:
    """Return a proof, invoice or export this principal may open; bytes are at its `key`."""
    one = select(Document).where(Document.id == document_id)
    row: Document | None = session.scalars(visible(one, principal, Document)).one_or_none()
    return found(row)


def allocation_by_fund(session: Session, principal: Principal, fund_ref: str) -> FundAllocation:
    """Return the partner's part of the fund with that reference."""
    one = (
        select(FundAllocation)
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .where(FundBudget.ref == fund_ref)
    )
    row: FundAllocation | None = session.scalars(
        visible(one, principal, FundAllocation)
    ).one_or_none()
    return found(row)


def part_by_partner(
    session: Session, principal: Principal, fund_ref: str, slug: str
) -> FundAllocation:
    """Return a partner's part of the vendor's fund, by the partner's short name."""
    one = (
        select(FundAllocation)
        .join(FundBudget, FundBudget.id == FundAllocation.budget_id)
        .join(Partner, Partner.id == FundAllocation.partner_id)
        .where(FundBudget.ref == fund_ref, Partner.slug == slug)
    )
    row: FundAllocation | None = session.scalars(
        visible(one, principal, FundAllocation)
    ).one_or_none()
    return found(row)


def budget_of(session: Session, request: FundRequest) -> FundBudget:
    """Return the fund a request asks."""
    one = (
        select(FundBudget)
        .join(FundAllocation, FundAllocation.budget_id == FundBudget.id)
        .where(FundAllocation.id == request.allocation_id)
    )
    return session.scalars(one).one()


def budget_of_claim(session: Session, claim: Claim) -> FundBudget:
    """Return the fund that pays a claim."""
    return budget_of(session, session.get_one(FundRequest, claim.request_id))


def vendor_of(session: Session, vendor_id: UUID) -> Vendor:
    """Return the vendor whose zone and name the rules speak in."""
    return remembered(session, session.get_one(Vendor, vendor_id))


def remembered(session: Session, row: Told) -> Told:
    """Keep a row that verbs ask for again and again to the end of its transaction, and return it.

    A session forgets what nobody holds and reads it anew: a verb asked for its vendor ten times.
    """
    session.info.setdefault("remembered", set()).add(row)
    return row


def activities_of(session: Session, request_id: UUID) -> list[FundActivity]:
    """Return what a request pays for, as the partner wrote it down."""
    some = select(FundActivity).where(FundActivity.request_id == request_id)
    return list(session.scalars(some.order_by(FundActivity.no)))


def activity_at(session: Session, request: FundRequest, no: int) -> FundActivity:
    """Return the activity of a request with that number; else NotFound."""
    return found(next((row for row in activities_of(session, request.id) if row.no == no), None))


def activity_of(session: Session, claim: Claim) -> FundActivity:
    """Return what a claim asks money back for."""
    return session.get_one(FundActivity, claim.activity_id)


def waiting_claim(session: Session, of: ColumnElement[bool]) -> str:
    """Return the reference of a claim that waits for an answer, also to an appeal or a dispute."""
    disputed = exists().where(ClaimDispute.claim_id == Claim.id, ClaimDispute.state == OPEN)
    waits = or_(Claim.state.in_((*FILED_CLAIM, ClaimState.APPEALED)), disputed)
    return session.scalar(select(Claim.ref).where(of, waits).order_by(Claim.id).limit(1)) or ""


def left_of(session: Session, activity: FundActivity, *, besides: UUID | None = None) -> Money:
    """Return what of an approved activity is neither owed nor filed; `besides` leaves a claim out.

    The sum over a plan's activities is what its ledger account holds, less what is filed and what
    open disputes have set aside. What an upheld one brought from beyond the plan uses none of it.
    """
    left = untaken(session, activity, besides=besides)
    return left if activity.state == ActivityState.APPROVED else Money.zero(left.currency)


def untaken(session: Session, activity: FundActivity, *, besides: UUID | None = None) -> Money:
    """Return what of the granted sum no claim took, also where the activity is closed by now."""
    currency = session.get_one(FundRequest, activity.request_id).currency
    taken = select(
        func.coalesce(func.sum(func.coalesce(Claim.approved_minor, Claim.amount_minor)), 0)
    ).where(Claim.activity_id == activity.id, Claim.state.in_(TAKING_CLAIM))
    if besides:
        taken = taken.where(Claim.id != besides)
    beyond = (
        select(func.coalesce(func.sum(ClaimDispute.held_minor), 0))
        .join(Claim, Claim.id == ClaimDispute.claim_id)
        .where(Claim.activity_id == activity.id, ClaimDispute.supplement_id.is_not(None))
    )
    used = int(session.scalars(taken).one()) - int(session.scalars(beyond).one())
    return Money((activity.approved_minor or 0) - used, currency)


def balance(
    session: Session,
    kind: AccountKind,
    *,
    currency: str,
    chain_id: UUID | None = None,
    **owner: UUID,
) -> Money:
    """Return what the accounts of `kind` hold, of one fund, allocation, request or claim."""
    total: Select[Any] = select(func.coalesce(func.sum(LedgerAccount.balance), 0)).where(
        LedgerAccount.kind == kind
    )
    if chain_id:
        total = total.where(LedgerAccount.chain_id == chain_id)
    for name, value in owner.items():
        total = total.where(getattr(LedgerAccount, name) == value)
    return Money(int(session.execute(total).scalar_one()), currency)


def given(session: Session, allocation: FundAllocation) -> Money:
    """Return a partner's whole part of a fund: what is free, bound, owed, paid and what lapsed."""
    held = select(func.coalesce(func.sum(LedgerAccount.balance), 0)).where(
        LedgerAccount.allocation_id == allocation.id
    )
    return Money(int(session.execute(held).scalar_one()), allocation.currency)


def remaining_of(session: Session, request: FundRequest) -> Money:
    """Return what of all approved activities of a plan is neither owed nor filed."""
    left = Money.zero(request.currency)
    for activity in activities_of(session, request.id):
        left += left_of(session, activity)
    return left


def names_of(session: Session, *user_ids: UUID | None) -> dict[UUID | None, str]:
    """Return the names of people by id; nobody is an empty name."""
    ids = [user_id for user_id in user_ids if user_id]
    rows = session.execute(
        select(UserAccount.id, UserAccount.name).where(UserAccount.id.in_(ids))
    ).all()
    return {None: "", **dict.fromkeys(ids, ""), **{row.id: row.name for row in rows}}


def others_who_may(
    session: Session, vendor_id: UUID, permission: Permission, *, not_these: set[UUID]
) -> list[str]:
    """Return the names of the vendor's people whose role carries `permission`."""
    roles = [role.value for role, may in ROLE_PERMISSIONS.items() if permission in may]
    rows = session.scalars(
        select(UserAccount.name)
        .join(Membership, Membership.user_id == UserAccount.id)
        .where(
            Membership.vendor_id == vendor_id,
            Membership.state == MembershipState.ACTIVE,
            Membership.role.in_(roles),
            UserAccount.id.not_in(not_these),
        )
        .order_by(UserAccount.name)
    )
    return list(rows)


def belongs_to(session: Session, user_id: UUID, partner_id: UUID) -> bool:
    """Say whether a person is also on the partner's side."""
    one = select(Membership.id).where(
        Membership.user_id == user_id,
        Membership.partner_id == partner_id,
        Membership.state != MembershipState.ENDED,
    )
    return session.scalar(one.limit(1)) is not None


def timeline(session: Session, subject: str, subject_id: UUID) -> tuple[Event, ...]:
    """Return an object's history, oldest first."""
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.actor_name, AuditEntry.verb, AuditEntry.detail)
        .where(AuditEntry.subject == subject, AuditEntry.subject_id == str(subject_id))
        .order_by(AuditEntry.id)
    )
    return tuple(Event(row.at, row.actor_name, row.verb, words_of(row.detail)) for row in rows)


def asked_of(request: FundRequest) -> Money:
    """Return what a request asks for: the vendor's share of its planned cost."""
    return Money(request.requested_minor, request.currency)
