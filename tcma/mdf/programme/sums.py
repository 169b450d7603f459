"""What is paid: eligible costs, the vendor's share, every limit in turn, each step with before and after."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from tcma.mdf.programme.cases import Cost
from tcma.mdf.programme.conditions import same, slug
from tcma.mdf.programme.document import Activity, Cap, Share
from tcma.mdf.programme.limits import (
    Limit,
    asked,
    at_least,
    limited,
    money,
    not_below_zero,
    total_of,
)
from tcma.mdf.programme.terms import period_of
from tcma.mdf.programme.verdict import SHARE, Fault, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken, spoken_share
from tcma.money import Money
from tcma.words import Opening, read_back, say, say_as

WHOLE = Decimal(100)
PER_WORDS = {
    "request": say_as("per", "request"),
    "claim": say_as("per", "claim"),
    "activity": say_as("per", "activity"),
    "month": say_as("per", "month"),
    "quarter": say_as("per", "quarter"),
    "half-year": say_as("per", "half-year"),
    "year": say_as("per", "year"),
    "fund": say_as("per", "fund"),
}


def percent_of(record: Record, share: Share, tier: Any) -> Decimal:
    """Return the vendor's percentage for a partner's tier, within what may be agreed."""
    percent = share.by_tier.get(str(tier).casefold(), share.percent)
    plan, case = record.case.plan, record.case
    agreed = plan.share if plan and plan.share is not None else case.share
    if share.least is None or share.most is None:
        return percent if agreed is None else min(agreed, percent)
    if agreed is None:
        return min(max(percent, share.least), share.most)
    within = {"least": share.least, "most": share.most}
    if share.least <= agreed <= share.most:
        words = say("{agreed} % lies within {least} and {most} %.", agreed=agreed, **within)
        record.good("share.range", words)
        return agreed
    fault = Fault(
        code=Reason.AMOUNT_MISMATCH,
        words=say(
            "A share of {agreed} % was agreed; the programme pays {least} to {most} %.",
            agreed=agreed,
            **within,
        ),
        remedy=say("Agree on a share from {least} to {most} %.", **within),
    )
    record.fail("share.range", fault, agreed=agreed, least=share.least, most=share.most)
    return min(max(agreed, share.least), share.most)


def _eligible(record: Record, costs: list[Cost], rules: Activity | None, line: int) -> Money:
    programme = record.programme
    paid = (rules.eligible if rules else ()) or programme.eligible
    never = (*programme.ineligible, *(rules.ineligible if rules else ()))
    total = total_of(record, (cost.amount for cost in costs))
    left = total
    for cost in costs:
        if cost.twin:
            left = record.sum("invoice.once", left, left - cost.amount, cost.twin,
                              code=Reason.DUPLICATE, line=line)  # fmt: skip
            continue
        barred = any(same(cost.kind, each) for each in never) and cost.kind
        unlisted = paid and cost.kind and not any(same(cost.kind, each) for each in paid)
        if barred or unlisted:
            after = left - cost.amount
            words = say(
                "{cost} is not paid for: {amount} is left out.",
                cost=_named(cost),
                amount=spoken(cost.amount),
            )
            code = Reason.INELIGIBLE_EXPENSE
            left = record.sum("costs.eligible", left, after, words, code=code, line=line,
                              cost=cost.kind, eligible=paid, ineligible=never)  # fmt: skip
    if left == total:
        words = say("Costs of {amount} count.", amount=spoken(total))
        record.sum("costs.eligible", total, total, words, line=line,
                   costs=[cost.kind for cost in costs if cost.kind])  # fmt: skip
    return left


def _named(cost: Cost) -> str:
    said = cost.label or cost.kind.replace("_", " ")
    return Opening.made(said.capitalize(), "", {"text": said})


def _cost_caps(record: Record, costs: list[Cost], kind: str, line: int) -> list[Cost]:
    found = list(costs)
    for cap in (cap for cap in record.programme.caps if cap.costs):
        limit = _ceiling(record, cap, line) if _speaks(record, cap, kind, line) else None
        if limit is None:
            continue
        some = [cost for cost in found if any(same(cost.kind, each) for each in cap.costs)]
        total = total_of(record, (cost.amount for cost in some))
        room = limit - _spent(record, cap, line)
        words = say(
            "{cap}: {amount} of {total} counts.",
            cap=cap.name,
            amount=spoken(not_below_zero(room)),
            total=spoken(total),
        )
        rule = Limit(rule=f"cap:{cap.name}", at=not_below_zero(room), code=Reason.OVER_CAP, words=words,
                     then=cap.then, line=line)  # fmt: skip
        left = limited(record, total, rule, per=cap.per, costs=cap.costs)
        if left < total:
            kept = [cost for cost in found if cost not in some]
            found = [*kept, Cost(kind=some[0].kind, amount=left, activity=line)]
    return found


def of_line(record: Record, line: int, costs: list[Cost]) -> tuple[Money, Money]:
    """Return what one activity's costs are worth, and what they would be worth uncut."""
    activity = record.case.activities[line]
    rules = record.programme.activity(activity.kind)
    share = (rules.share if rules else None) or record.programme.share
    percent = percent_of(record, share, record.case.partner.get("tier"))
    bps = int(percent * WHOLE)
    whole = total_of(record, (cost.amount for cost in costs))
    counted = _eligible(record, _cost_caps(record, costs, activity.kind, line), rules, line)
    value, uncut = counted.share(bps), whole.share(bps)
    words = say(
        "{share} of {costs} is {amount}.",
        share=spoken_share(bps),
        costs=spoken(counted),
        amount=spoken(value),
    )
    tier = record.case.partner.get("tier")
    record.sum("share", counted, value, words, code=SHARE, line=line, percent=percent, tier=tier)
    if rules and rules.fixed is not None:
        fixed = money(record, rules.fixed)
        words = say(
            "{activity} is paid with {amount}, never more than its cost.",
            activity=read_back(rules.name),
            amount=spoken(fixed),
        )
        value = record.sum("activity.fixed", value, min(fixed, counted), words, line=line)
        uncut = min(fixed, whole)
    alone = len(record.case.activities) == 1
    wanted = activity.asked if activity.asked or not alone else record.case.asked
    if wanted is not None:
        value = asked(record, value, wanted, line)
        uncut = wanted
    if rules and rules.maximum is not None:
        top = money(record, rules.maximum)
        words = say(
            "{activity} is paid with {amount} at most.",
            activity=read_back(rules.name),
            amount=spoken(top),
        )
        value = limited(record, value, Limit(rule="activity.maximum", at=top, line=line,
                                             code=Reason.OVER_CAP, words=words))  # fmt: skip
    value = _caps(record, value, activity.kind, line, per="activity")
    if rules and rules.minimum is not None:
        at_least(record, value, rules.minimum, "activity.minimum", line)
    return value, uncut


def _speaks(record: Record, cap: Cap, kind: str, line: int | None) -> bool:
    if cap.activities and kind not in {slug(each) for each in cap.activities}:
        return False
    tier = record.case.partner.get("tier")
    if cap.tiers and not any(same(tier, each) for each in cap.tiers):
        return False
    tables: tuple[Mapping[str, Any], ...] = ()
    if line is not None:
        tables = ({"type": kind}, record.case.activities[line].facts)
    return cap.when is None or cap.when(record.facts(*tables))


def _ceiling(record: Record, cap: Cap, line: int | None) -> Money | None:
    found = [] if cap.amount is None else [money(record, cap.amount)]
    total = record.case.fund_total
    if cap.percent is not None and total is not None:
        found.append(total.share(int(cap.percent * WHOLE)))
    if not found:
        words = say("{cap}: the case does not state the fund’s total.", cap=cap.name)
        record.skip(f"cap:{cap.name}", words, line=line)
        return None
    return (max if cap.larger_of_both else min)(found, key=lambda each: each.minor)


def _spent(record: Record, cap: Cap, line: int | None) -> Money:
    if cap.per in {"request", "claim", "activity"}:
        return Money.zero(record.case.currency)
    case = record.case
    day = case.activities[line].starts_on if line is not None else case.first_day
    known = {slug(each) for each in cap.activities}
    costs = {slug(each) for each in cap.costs}
    rows = [
        spent
        for spent in case.history
        if (not known or spent.kind in known)
        and (not costs or spent.cost in costs)
        and _same_period(record, cap.per, spent.on, day)
    ]
    return total_of(record, (spent.before_share if costs else spent.amount for spent in rows))


def _same_period(record: Record, period: str, on: Any, day: Any) -> bool:
    if period == "fund":
        first, last = record.fund_days()
        return (first is None or on >= first) and (last is None or on <= last)
    first, last = period_of(day, period, record.programme.year_starts)
    return bool(first <= on <= last)


def _caps(record: Record, value: Money, kind: str, line: int | None, *, per: str) -> Money:
    for cap in record.programme.caps:
        if cap.costs or (cap.per == "activity") != (per == "activity"):
            continue
        if cap.per == "claim" and record.case.kind != "claim":
            continue
        if cap.activities and per != "activity" and line is None:
            continue
        if not _speaks(record, cap, kind, line):
            continue
        ceiling = _ceiling(record, cap, line)
        if ceiling is None:
            continue
        spent = _spent(record, cap, line)
        room = not_below_zero(ceiling - spent)
        told = {"cap": cap.name, "most": spoken(ceiling), "per": PER_WORDS[cap.per],
                "room": spoken(room)}  # fmt: skip
        words = say("{cap}: {most} per {per}; {room} is paid.", **told)
        if spent:
            used = spoken(spent)
            words = say(
                "{cap}: {most} per {per}, {used} of it is used; {room} is paid.", **told, used=used
            )
        rule = Limit(rule=f"cap:{cap.name}", at=room, code=Reason.OVER_CAP, words=words,
                     then=cap.then, line=line)  # fmt: skip
        value = limited(record, value, rule, ceiling=str(ceiling.major), used=str(spent.major))
    return value


def capped_lines(record: Record, amounts: list[Money]) -> list[Money]:
    """Return the activities' sums after limits per plan or period that name activities."""
    found = list(amounts)
    for cap in record.programme.caps:
        if not cap.activities or cap.costs or cap.per == "activity":
            continue
        if cap.per == "claim" and record.case.kind != "claim":
            continue
        lines = [
            n
            for n, each in enumerate(record.case.activities)
            if _speaks(record, cap, each.kind, n) and found[n]
        ]
        ceiling = _ceiling(record, cap, None) if lines else None
        if ceiling is None:
            continue
        spent = _spent(record, cap, lines[0])
        room = not_below_zero(ceiling - spent)
        total = total_of(record, (found[n] for n in lines))
        words = say(
            "{cap}: {most} per {per}, {used} of it is used.",
            cap=cap.name,
            most=spoken(ceiling),
            per=PER_WORDS[cap.per],
            used=spoken(spent),
        )
        line = lines[0] if len(lines) == 1 else None
        rule = Limit(rule=f"cap:{cap.name}", at=room, code=Reason.OVER_CAP, words=words,
                     then=cap.then, line=line)  # fmt: skip
        left = limited(record, total, rule, ceiling=str(ceiling.major), used=str(spent.major))
        for n, part in zip(lines, left.allocate([found[n].minor for n in lines]), strict=True):
            found[n] = part
    return found


def of_all(record: Record, value: Money, uncut: Money) -> Money:
    """Return what is paid of the whole case, after limits per plan, claim, period and fund."""
    programme, case = record.programme, record.case
    one_asked = case.asked is not None and len(case.activities) > 1
    if one_asked and case.asked and (case.asked < value or case.asked > uncut):
        value = asked(record, value, case.asked)
    if programme.request.maximum is not None:
        top = money(record, programme.request.maximum)
        words = say("One plan may ask for {amount}.", amount=spoken(top))
        limit = Limit(rule="request.maximum", at=top, code=Reason.OVER_CAP, words=words,
                      then=programme.request.when_too_much)  # fmt: skip
        value = limited(record, value, limit)
    value = _caps(record, value, "", None, per="case")
    if programme.kind == "matched" and case.partner_pays is not None:
        value = _matched(record, value)
    return _held(record, value)


def _matched(record: Record, value: Money) -> Money:
    share, paid = record.programme.share, record.case.partner_pays
    assert paid is not None
    ours, theirs = share.match or (share.percent, WHOLE - share.percent)
    if not theirs:
        return value
    top = money(record, paid.major * ours / theirs)
    words = say(
        "The partner pays {paid}; it is matched with {amount} at most.",
        paid=spoken(paid),
        amount=spoken(top),
    )
    return limited(record, value, Limit(rule="share.match", at=top, code=Reason.OVER_CAP,
                                        words=words), partner_pays=str(paid.major))  # fmt: skip


def _held(record: Record, value: Money) -> Money:
    programme, case = record.programme, record.case
    fund = programme.fund
    if fund.per_partner is not None and case.kind == "request":
        whole = money(record, fund.per_partner)
        cap = Cap(name="per partner", amount=fund.per_partner, percent=None, per=fund.per)
        used = case.fund_used if case.fund_used is not None else _spent(record, cap, 0)
        room = not_below_zero(whole - used)
        words = say(
            "Each partner has {amount} per {per}; {room} is left.",
            amount=spoken(whole),
            per=PER_WORDS[fund.per],
            room=spoken(room),
        )
        value = limited(record, value, Limit(rule="fund.per_partner", at=room,
                                             code=Reason.OVER_BUDGET, words=words))  # fmt: skip
    if case.kind == "request" and case.available is not None:
        words = say(
            "{available} is available; the plan asks for {amount}.",
            available=spoken(case.available),
            amount=spoken(value),
        )
        limit = Limit(rule="fund.available", at=case.available, code=Reason.OVER_BUDGET,
                      words=words, then=fund.when_empty)  # fmt: skip
        value = limited(record, value, limit)
    if case.kind == "claim" and case.plan:
        left = case.plan.remaining if case.plan.remaining is not None else case.plan.approved
        if left is not None:
            over = not_below_zero(value - left)
            words = say("{amount} is above what is left of the plan.", amount=spoken(over))
            value = limited(record, value, Limit(rule="claim.approved", at=left,
                                                 code=Reason.OVER_BUDGET, words=words))  # fmt: skip
    if programme.kind == "points":
        points = (value.major / programme.point).quantize(Decimal(1), ROUND_CEILING)
        record.extra["points"] = int(points)
    return value
