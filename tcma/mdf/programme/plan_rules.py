"""What is asked of partner and plan: who may ask, for what, in time, complete; before money is counted."""

from __future__ import annotations

import re
from typing import Any

from tcma.mdf.programme.cases import Activity
from tcma.mdf.programme.conditions import NOTHING, same
from tcma.mdf.programme.document import OwnRule
from tcma.mdf.programme.fact_words import fact_inside
from tcma.mdf.programme.timing import Window, anchors, in_time
from tcma.mdf.programme.verdict import Fault, Outcome, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken_day
from tcma.words import joined, listed, read_back, say, say_as

PARTNER_FACTS = {
    "status": say_as("of the partner", "status"),
    "tier": say_as("of the partner", "tier"),
    "country": say_as("of the partner", "country"),
}


def version(record: Record) -> None:
    """Write down which version judges, and whether it had begun."""
    programme = record.programme
    day = judged_by(record)
    if programme.since and day < programme.since:
        fault = Fault(
            code=Reason.FUND_EXPIRED,
            words=say("The programme begins on {day}.", day=spoken_day(programme.since)),
        )
        record.fail("version", fault, since=programme.since, judged_by=day)
        return
    words = say("Judged by the rules in force on {day}.", day=spoken_day(day))
    record.good("version", words, since=programme.since, judged_by=day)


def judged_by(record: Record) -> Any:
    """Return the day whose version counts: a claim's plan approval, else the day it was sent."""
    plan = record.case.plan
    at = plan.approved_at if plan and plan.approved_at else record.case.at
    return record.programme.calendar.day_of(at)


def partner(record: Record) -> None:
    """Judge who asks."""
    rules, who = record.programme.eligibility, record.case.partner
    for name, allowed in (
        ("status", rules.statuses),
        ("tier", rules.tiers),
        ("country", rules.countries),
    ):
        if not allowed:
            continue
        value, fact = who.get(name), PARTNER_FACTS[name]
        inputs: dict[str, Any] = {name: value, "allowed": allowed}
        if any(same(value, each) for each in allowed):
            words = say("The partner’s {fact} is {value}.", fact=fact, value=value)
            record.good(f"partner.{name}", words, **inputs)
        else:
            said = say(
                "The partner’s {fact} is {value}; {allowed} may ask.",
                fact=fact,
                value=value or say("not stated"),
                allowed=listed(allowed, style="or"),
            )
            fault = Fault(code=Reason.PARTNER_NOT_ELIGIBLE, words=said)
            record.fail(f"partner.{name}", fault, **inputs)
    if rules.frozen_when_overdue:
        if who.get("overdue"):
            fault = Fault(
                code=Reason.ACCOUNT_OVERDUE,
                words=say("The partner has overdue bills; everything waits until they are paid."),
                remedy=say("Pay the overdue bills."),
            )
            record.fail("partner.overdue", fault, overdue=True)
        else:
            record.good("partner.overdue", say("No bill is overdue."), overdue=False)
    if rules.when:
        facts = record.facts(who)
        if rules.when(facts):
            words = say("{condition} holds.", condition=rules.when.source)
            record.good("partner.when", words, **facts.read)
        else:
            words = say("Not so: {condition}.", condition=rules.when.source)
            fault = Fault(code=Reason.PARTNER_NOT_ELIGIBLE, words=words)
            record.fail("partner.when", fault, **facts.read)


def activity(record: Record, line: int) -> None:
    """Judge one activity: is it paid for, are its days sound and inside the fund."""
    programme, what = record.programme, record.case.activities[line]
    listed = what.kind in programme.activities
    if listed or not programme.eligibility.listed_only:
        name = programme.activities[what.kind].name if listed else what.kind
        record.good(
            "activity.listed",
            say("{activity} is paid for.", activity=read_back(name)),
            line=line,
            type=what.kind,
        )
    else:
        known = joined(*(read_back(each.name) for each in programme.activities.values()), by=", ")
        fault = Fault(
            code=Reason.INELIGIBLE,
            words=say(
                "“{activity}” is not paid for. Paid for are: {known}.",
                activity=what.kind.replace("_", " "),
                known=known,
            ),
            remedy=say("Plan something from the list."),
            then=_lasting(record),
        )
        record.fail("activity.listed", fault, line=line, type=what.kind)
    if what.starts_on <= what.ends_on:
        words = say(
            "Runs from {first} to {last}.",
            first=spoken_day(what.starts_on),
            last=spoken_day(what.ends_on),
        )
        record.good("activity.dates", words, line=line)
    else:
        fault = Fault(
            code=Reason.PLAN_INCOMPLETE,
            words=say("It ends on {day}, before it starts.", day=spoken_day(what.ends_on)),
            remedy=say("The last day comes after the first."),
        )
        record.fail("activity.dates", fault, line=line)


def _lasting(record: Record) -> Outcome | None:
    # What was done cannot become another activity; a plan can.
    said = record.programme.curable.get(Reason.INELIGIBLE)
    return Outcome.REFUSE if said is None else None


def in_fund(record: Record, line: int) -> None:
    """Judge whether an activity lies within the days of the fund."""
    what = record.case.activities[line]
    starts_on, ends_on = record.fund_days()
    if starts_on is None and ends_on is None:
        return
    inputs = {"fund": [starts_on, ends_on], "days": [what.starts_on, what.ends_on]}
    first = spoken_day(starts_on) if starts_on else say_as("from when", "ever")
    last = spoken_day(ends_on) if ends_on else say_as("until when", "further notice")
    words = say("The fund pays for activities from {first} to {last}.", first=first, last=last)
    early = starts_on is not None and what.starts_on < starts_on
    late = ends_on is not None and what.ends_on > ends_on
    if not early and not late:
        record.good("fund.period", words, line=line, **inputs)
        return
    fault = Fault(
        code=Reason.FUND_EXPIRED,
        words=words,
        remedy=say("Choose days within the fund, or another fund."),
    )
    record.fail("fund.period", fault, line=line, **inputs)


def notice(record: Record, line: int) -> None:
    """Judge whether a plan was sent early enough before its activity."""
    what = record.case.activities[line]
    own = record.programme.activity(what.kind)
    rules = record.programme.request
    window = Window(
        rule="request.deadline",
        terms=(own.deadline if own else ()) or rules.deadline,
        code=Reason.LATE_REQUEST,
        what=say_as("before: on a day", "The plan was sent"),
        line=line,
        extension=rules.extension,
    )
    in_time(record, window, record.case.at, anchors(record, what))


def complete(record: Record) -> None:
    """Judge whether a plan says what a plan must say, under a name that follows the rule."""
    rules, case = record.programme.request, record.case
    for line, what in enumerate(case.activities):
        facts = record.facts(what.facts)
        missing = [name for name in rules.states if facts.value(name) in NOTHING]
        if missing:
            words = say(
                "The plan does not say: {facts}.", facts=joined(*map(fact_inside, missing), by=", ")
            )
            remedy = say("Add it and send again.")
            fault = Fault(code=Reason.PLAN_INCOMPLETE, words=words, remedy=remedy)
            record.fail("request.states", fault, line=line, missing=missing)
        elif rules.states:
            record.good("request.states", say("The plan says all it must say."), line=line)
    if not rules.naming:
        return
    if re.fullmatch(rules.naming, case.title):
        words = say("“{title}” follows the rule.", title=case.title)
        record.good("request.naming", words, naming=rules.naming)
    else:
        fault = Fault(
            code=Reason.NAMING_RULE,
            words=say("“{title}” does not follow the naming rule.", title=case.title),
            remedy=say("Name it like this: {pattern}", pattern=rules.naming),
        )
        record.fail("request.naming", fault, naming=rules.naming, title=case.title)


def own_rules(record: Record) -> None:
    """Judge the rules the author wrote, once or for each activity, invoice, proof or cost."""
    for rule in record.programme.own:
        if record.case.kind not in rule.on:
            continue
        for line, table in _tables(record, rule):
            _own(record, rule, table, line)


def _tables(record: Record, rule: OwnRule) -> list[tuple[int | None, Any]]:
    case = record.case
    if rule.each == "activity":
        return [(n, typed(each)) for n, each in enumerate(case.activities)]
    if rule.each == "invoice":
        return [(each.activity, each.facts) for each in case.invoices]
    if rule.each == "proof":
        return [(each.activity, each.facts) for each in case.proofs]
    if rule.each == "cost":
        return [
            (each.activity, {"kind": each.kind, "amount": str(each.amount.major)})
            for each in case.costs
        ]
    return [(None, typed(case.activities[0]) if len(case.activities) == 1 else {})]


def typed(what: Activity) -> dict[str, Any]:
    """Return an activity as conditions see it."""
    return {
        **what.facts,
        "type": what.kind,
        "costs": [cost.kind for cost in what.costs],
        "starts_on": what.starts_on.isoformat(),
        "ends_on": what.ends_on.isoformat(),
    }


def _own(record: Record, rule: OwnRule, table: Any, line: int | None) -> None:
    facts = record.facts(table)
    name = f"rule:{rule.name}"
    if rule.when and not rule.when(facts):
        words = say("Does not speak here: {condition}.", condition=rule.when.source)
        record.skip(name, words, line=line, **facts.read)
        return
    if rule.require(facts):
        words = say("{condition}: so it is.", condition=rule.require.source)
        record.good(name, words, line=line, **facts.read)
        return
    fault = Fault(
        code=rule.code,
        words=rule.words or say("Not so: {condition}.", condition=rule.require.source),
        remedy=rule.remedy,
        then=Outcome.RETURN if rule.curable else Outcome.REFUSE,
    )
    record.fail(name, fault, line=line, **facts.read)
