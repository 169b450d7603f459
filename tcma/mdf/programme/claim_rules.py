"""What a claim is held to besides paper and sum: approved in advance, unchanged, in time, not too often."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tcma.mdf.programme.conditions import NOTHING, same, slug
from tcma.mdf.programme.fact_words import fact_inside
from tcma.mdf.programme.settled import CASH
from tcma.mdf.programme.terms import together
from tcma.mdf.programme.timing import Window, anchors, in_time, last_day
from tcma.mdf.programme.verdict import Fault, Record
from tcma.mdf.reasons import Reason
from tcma.mdf.words import spoken_count, spoken_day
from tcma.words import joined, say, say_as

PROFILE_WORDS = {"tax_profile": say("tax details"), "bank_profile": say("bank details")}


def approved(record: Record) -> None:
    """Judge whether the plan was approved, and before the activity began."""
    rules, plan = record.programme.claim, record.case.plan
    if not rules.approved_before and not record.programme.request.needed:
        record.skip("claim.approved", say("No plan has to be approved."))
        return
    if plan is None or plan.approved_at is None:
        fault = Fault(
            code=Reason.NO_PREAPPROVAL,
            words=say("No plan was approved for this activity."),
            remedy=say("Ask before the next one."),
        )
        record.fail("claim.approved", fault)
        return
    day = record.programme.calendar.day_of(plan.approved_at)
    if not rules.approved_before:
        words = say("Approved on {day}.", day=spoken_day(day))
        record.good("claim.approved", words, approved=day)
        return
    for line in range(len(record.case.activities)):
        _in_advance(record, line, plan.approved_at)


def _in_advance(record: Record, line: int, at: datetime) -> None:
    what, calendar = record.case.activities[line], record.programme.calendar
    terms = record.programme.claim.approved_before
    last = last_day(record, terms, anchors(record, what))
    day = calendar.day_of(at)
    # An activity with an hour begins then; one with a day only begins with its first second.
    by_hour = what.starts_at is not None and all(term.source == "before activity start"
                                                 for term in terms)  # fmt: skip
    good = (
        at < what.starts_at if by_hour and what.starts_at else last and calendar.in_time(at, last)
    )
    inputs: dict[str, Any] = {
        "approved": calendar.local(at).isoformat(),
        "starts": calendar.local(what.starts_at).isoformat() if what.starts_at else what.starts_on,
        "term": together(terms),
    }
    said = say(
        "Approved on {day}; the activity began on {first}.",
        day=spoken_day(day),
        first=spoken_day(what.starts_on),
    )
    if good:
        record.good("claim.approved", said, line=line, **inputs)
        return
    words = joined(said, say("What is approved afterwards is not paid."))
    fault = Fault(code=Reason.NO_PREAPPROVAL, words=words)
    record.fail("claim.approved", fault, line=line, **inputs)


def unchanged(record: Record) -> None:
    """Judge whether what was done is what was approved: day, place, audience, form."""
    names, plan = record.programme.claim.unchanged, record.case.plan
    if not names:
        return
    if plan is None or not plan.activities:
        record.skip(
            "claim.unchanged", say("The case does not state what was approved."), compared=names
        )
        return
    for line, (what, was) in enumerate(zip(record.case.activities, plan.activities, strict=False)):
        changed = {
            name: {"approved": was[name], "done": what.facts.get(name)}
            for name in names
            if name in was and not _equal(was[name], what.facts.get(name))
        }
        if changed:
            both = (
                say(
                    "{fact}: {before} → {after}",
                    fact=fact_inside(name),
                    before=v["approved"],
                    after=v["done"],
                )
                for name, v in changed.items()
            )
            words = say("Not as approved. {changes}.", changes=joined(*both, by="; "))
            fault = Fault(
                code=Reason.CHANGED_ACTIVITY,
                words=words,
                remedy=say("Ask for approval of the change."),
            )
            record.fail("claim.unchanged", fault, line=line, **changed)
        else:
            record.good("claim.unchanged", say("As it was approved."), line=line, compared=names)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return {slug(each) for each in one} == {slug(each) for each in other}
    return same(one, other)


def window(record: Record) -> None:
    """Judge whether the claim came after the activity and before the last day."""
    rules, case = record.programme.claim, record.case
    calendar = record.programme.calendar
    known = anchors(record)
    opens = [term.day(known, calendar, record.programme.year_starts) for term in rules.opens]
    first = max((day for day in opens if day), default=None)
    if first and calendar.day_of(case.at) < first:
        words = say(
            "Claims are taken from {day} on: {term}.",
            day=spoken_day(first),
            term=rules.opens[0].words,
        )
        fault = Fault(code=Reason.EARLY_CLAIM, words=words, remedy=say("File it then."))
        record.fail("claim.opens", fault, first_day=first)
    elif first:
        words = say("Claims are taken from {day} on.", day=spoken_day(first))
        record.good("claim.opens", words)
    own = {n: record.programme.activity(each.kind) for n, each in enumerate(case.activities)}
    lines = {n: each.claim_deadline for n, each in own.items() if each and each.claim_deadline}
    for line, terms in lines.items():
        _last_day(record, terms, line)
    if len(lines) < len(case.activities):
        _last_day(record, rules.deadline, None)
    _results(record)


def _last_day(record: Record, terms: Any, line: int | None) -> None:
    what = None if line is None else record.case.activities[line]
    in_time(
        record,
        Window(
            rule="claim.deadline",
            terms=terms,
            code=Reason.LATE_CLAIM,
            what=say_as("before: on a day", "The claim was filed"),
            line=line,
            extension=record.programme.claim.extension,
        ),
        record.case.at,
        anchors(record, what),
    )


def _results(record: Record) -> None:
    terms = record.programme.claim.results
    if not terms:
        return
    rule = Window(rule="claim.results", terms=terms, code=Reason.RESULTS_MISSING,
                  what=say_as("before: on a day", "The results were handed in"))  # fmt: skip
    at = record.case.results_at
    if at is not None:
        in_time(record, rule, at, anchors(record))
        return
    fault = Fault(
        code=Reason.RESULTS_MISSING,
        words=say("The results are missing; they are due {term}.", term=terms[0].words),
        remedy=say("Hand in the results."),
    )
    record.fail("claim.results", fault)


def formal(record: Record) -> None:
    """Judge how often a plan was claimed, and what must be on file before money leaves."""
    rules, case = record.programme.claim, record.case
    if rules.most_claims is not None:
        so_far = case.claims_before
        if so_far < rules.most_claims:
            words = say("Claim {n} of {most}.", n=so_far + 1, most=rules.most_claims)
            record.good("claim.count", words)
        else:
            most = spoken_count(rules.most_claims, "claim")
            fault = Fault(
                code=Reason.OVER_CAP,
                words=say("A plan has at most {most}; {n} came before.", most=most, n=so_far),
                remedy=say("Add the invoice to the claim that is open."),
            )
            record.fail("claim.count", fault, before=so_far)
    facts = record.facts(case.partner)
    by_bank = case.facts.get("settled_by", CASH) == CASH
    needs = tuple(name for name in rules.needs if by_bank or name != "bank_profile")
    missing = [name for name in needs if facts.value(name) in (*NOTHING, False)]
    if missing:
        named = (PROFILE_WORDS.get(each, each.replace("_", " ")) for each in missing)
        names = joined(*named, by=", ")
        words = say("Missing before it can be settled: {names}.", names=names)
        if by_bank:
            words = say("Missing before money can leave: {names}.", names=names)
        fault = Fault(
            code=Reason.TAX_OR_BANK_PROFILE,
            words=words,
            remedy=say("Complete the profile."),
        )
        record.fail("claim.needs", fault, missing=missing)
    elif needs:
        record.good("claim.needs", say("Everything is on file."), needs=needs)


def payment(record: Record) -> None:
    """Write down by when the money is to be there."""
    span = record.programme.claim.paid_within
    if span is None:
        return
    calendar = record.programme.calendar
    by = span.shift(calendar.day_of(record.case.judged_at), calendar, 1)
    record.extra["pay_by"] = by.isoformat()
    words = say("Paid by {day}, {span} after the decision.", day=spoken_day(by), span=span.words)
    record.good("claim.payment", words)
