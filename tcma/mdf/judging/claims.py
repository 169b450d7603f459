"""A claim as a case of its programme, by the version in force at the plan's approval; and what it is worth."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tcma.db.documents import Document
from tcma.mdf import outcomes
from tcma.mdf.judging import deciding
from tcma.mdf.judging.versions import rules_of
from tcma.mdf.models.bank import BankAccount
from tcma.mdf.models.deadlines import ClaimExtension
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest, Proof
from tcma.mdf.papers import invoices as claim_papers
from tcma.mdf.papers import own_shares
from tcma.mdf.programme.document import MATCHED, Programme
from tcma.mdf.programme.settled import CASH
from tcma.mdf.programme.verdict import SHARE, Decision, Outcome, Step
from tcma.mdf.queries import activity_of, budget_of, names_of, vendor_of
from tcma.mdf.reasons import Reason
from tcma.mdf.rules import BROUGHT, COUNTED_CLAIM, Cut, ProofKind, Reimbursable
from tcma.mdf.words import spoken, spoken_share
from tcma.money import Money
from tcma.words import say


def rules_of_plan(session: Session, request: FundRequest, now: datetime) -> Programme:
    """Return the rules a plan stands under: those of its approval, those of today before it."""
    return rules_of(deciding.version_on(session, budget_of(session, request), at_of(request, now)))


ORDER_NUMBER = "order_number"
"""Where a plan's trace keeps what the desk calls its purchase order."""
GIVEN_NUMBER: ColumnElement[str | None] = FundRequest.trace[ORDER_NUMBER].astext
"""That number in a query; null without one."""


def at_of(request: FundRequest, now: datetime) -> datetime:
    """Return the instant whose version counts for a plan and its claims."""
    return (request.decided_at if request.claim_by else None) or now


def claim_judged(
    session: Session, request: FundRequest, claim: Claim, *, now: datetime
) -> deciding.Judged:
    """Decide a claim as it stands: everything the partner handed in, at the time it was filed."""
    version = deciding.version_on(session, budget_of(session, request), at_of(request, now))
    rules = rules_of(version)
    case = _case(session, request, claim, (rules, now))
    if rules.kind == MATCHED:
        case["partner_pays"] = deciding.major(own_shares.paid_of(session, claim))
    return deciding.judged(version, case)


def _case(
    session: Session, request: FundRequest, claim: Claim, by: tuple[Programme, datetime]
) -> dict[str, Any]:
    rules, now = by
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
        "partner": deciding.partner_facts(session, claim.vendor_id, claim.partner_id)
        | profiles(session, claim),
        "activities": [
            _as_done(activity) | {"costs": deciding.cost_lines(session, activity, claim.currency)}
        ],
        "request": {
            "ref": request.ref,
            "submitted_at": request.submitted_at.isoformat() if request.submitted_at else None,
            "approved_at": decided.isoformat() if decided else None,
            "approved": deciding.major(Money(activity.approved_minor or 0, claim.currency)),
            "remaining": deciding.major(claim_papers.left_for(session, claim)),
            "share": f"{activity.share_bps // 100}.{activity.share_bps % 100:02d}",
            "activities": [_as_approved(activity)],
            "order_number": order_number(request),
        },
        "invoices": claim_papers.invoice_facts(session, claim, counts=rules.invoice.counts),
        "proofs": _proofs(session, activity, claim),
        "claims_before": _before(session, claim),
    }
    if activity.way != CASH:
        case["settled_by"] = activity.way
    if fix_by := claim.trace.get("fix_by"):
        case["fix_by"] = fix_by
    if at := outcomes.results_at(activity.outcome):
        case["results_at"] = at
    if longer := _extension(session, activity):
        case["extension"] = longer
    return case


def _extension(session: Session, activity: FundActivity) -> dict[str, str] | None:
    """Return the newest day that somebody granted, with who it was."""
    one = select(ClaimExtension).where(
        ClaimExtension.activity_id == activity.id, ClaimExtension.state == "granted"
    )
    made = session.scalars(one.order_by(ClaimExtension.id.desc()).limit(1)).first()
    if made is None or made.until is None or made.decided_at is None:
        return None
    return {
        "until": made.until.isoformat(),
        "role": made.role,
        "by": names_of(session, made.decided_by)[made.decided_by],
        "approved_at": made.decided_at.isoformat(),
    }


def order_number(request: FundRequest) -> str:
    """Return what invoices name as the order: the vendor's number, else the plan's reference."""
    return str(request.trace.get(ORDER_NUMBER) or request.ref)


def _as_approved(activity: FundActivity) -> dict[str, Any]:
    facts = deciding.activity_facts(activity)
    return {**facts, **facts["facts"]}


def _as_done(activity: FundActivity) -> dict[str, Any]:
    """Return an activity as its partner says it was done; as approved where nothing else is said."""
    facts = deciding.activity_facts(activity)
    said = {**activity.outcome.get(outcomes.DONE, {}), **activity.outcome.get(outcomes.FACTS, {})}
    own = {name: deciding.fact(words) for name, words in said.items()}
    days = {name: own.pop(name) for name in ("starts_on", "ends_on") if name in own}
    return {**facts, **days, "facts": {**facts["facts"], **own}}


def profiles(session: Session, claim: Claim) -> dict[str, bool]:
    """Return whether the partner's bank details and tax number are on file with this vendor.

    The newest version of its account counts.
    """
    one = (
        select(BankAccount)
        .where(
            BankAccount.vendor_id == claim.vendor_id,
            BankAccount.partner_id == claim.partner_id,
        )
        .order_by(BankAccount.no.desc())
    )
    account = session.scalars(one.limit(1)).first()
    return {"bank_profile": account is not None, "tax_profile": bool(account and account.tax_id)}


def _before(session: Session, claim: Claim) -> int:
    counted = select(func.count()).where(
        Claim.activity_id == claim.activity_id,
        Claim.id != claim.id,
        Claim.state.in_(COUNTED_CLAIM),
        Claim.created_at < claim.created_at,
    )
    return int(session.execute(counted).scalar_one())


def _proofs(session: Session, activity: FundActivity, claim: Claim) -> list[dict[str, Any]]:
    """Return what is shown: by the programme's name where a person gave it one, else by its kind."""
    rows = session.execute(
        select(Proof.kind, Proof.title, Proof.source, Document.file_name)
        .join(Document, Document.id == Proof.document_id)
        .where(Proof.activity_id == activity.id)
        .order_by(Proof.kind, Proof.id)
    ).all()
    return [
        {
            "proof": row.title
            if row.kind == ProofKind.OTHER and row.source.count(":") > 1
            else row.kind,
            "files": 1,
            "file": row.file_name,
            # What a launch files stands under the claim in its signed case file.
            "names": row.file_name if row.source.startswith(BROUGHT) else claim.ref,
            "activity": 0,
        }
        for row in rows
    ]


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
        part = spoken_share(10_000 - share_bps)
        return say("Your part: {share} of {amount}.", share=part, amount=spoken(step.before))
    return step.words
