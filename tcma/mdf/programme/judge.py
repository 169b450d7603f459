"""Judges a case by a programme: approve, in part, return or refuse; with reasons, a sum and a trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from tcma.errors import Invalid
from tcma.mdf.programme import claim_rules, invoice_rules, limits, plan_rules, proof_rules, sums
from tcma.mdf.programme.balance import judge_accrual, judge_expiry
from tcma.mdf.programme.case_reading import load
from tcma.mdf.programme.cases import Case, Cost
from tcma.mdf.programme.document import Programme
from tcma.mdf.programme.reading import ProgrammeFile
from tcma.mdf.programme.timing import anchors, last_day
from tcma.mdf.programme.verdict import Answer, Decision, Given, Line, Outcome, Record
from tcma.mdf.reasons import Reason
from tcma.money import Money
from tcma.words import say

STOPS = (Outcome.RETURN, Outcome.REFUSE)


def judge_text(file: ProgrammeFile, text: str) -> Decision:
    """Judge a case given as JSON by the version that was in force when it counts.

    That is the day of approval for a claim, the day of sending for all else. Raises CaseRefused.
    """
    newest = file.versions[-1]
    case = load(text, currency=newest.currency, zone=newest.calendar.zone)
    version = file.at(plan_rules.judged_by(Record(newest, case)))
    if version is not newest:
        case = load(text, currency=version.currency, zone=version.calendar.zone)
    return judge(version, case)


def judge(programme: Programme, case: Case) -> Decision:
    """Judge a case by one version. Pure: the same two always come to the same decision."""
    record = Record(programme, case)
    plan_rules.version(record)
    return JUDGES[case.kind](record)


def _request(record: Record) -> Decision:
    plan_rules.partner(record)
    for line in range(len(record.case.activities)):
        plan_rules.activity(record, line)
        plan_rules.in_fund(record, line)
        plan_rules.notice(record, line)
    plan_rules.complete(record)
    plan_rules.own_rules(record)
    return _counted(record, list(record.case.costs))


def _claim(record: Record) -> Decision:
    plan_rules.partner(record)
    claim_rules.approved(record)
    for line in range(len(record.case.activities)):
        plan_rules.activity(record, line)
    claim_rules.unchanged(record)
    claim_rules.window(record)
    claim_rules.formal(record)
    for line in range(len(record.case.activities)):
        proof_rules.proofs(record, line)
    invoice_rules.invoices(record)
    plan_rules.own_rules(record)
    costs = invoice_rules.counted(record) if record.case.invoices else list(record.case.costs)
    return _counted(record, costs)


def _counted(record: Record, costs: list[Cost]) -> Decision:
    case = record.case
    nothing = Money.zero(case.currency)
    if any(cost.activity >= len(case.activities) for cost in costs):
        message = "A cost names an activity that is not in the case."
        raise Invalid(message, code="config.case", remedy="Count activities from 0.")
    bare = not costs and case.asked is not None
    amounts, wanted = [], nothing
    for line in range(len(case.activities)):
        of_this = [cost for cost in costs if cost.activity == line]
        if bare and line == 0 and not case.activities[0].asked:
            amounts.append(_bare(record))
            continue
        value, uncut = sums.of_line(record, line, of_this)
        amounts.append(value)
        wanted += uncut
    amounts = sums.capped_lines(record, amounts)
    amounts = _without_stopped(record, amounts)
    total = sums.of_all(record, limits.total_of(record, amounts), wanted)
    least = record.programme.request.minimum if case.kind == "request" else None
    least = record.programme.claim.minimum if case.kind == "claim" else least
    if least is not None and (costs or case.asked is not None):
        limits.at_least(record, total, least, f"{case.kind}.minimum")
    asked = case.asked if case.asked is not None else wanted
    if not asked:
        record.skip("costs.eligible", say("The case states no sum: only the rules were judged."))
    if case.kind == "claim":
        claim_rules.payment(record)
    return decided(record, total, asked, amounts)


def _bare(record: Record) -> Money:
    # Only a sum is stated: it is taken as the vendor's part, there are no costs to share.
    asked = record.case.asked
    assert asked is not None
    sums.percent_of(record, record.programme.share, record.case.partner.get("tier"))
    words = say("No costs are stated; the sum asked for is taken as the vendor’s part.")
    return record.sum("asked", asked, asked, words, line=0)


def _without_stopped(record: Record, amounts: list[Money]) -> list[Money]:
    # One of several activities may fall: the others go on without it.
    if len(amounts) == 1:
        return amounts
    fallen = {step.line for step in record.steps if step.outcome is Outcome.REFUSE}
    zero = Money.zero(record.case.currency)
    return [zero if line in fallen else each for line, each in enumerate(amounts)]


def decided(record: Record, total: Money, asked: Money, amounts: list[Money]) -> Decision:
    """Return the decision that follows from everything written down."""
    answer = _answer(record, total, asked, amounts)
    zero = Money.zero(total.currency)
    paid = total if answer in {Answer.APPROVE, Answer.PARTIAL} else zero
    cuts = total < asked
    return Decision(
        decision=answer,
        amount=paid,
        asked=asked,
        would_be=total,
        reasons=_reasons(record, answer, with_cuts=cuts),
        lines=_lines(record, paid, amounts),
        trace=tuple(record.steps),
        programme=record.programme.name,
        version=record.programme.version,
        facts=record.extra,
    )


def _answer(record: Record, total: Money, asked: Money, amounts: list[Money]) -> Answer:
    several = len(amounts) > 1
    wrong = {
        (step.outcome, step.line if several else None)
        for step in record.steps
        if step.outcome in STOPS
    }
    lost = {line for out, line in wrong if out is Outcome.REFUSE}
    if None in lost or (several and len(lost) == len(amounts)):
        return Answer.REFUSE
    if any(out is Outcome.RETURN and line not in lost for out, line in wrong):
        return Answer.RETURN
    if total.minor <= 0 and asked.minor > 0:
        codes = {step.code for step in record.steps if step.outcome is Outcome.CUT}
        curable = all(record.curable(Reason(code)) for code in codes)
        return Answer.RETURN if codes and curable and not lost else Answer.REFUSE
    return Answer.PARTIAL if total < asked or lost else Answer.APPROVE


def _reasons(record: Record, answer: Answer, *, with_cuts: bool) -> tuple[Given, ...]:
    counted = (*STOPS, Outcome.CUT) if with_cuts else STOPS
    found = []
    for step in record.steps:
        if step.outcome not in counted:
            continue
        curable = step.outcome is Outcome.RETURN or (
            # What is left out of an approval stays out; a plan that came back may be mended.
            step.outcome is Outcome.CUT
            and answer is Answer.RETURN
            and record.curable(Reason(step.code))
        )
        found.append(
            Given(
                code=step.code,
                curable=curable,
                by=fix_by(record) if curable else None,
                words=step.words,
                remedy=step.remedy,
                rule=step.rule,
                line=step.line,
            )
        )
    return tuple(found)


def fix_by(record: Record) -> date | None:
    """Return the last day on which what is curable may be cured.

    A claim: so long after the decision, or its own last day when that is later. A plan: its last
    day to be sent, while it lies ahead.
    """
    programme, case = record.programme, record.case
    today = programme.calendar.day_of(case.judged_at)
    known = anchors(record)
    if case.kind == "claim":
        fixed = programme.claim.fix_within.shift(today, programme.calendar, 1)
        own = last_day(record, programme.claim.deadline, known)
        return max(fixed, own) if own else fixed
    day = last_day(record, programme.request.deadline, known)
    return day if day and day >= today else None


def _lines(record: Record, paid: Money, amounts: list[Money]) -> tuple[Line, ...]:
    if not amounts:
        return ()
    weights = [max(each.minor, 0) for each in amounts]
    parts = paid.allocate(weights) if sum(weights) else [paid for _ in amounts]
    found = []
    for line, part in enumerate(parts):
        steps = [s for s in record.steps if s.line in {line, None} or len(amounts) == 1]
        outs = {step.outcome for step in steps}
        codes = dict.fromkeys(s.code for s in steps if s.outcome in (*STOPS, Outcome.CUT))
        answer = (
            Answer.REFUSE
            if Outcome.REFUSE in outs
            else Answer.RETURN
            if Outcome.RETURN in outs
            else Answer.PARTIAL
            if Outcome.CUT in outs
            else Answer.APPROVE
        )
        kind = record.case.activities[line].kind
        found.append(Line(activity=kind, decision=answer, amount=part, codes=tuple(codes)))
    return tuple(found)


JUDGES: Mapping[str, Callable[[Record], Decision]] = {
    "request": _request,
    "claim": _claim,
    "accrual": lambda record: decided(record, *judge_accrual(record), []),
    "expiry": lambda record: decided(record, *judge_expiry(record), []),
}
