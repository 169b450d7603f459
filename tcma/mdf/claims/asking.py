"""What a claim's rules ask its partner besides proofs: how it was done, results, kinds of costs, an order number."""

from datetime import datetime

from sqlalchemy.orm import Session

from tcma.mdf import outcomes
from tcma.mdf.asked_line import Questions
from tcma.mdf.judging.claims import order_number, profiles, rules_of_plan
from tcma.mdf.models.funding import Claim, FundActivity, FundRequest
from tcma.mdf.programme.document import Programme
from tcma.mdf.programme.questions import (
    PROFILES,
    cost_kinds,
    of_claim,
    shown_besides,
    wants_order_number,
)
from tcma.mdf.programme.settled import CASH
from tcma.mdf.programme.terms import together
from tcma.mdf.queries import activity_of
from tcma.words import say

ON_FILE = {"tax_profile": say("tax number"), "bank_profile": say("bank details")}


def questions(session: Session, request: FundRequest, claim: Claim, *, now: datetime) -> Questions:
    """Return what the rules of a claim's plan ask about it, and what was answered."""
    rules = rules_of_plan(session, request, now)
    activity = activity_of(session, claim)
    outcome = activity.outcome
    results = outcome.get(outcomes.RESULTS) or {}
    on_file = profiles(session, claim)
    needs = [n for n in PROFILES if activity.way == CASH or n != "bank_profile"]
    lacking = tuple(n for n in needs if n in rules.claim.needs and not on_file[n])
    names = asked_names(rules, activity)
    unsaid = []
    if names and outcomes.DONE not in outcome:
        unsaid.append(say("How it went"))
    if rules.claim.results and not results:
        unsaid.append(say("Results"))
    unsaid += [ON_FILE[name] for name in lacking]
    return Questions(
        costs=cost_kinds(rules, activity.kind),
        shows=shown_besides(rules),
        order_number=order_number(request) if wants_order_number(rules) else "",
        done=tuple((name, _said(activity, name)) for name in names),
        results=bool(rules.claim.results),
        results_due=together(rules.claim.results),
        results_words=results.get("words", ""),
        profiles=lacking,
        unsaid=tuple(unsaid),
    )


def asked_names(rules: Programme, activity: FundActivity) -> tuple[str, ...]:
    """Return what is asked by name once it was done: what may not change, then what rules look at."""
    return tuple(dict.fromkeys((*rules.claim.unchanged, *of_claim(rules, activity.kind))))


def _said(activity: FundActivity, name: str) -> str:
    outcome = activity.outcome
    said = {**outcome.get(outcomes.FACTS, {}), **outcome.get(outcomes.DONE, {})}
    days = {"starts_on": activity.starts_on.isoformat(), "ends_on": activity.ends_on.isoformat()}
    return str(said.get(name, activity.facts.get(name, days.get(name, ""))))
