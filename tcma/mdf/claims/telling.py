"""A partner says how an activity was done and hands in its results, where the rules of its claim ask."""

from collections.abc import Mapping

from tcma.db.work import Work
from tcma.errors import Invalid
from tcma.mdf import outcomes
from tcma.mdf.claims import filing
from tcma.mdf.claims.asking import asked_names
from tcma.mdf.judging.claims import rules_of_plan
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.moving import log
from tcma.mdf.queries import activity_of
from tcma.words import say

LONGEST_ANSWER, LONGEST_RESULTS = 500, 4_000


def tell(work: Work, claim: Claim, answers: Mapping[str, str], *, results: str = "") -> None:
    """Say how the activity of a claim was done, and its results; the claim's sum follows.

    Results are handed in when they were first said; changed words keep that moment. Raises Invalid
    for answers that are too long.
    """
    filing.editing(work, claim)
    request = work.session.get_one(FundRequest, claim.request_id)
    rules = rules_of_plan(work.session, request, work.now)
    activity = activity_of(work.session, claim)
    names = asked_names(rules, activity)
    fields = {
        name: say("At most {n} letters.", n=LONGEST_ANSWER)
        for name in names
        if len(answers.get(name, "")) > LONGEST_ANSWER
    }
    if len(results) > LONGEST_RESULTS:
        fields["results"] = say("At most {n} letters.", n=LONGEST_RESULTS)
    if fields:
        raise Invalid(say("Some fields need another value."), code="mdf.outcome", fields=fields)
    said = {name: answers.get(name, "").strip() for name in names}
    outcome = {**activity.outcome, outcomes.DONE: said}
    if rules.claim.results and results.strip():
        before = activity.outcome.get(outcomes.RESULTS) or {}
        at = before.get("at") or work.now.isoformat()
        outcome[outcomes.RESULTS] = {"words": results.strip(), "at": at}
    activity.outcome = outcome
    work.session.flush()  # the sum is judged from the row
    filing.reckon(work, claim)
    log(work, claim, "told how it went", results.strip()[:LONGEST_ANSWER])
