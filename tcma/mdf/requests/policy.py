"""Plans that nobody has to decide: the programme's policy, and the lot that still sends some to a person."""

import hashlib
import hmac
from dataclasses import replace
from decimal import Decimal

from tcma.db.work import Work
from tcma.mdf.judging.deciding import Judged
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.programme.verdict import Answer as Verdict
from tcma.mdf.queries import activities_of, asked_of
from tcma.mdf.requests import decisions, reserving
from tcma.permissions import SYSTEM
from tcma.words import say

POLICY = replace(SYSTEM, name="The programme", via="policy")
TICKETS = 10_000


def drawn(seed: str) -> int:
    """Return the ticket, 0 to 9,999, that a stored seed draws: always the same one."""
    return int(hashlib.sha256(seed.encode()).hexdigest()[:12], 16) % TICKETS


def goes_to_a_person(seed: str, sampled: Decimal) -> bool:
    """Say whether a plan with this seed is among the `sampled` percent that a person looks at."""
    return drawn(seed) < sampled * TICKETS / 100


def approved(work: Work, request: FundRequest, judged: Judged) -> bool:
    """Approve a plan just sent, when the programme lets it pass without a person; say whether.

    The seed is an HMAC of plan and version, so that nobody can foretell it, and is kept with the
    draw: the decision can be repeated from what is stored.
    """
    rules, asked = judged.rules.approval, asked_of(request)
    most = rules.automatic_up_to
    if most is None or asked.major > most or judged.decision.decision is not Verdict.APPROVE:
        return False
    if asked > reserving.available(work.session, request):
        return False
    told = f"{judged.version.sha256}|{request.ref}|{work.now.isoformat()}"
    seed = hmac.new(work.site.secret, told.encode(), "sha256").hexdigest()
    sampled = goes_to_a_person(seed, rules.sampled)
    kept = {
        "up_to": f"{most:f}",
        "sampled": f"{rules.sampled:f}",
        "seed": seed,
        "ticket": drawn(seed),
        "to_a_person": sampled,
    }
    request.trace = {**request.trace, "policy": kept}
    work.session.flush()  # the approval compares the row as it stands
    if sampled:
        return False
    who, work.principal = work.principal, POLICY
    try:
        answers = [decisions.Answer() for _ in activities_of(work.session, request.id)]
        decisions.set_aside(
            work, request, answers, words=say("Approved by the programme’s policy.")
        )
    finally:
        work.principal = who
    return True
