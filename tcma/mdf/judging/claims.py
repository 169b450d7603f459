"""A claim as a case of its programme, by the version in force at the plan's approval; and what it is worth."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcma.mdf.judging import deciding
from tcma.mdf.judging.versions import rules_of
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest, Proof
from tcma.mdf.papers import invoices as claim_papers
from tcma.mdf.papers import own_shares
from tcma.mdf.programme.document import MATCHED, Programme
from tcma.mdf.programme.verdict import SHARE, Decision, Outcome, Step
from tcma.mdf.queries import activity_of, budget_of, vendor_of
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import COUNTED_CLAIM, Cut, Reimbursable
from tcma.mdf.words import spoken, spoken_share
from tcma.money import Money


def rules_of_plan(session: Session, request: FundRequest, now: datetime) -> Programme:
    """Return the rules a plan stands under: those of its approval, those of today before it."""
    return rules_of(deciding.version_on(session, budget_of(session, request), at_of(request, now)))


def at_of(request: FundRequest, now: datetime) -> datetime:
    """Return the instant whose version counts for a plan and its claims."""
    return (request.decided_at if request.claim_by else None) or now


def claim_judged(
    session: Session, request: FundRequest, claim: Claim, *, now: datetime
) -> deciding.Judged:
    """Decide a claim as it stands: everything the partner handed in, at the time it was filed."""
    version = deciding.version_on(session, budget_of(session, request), at_of(request, now))
    case = _case(session, request, claim, now)
    if rules_of(version).kind == MATCHED:
        case["partner_pays"] = deciding.major(own_shares.paid_of(session, claim))
    return deciding.judged(version, case)


def _case(session: Session, request: FundRequest, claim: Claim, now: datetime) -> dict[str, Any]:
    decided = request.decided_at if request.claim_by else None
    activity = activity_of(session, claim)
    case: dict[str, Any] = {
        "kind": "claim",
        "ref": claim.ref,
        "title": request.title,
        "currency": claim.currency,
        "submitted_at": claim_papers.filed_or(claim, now).isoformat(),
        "judged_at": now.isoformat(),
        "vendor": vendor_of(session, claim.vendor_id).name,
        "partner": deciding.partner_facts(session, claim.vendor_id, claim.partner_id),
        "activities": [deciding.activity_facts(activity)],
        "request": {
            "ref": request.ref,
            "submitted_at": request.submitted_at.isoformat() if request.submitted_at else None,
            "approved_at": decided.isoformat() if decided else None,
            "approved": deciding.major(Money(activity.approved_minor or 0, claim.currency)),
            "remaining": deciding.major(claim_papers.left_for(session, claim)),
            "share": f"{activity.share_bps // 100}.{activity.share_bps % 100:02d}",
        },
        "invoices": claim_papers.invoice_facts(session, claim),
        "proofs": _proofs(session, activity),
        "claims_before": _before(session, claim),
    }
    if fix_by := claim.trace.get("fix_by"):
        case["fix_by"] = fix_by
    return case


def _before(session: Session, claim: Claim) -> int:
    counted = select(func.count()).where(
        Claim.activity_id == claim.activity_id,
        Claim.id != claim.id,
        Claim.state.in_(COUNTED_CLAIM),
        Claim.created_at < claim.created_at,
    )
    return int(session.execute(counted).scalar_one())


def _proofs(session: Session, activity: FundActivity) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Proof.kind, func.count())
        .where(Proof.activity_id == activity.id)
        .group_by(Proof.kind)
        .order_by(Proof.kind)
    ).all()
    return [{"proof": kind, "files": files, "activity": 0} for kind, files in rows]


def worth_of(decision: Decision, share_bps: int, net: Money) -> Reimbursable:
    """Return what the vendor owes and each cut on the way: net = amount + sum of the cuts."""
    cuts = [
        Cut(step.code, step.before - step.after, _words(step, share_bps))
        for step in decision.trace
        if step.before is not None and step.after is not None and step.code
    ]
    amount = decision.would_be
    if amount and (late := _late(decision)):
        cuts.append(Cut(Reason.LATE_CLAIM, amount, late.words))
        amount = Money.zero(amount.currency)
    return Reimbursable(net, amount, tuple(cuts))


def _late(decision: Decision) -> Step | None:
    wrong = (Outcome.RETURN, Outcome.REFUSE)
    return next(
        (s for s in decision.trace if s.rule == "claim.deadline" and s.outcome in wrong), None
    )


def _words(step: Step, share_bps: int) -> str:
    if step.code == SHARE and step.before is not None:
        return f"Your part: {spoken_share(10_000 - share_bps)} of {spoken(step.before)}."
    return step.words
