"""Who may not decide: whoever asked, whoever decided the step before, and the partner's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.errors import Conflict, Forbidden, NotFound
from tcma.mdf.models.amendments import Amendment
from tcma.mdf.models.approvals import ApprovalStep, FundApproval
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.queries import belongs_to, others_who_may, own
from tcma.mdf.rules import ClaimState
from tcma.permissions import Permission, Principal
from tcma.words import say

log = structlog.get_logger(__name__)

TAKEN_BACK_BY = "taken_back_by"
"""Where a claim's trace names who took its approval back; `decided_by` stays whoever approved."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The vendor that decides and the partner that asks."""

    vendor_id: UUID
    partner_id: UUID


def of_request(request: FundRequest) -> dict[UUID | None, str]:
    """Return who cannot decide a request, with the reason."""
    return {request.submitted_by: "You asked for this money"}


def of_claim(session: Session, request: FundRequest, claim: Claim) -> dict[UUID | None, str]:
    """Return who cannot decide a claim, with the reason: at whatever level they approved its plan."""
    found: dict[UUID | None, str] = {
        **dict.fromkeys(_approvers(session, request), "You approved the plan"),
        request.submitted_by: "You asked for this money",
        request.decided_by: "You approved the plan",
        claim.filed_by: "You filed this claim",
    }
    if claim.state == ClaimState.APPEALED:
        found[claim.decided_by] = "You refused this claim"
        if taken_back_by := claim.trace.get(TAKEN_BACK_BY):
            found[UUID(taken_back_by)] = "You refused this claim"
    return found


def _approvers(session: Session, request: FundRequest) -> list[UUID]:
    """Return who said yes to a plan or to a change of it, at any level."""
    plan = select(FundApproval.decided_by).where(FundApproval.request_id == request.id)
    changes = select(Amendment.id).where(
        Amendment.request_id == request.id, Amendment.state == "approved"
    )
    return [*session.scalars(plan), *session.scalars(_yeses("change", changes))]


def _yeses(subject: str, ids: Select[UUID]) -> Select[UUID]:
    return select(ApprovalStep.decided_by).where(
        ApprovalStep.subject == subject, ApprovalStep.subject_id.in_(ids)
    )


def _said_yes(session: Session, claim: Claim) -> set[UUID | None]:
    """Return who said yes to a claim, at any level, however often it was decided."""
    this = select(Claim.id).where(Claim.id == claim.id)
    return {claim.decided_by, *session.scalars(_yeses("claim", this))}


def of_dispute(session: Session, request: FundRequest, claim: Claim) -> dict[UUID | None, str]:
    """Return who cannot answer the dispute of a claim, with the reason."""
    decided = dict.fromkeys(_said_yes(session, claim), "You decided this claim")
    return of_claim(session, request, claim) | decided


def deciding(
    work: Work,
    claim: Claim,
    involved: Callable[[Session, FundRequest, Claim], dict[UUID | None, str]] = of_claim,
) -> FundRequest:
    """Return the plan of a claim that this principal may decide, else NotFound, Forbidden, Conflict.

    `involved` says who must not: of the claim, or of its dispute.
    """
    own(work.principal, claim)
    request = work.session.get_one(FundRequest, claim.request_id)
    require(
        work.session,
        work.principal,
        Permission.CLAIM_DECIDE,
        pair=Pair(claim.vendor_id, claim.partner_id),
        involved=involved(work.session, request, claim),
    )
    return request


def of_payment(session: Session, claim: Claim) -> dict[UUID | None, str]:
    """Return who cannot pay a claim, with the reason."""
    approved = dict.fromkeys(_said_yes(session, claim), "You approved the claim")
    return {**approved, claim.filed_by: "You filed this claim"}


def blocked(
    session: Session,
    principal: Principal,
    permission: Permission,
    *,
    pair: Pair,
    involved: Mapping[UUID | None, str],
) -> str:
    """Return why this person cannot decide, with who can; empty when it can."""
    who = principal.user_id
    if who is None:
        return "A signed-in person decides about money."
    if who in involved:
        others = others_who_may(
            session, pair.vendor_id, permission, not_these={i for i in involved if i} | {who}
        )
        can = f" {' or '.join(others)} can." if others else " Nobody else has the role yet."
        return f"{involved[who]}, so another person decides.{can}"
    if belongs_to(session, who, pair.partner_id):
        return "You belong to this partner, so another person decides."
    return ""


def require(
    session: Session,
    principal: Principal,
    permission: Permission,
    *,
    pair: Pair,
    involved: Mapping[UUID | None, str],
) -> None:
    """Raise Conflict unless a person apart from the case decides, NotFound for those of another
    vendor or partner, Forbidden without the permission; whoever tried is logged.
    """
    belongs = principal.vendor_id == pair.vendor_id or principal.partner_id == pair.partner_id
    if not (belongs or principal.is_system):
        _refused(principal, permission, "Of neither side.")
        raise NotFound
    if not principal.may(permission):
        _refused(principal, permission, f"As {principal.role.value}.")
        raise Forbidden(say("Your role cannot do this."), code=f"forbidden.{permission.value}")
    if words := blocked(session, principal, permission, pair=pair, involved=involved):
        _refused(principal, permission, words)
        raise Conflict(words, code="mdf.four_eyes", remedy=say("Ask a colleague to decide."))


def _refused(principal: Principal, permission: Permission, reason: str) -> None:
    log.warning(
        "decision refused",
        permission=permission.value,
        user_id=str(principal.user_id),
        reason=reason,
    )
