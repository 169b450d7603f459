"""How a balance grows by purchases, and what of it is left when its time is over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tcma.mdf.programme.conditions import same
from tcma.mdf.programme.limits import Limit, at_least, limited, money
from tcma.mdf.programme.nodes import CaseRefused
from tcma.mdf.programme.timing import anchors, granted, last_day
from tcma.mdf.programme.verdict import Fault, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken, spoken_day
from tcma.money import Money


def judge_accrual(record: Record) -> tuple[Money, Money]:
    """Return what purchases add to the balance, and what they would add without limits."""
    rules, case = record.programme.accrual, record.case
    if rules is None:
        raise CaseRefused("kind", "this programme accrues nothing.", "judge another programme")
    if case.base is None:
        raise CaseRefused(rules.of, "the case states no sum.", f'write "{rules.of}": "100000.00"')
    percent = _rate(record)
    earned = case.base.share(int(percent * 100))
    words = f"{percent} % of {spoken(case.base)} is {spoken(earned)}."
    record.good("accrual.percent", words, percent=percent, of=rules.of, base=str(case.base.major))
    value = earned
    if rules.maximum is not None:
        top = money(record, rules.maximum)
        words = f"At most {spoken(top)} accrues."
        value = limited(
            record, value, Limit(rule="accrual.maximum", at=top, code=Reason.OVER_CAP, words=words)
        )
    if rules.minimum is not None:
        at_least(record, value, rules.minimum, "accrual.minimum")
    return value, earned


def _rate(record: Record) -> Decimal:
    rules, case = record.programme.accrual, record.case
    assert rules is not None
    tier = str(case.partner.get("tier") or "").casefold()
    percent = rules.by_tier.get(tier, rules.percent or rules.least or Decimal(0))
    if rules.least is None or rules.most is None:
        return percent
    agreed = case.rate if case.rate is not None else percent
    if rules.least <= agreed <= rules.most:
        words = f"{agreed} % lies within {rules.least} and {rules.most} %."
        record.good("accrual.range", words, agreed=agreed)
        return agreed
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=f"{agreed} % was agreed; the programme accrues {rules.least} to {rules.most} %.",
        remedy=f"Agree on {rules.least} to {rules.most} %.",
    )
    record.fail("accrual.range", fault, agreed=agreed, least=rules.least, most=rules.most)
    return min(max(agreed, rules.least), rules.most)


def judge_expiry(record: Record) -> tuple[Money, Money]:
    """Return what of an unspent sum can still be used, and the sum."""
    fund, case = record.programme.fund, record.case
    if case.unspent is None:
        raise CaseRefused("unspent", "the case states no sum.", 'write "unspent": "500.00"')
    left = case.unspent
    known = anchors(record)
    last = last_day(record, fund.expires, known) if fund.expires else fund.ends_on
    if last is None:
        if fund.expires:
            remedy = 'state what it counts from, for example "earned_on": "2026-03-31"'
            raise CaseRefused("earned_on", f"«{fund.expires[0].words}» cannot be told.", remedy)
        record.good("fund.expires", "Money of this fund does not expire.")
        return left, left
    inputs: dict[str, Any] = {"last_day": last.isoformat(), "unspent": str(left.major)}
    longer = granted(record, fund.extension, last) if fund.extension else None
    until = max(last, longer) if longer else last
    if record.programme.calendar.in_time(case.at, until):
        words = f"{spoken(left)} can be used until {spoken_day(until)}."
        record.sum("fund.expires", left, left, words, **inputs)
        return left, left
    return _carried(record, left, f"It could be used until {spoken_day(last)}."), left


def _carried(record: Record, left: Money, words: str) -> Money:
    fund, grant = record.programme.fund, record.case.carry_over
    zero = Money.zero(left.currency)
    code = Reason.FUND_EXPIRED
    if fund.carry_over is None:
        return record.sum("fund.expires", left, zero, f"{words} The rest is forfeited.", code=code)
    role = grant.role if grant else ""
    if fund.carry_over_by and not any(same(role, each) for each in fund.carry_over_by):
        said = f"{words} Nobody who may carried it over."
        return record.sum("fund.carry_over", left, zero, said, code=code, role=role,
                          may=fund.carry_over_by)  # fmt: skip
    kept = left.share(int(fund.carry_over * 100))
    if grant and grant.amount is not None:
        kept = min(kept, grant.amount, key=lambda each: each.minor)
    said = f"{words} {spoken(kept)} is carried over, at most {fund.carry_over} %."
    return record.sum("fund.carry_over", left, kept, said, code=code, role=role)
