"""Rows become a case, a programme's version decides it, and the decision is kept with its trace."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.ids import new_id
from tcma.mdf.deadlines import local_day
from tcma.mdf.judging.spent import history
from tcma.mdf.judging.versions import in_force, rules_of
from tcma.mdf.models.bank import PayoutHold
from tcma.mdf.models.funding import (
    Claim,
    FundActivity,
    FundBudget,
    FundCostLine,
    FundRequest,
)
from tcma.mdf.models.programmes import Judgement, ProgrammeVersion
from tcma.mdf.programme.case_reading import load
from tcma.mdf.programme.document import Programme
from tcma.mdf.programme.judge import judge
from tcma.mdf.programme.timing import anchors, last_day
from tcma.mdf.programme.verdict import Decision, Outcome, Record, Step
from tcma.mdf.queries import activities_of, balance, budget_of, remembered, vendor_of
from tcma.mdf.rules import REQUEST_WAITS, AccountKind, Check, RequestState
from tcma.money import Money
from tcma.partners.models import Enrolment, Partner

CHECK_CODES = {
    "activity.dates": "dates",
    "request.deadline": "notice",
    "fund.period": "period",
    "request.maximum": "cap",
    "fund.available": "available",
}
"""Rules that pages and mails know by a short name."""
SILENT = {"version", "activity.listed", "costs.eligible", "share", "asked"}
"""Steps that are no check while they are good: they only say how the sum came about."""
FOREVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision with the version that made it and the case it was made from."""

    version: ProgrammeVersion
    rules: Programme
    case_text: str
    decision: Decision


def judged(version: ProgrammeVersion, case: dict[str, Any]) -> Judged:
    """Decide a case by one version."""
    return judged_text(version, json.dumps(case, ensure_ascii=False, sort_keys=True))


def judged_text(version: ProgrammeVersion, text: str) -> Judged:
    """Decide a case that was kept: the same text and version give the same decision."""
    rules = rules_of(version)
    case = load(text, currency=rules.currency, zone=rules.calendar.zone)
    return Judged(version, rules, text, judge(rules, case))


def rules_today(session: Session, budget: FundBudget, now: datetime) -> Programme:
    """Return the rules of a fund that are in force now."""
    return rules_of(version_on(session, budget, now))


def rules_of_request(session: Session, request: FundRequest, at: datetime) -> Programme:
    """Return the rules of a request's fund that were in force at `at`."""
    return rules_of(version_on(session, budget_of(session, request), at))


def version_on(session: Session, budget: FundBudget, at: datetime) -> ProgrammeVersion:
    """Return the version of a fund's programme on the vendor's day of `at`."""
    zone = vendor_of(session, budget.vendor_id).zone
    return in_force(session, budget.programme_id, local_day(at, zone))


def request_judged(session: Session, request: FundRequest, *, now: datetime) -> Judged:
    """Decide a request by the version in force when it was sent, or now while it is not."""
    at = request.submitted_at if request.state in (*REQUEST_WAITS, RequestState.HELD) else None
    budget = budget_of(session, request)
    return judged(version_on(session, budget, at or now), request_case(session, request, at or now))


def request_decision(session: Session, request: FundRequest, *, now: datetime) -> Decision:
    """Return what the programme says to a request."""
    return request_judged(session, request, now=now).decision


def request_case(session: Session, request: FundRequest, at: datetime) -> dict[str, Any]:
    """Return a request as a case, as it stands."""
    budget = budget_of(session, request)
    return {
        "kind": "request",
        "ref": request.ref,
        "title": request.title,
        "currency": request.currency,
        "submitted_at": at.isoformat(),
        "vendor": vendor_of(session, request.vendor_id).name,
        "partner": partner_facts(session, request.vendor_id, request.partner_id),
        "activities": _planned(session, request),
        "fund": _money_facts(session, budget, request)
        | {"starts_on": budget.starts_on.isoformat(), "ends_on": budget.ends_on.isoformat()},
        "history": history(session, request, at),
    }


def _money_facts(session: Session, budget: FundBudget, request: FundRequest) -> dict[str, str]:
    """What there is to plan with; of a shared pot only what partners may see, never its total."""
    if not budget.pooled:
        left = balance(
            session,
            AccountKind.FUND,
            currency=request.currency,
            allocation_id=request.allocation_id,
        )
        return {"available": major(left), "total": major(allocated(session, request))}
    if not budget.pot_shown:
        return {}
    left = balance(session, AccountKind.UNALLOCATED, currency=request.currency, chain_id=budget.id)
    return {"available": major(left)}


def major(amount: Money) -> str:
    """Return a sum as cases write it."""
    return str(amount.major)


def partner_facts(session: Session, vendor_id: UUID, partner_id: UUID) -> dict[str, Any]:
    """Return what a programme may ask about a partner."""
    partner = remembered(session, session.get_one(Partner, partner_id))
    enrolment = session.get_one(Enrolment, (vendor_id, partner_id))
    return {
        "name": partner.name,
        "legal_name": partner.legal_name,
        "country": partner.country,
        "tier": enrolment.tier,
        "status": enrolment.state,
        "overdue": _overdue(session, vendor_id, partner_id),
    }


def _overdue(session: Session, vendor_id: UUID, partner_id: UUID) -> bool:
    held = select(PayoutHold.id).where(
        PayoutHold.vendor_id == vendor_id,
        PayoutHold.partner_id == partner_id,
        PayoutHold.lifted_at.is_(None),
        PayoutHold.overdue,
    )
    return session.scalar(held) is not None


def activity_facts(activity: FundActivity) -> dict[str, Any]:
    """Return what is done, as cases have it, with what the plan says of it by name."""
    return {
        "type": activity.kind,
        "starts_on": activity.starts_on.isoformat(),
        "ends_on": activity.ends_on.isoformat(),
        "facts": {name: fact(words) for name, words in activity.facts.items()},
    }


def fact(words: str) -> str | bool:
    """Return what was written into a field as rules compare it: yes and no are what they mean."""
    plain = words.strip().casefold()
    return plain == "yes" if plain in {"yes", "no"} else words


def changed_facts(
    activity: FundActivity, change: Mapping[str, Any], currency: str
) -> dict[str, Any]:
    """Return an activity as a change has it: its own days and costs."""
    return activity_facts(activity) | {
        "starts_on": change["starts_on"],
        "ends_on": change["ends_on"],
        "costs": [
            {
                "kind": line.get("kind") or line["label"],
                "label": line["label"],
                "amount": major(Money(line["minor"], currency)),
            }
            for line in change["lines"]
        ],
    }


def _planned(session: Session, request: FundRequest) -> list[dict[str, Any]]:
    return [
        activity_facts(each) | {"costs": cost_lines(session, each, request.currency)}
        for each in activities_of(session, request.id)
    ]


def cost_lines(session: Session, activity: FundActivity, currency: str) -> list[dict[str, str]]:
    """Return an activity's planned costs as cases have them."""
    rows = session.scalars(
        select(FundCostLine)
        .where(FundCostLine.activity_id == activity.id)
        .order_by(FundCostLine.no)
    )
    return [
        {
            "kind": row.kind or row.label,
            "label": row.label,
            "amount": major(Money(row.amount_minor, currency)),
        }
        for row in rows
    ]


def allocated(session: Session, request: FundRequest) -> Money:
    """Return the partner's whole part of the fund."""
    kinds = (AccountKind.FUND, AccountKind.RESERVED, AccountKind.ACCRUED, AccountKind.PAID)
    total = Money.zero(request.currency)
    for kind in kinds:
        total += balance(
            session, kind, currency=request.currency, allocation_id=request.allocation_id
        )
    return total


def claim_by(found: Judged, line: int = 0) -> date:
    """Return the last day to claim an activity that is approved now; far away when there is none."""
    case = load(found.case_text, currency=found.rules.currency, zone=found.rules.calendar.zone)
    record, what = Record(found.rules, case), case.activities[line]
    known = anchors(record, what)
    known["approval"] = known["approval"] or known["decision"]
    own = found.rules.activity(what.kind)
    terms = (own.claim_deadline if own else ()) or found.rules.claim.deadline
    return last_day(record, terms, known) or FOREVER


def checks_of(decision: Decision) -> tuple[Check, ...]:
    """Return the steps of a trace as the checks that pages list; what did not speak is left out."""
    return tuple(_check(step) for step in decision.trace if _spoke(step))


def kept_checks(found: Judged) -> list[dict[str, Any]]:
    """Return the checks of a decision as they are kept with what was decided."""
    return [asdict(check) for check in checks_of(found.decision)]


def _spoke(step: Step) -> bool:
    if step.outcome is Outcome.GOOD:
        return step.rule not in SILENT
    return step.outcome is not Outcome.SKIPPED


def _check(step: Step) -> Check:
    ok = step.outcome in {Outcome.GOOD, Outcome.CUT}
    return Check(CHECK_CODES.get(step.rule, step.rule), ok, step.words, step.remedy)


def keep(work: Work, subject: FundRequest | Claim, event: str, found: Judged) -> None:
    """Store a decision with its case; rows of this table never change."""
    work.session.add(
        Judgement(
            id=new_id(),
            vendor_id=subject.vendor_id,
            partner_id=subject.partner_id,
            subject="claim" if isinstance(subject, Claim) else "request",
            subject_id=subject.id,
            event=event,
            version_id=found.version.id,
            case_text=found.case_text,
            answer=found.decision.as_json(),
            at=work.now,
        )
    )
