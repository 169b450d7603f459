"""At which level of approval a claim waits, by the sum it asks and the rules of its plan; who passes it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.mdf import four_eyes, ladders, letters
from tcma.mdf.answer_days import answer_day_of
from tcma.mdf.judging.claims import rules_of_plan
from tcma.mdf.ladders import Ladder, Standing
from tcma.mdf.models.funding import Claim, FundRequest
from tcma.mdf.moving import log
from tcma.mdf.rules import CLAIM_WAITS
from tcma.money import Money
from tcma.permissions import Permission, Principal
from tcma.words import joined


def ladder_of(session: Session, request: FundRequest, claim: Claim) -> Ladder:
    """Return the levels a claim passes since it was filed, or appealed after a refusal."""
    appealed = claim.trace.get("appealed_at")
    filed = claim.filed_at or claim.created_at
    asked_at = datetime.fromisoformat(appealed) if appealed else filed
    rules = rules_of_plan(session, request, asked_at)
    levels = rules.claim_approval.needed(Money(claim.amount_minor, claim.currency).major)
    return Ladder(ladders.CLAIM, claim.id, claim.vendor_id, asked_at, levels)


def standing(session: Session, request: FundRequest, claim: Claim) -> Standing:
    """Return at which level a claim stands."""
    return ladders.standing(session, ladder_of(session, request, claim))


def involved(session: Session, request: FundRequest, claim: Claim) -> dict[UUID | None, str]:
    """Return who cannot decide a claim, with the reason."""
    found = four_eyes.of_claim(session, request, claim)
    if claim.state not in CLAIM_WAITS:
        return found
    return found | ladders.said_yes(standing(session, request, claim))


def deciding(work: Work, claim: Claim) -> FundRequest:
    """Return the plan of a claim that this principal may decide now; raises as `four_eyes.deciding`."""
    request = four_eyes.deciding(work, claim, involved)
    if claim.state in CLAIM_WAITS:
        ladders.require(work, claim.vendor_id, standing(work.session, request, claim))
    return request


def blocked(
    session: Session,
    principal: Principal,
    request: FundRequest,
    claim: Claim,
    *,
    now: datetime,
) -> str:
    """Return why this person cannot decide a claim now, with who can; empty when it can."""
    words = four_eyes.blocked(
        session,
        principal,
        Permission.CLAIM_DECIDE,
        pair=four_eyes.Pair(claim.vendor_id, claim.partner_id),
        involved=involved(session, request, claim),
    )
    if words or claim.state not in CLAIM_WAITS:
        return words
    stand = standing(session, request, claim)
    return ladders.blocked(session, principal, claim.vendor_id, stand, now)


def passed(work: Work, request: FundRequest, claim: Claim, granted: Money, words: str) -> bool:
    """Write down this person's yes; say whether it was the last one that a waiting claim needs.

    Otherwise the next group has its working days, and a mail each.
    """
    if claim.state not in CLAIM_WAITS:
        return True
    ladder = ladder_of(work.session, request, claim)
    stand = ladders.standing(work.session, ladder)
    ladders.climb(work, ladder, stand, granted)
    if stand.last:
        return True
    claim.answer_by = answer_day_of(work.session, request, work.now)
    log(work, claim, "passed", joined(ladders.passed_words(stand), words.strip()))
    letters.claim_sent(work, claim, deciders(work, request, claim))
    return False


def deciders(work: Work, request: FundRequest, claim: Claim) -> set[UUID]:
    """Return the people a claim waits for."""
    stand = standing(work.session, request, claim)
    may = Permission.CLAIM_DECIDE
    people = ladders.people(work.session, claim.vendor_id, stand, may, work.now)
    return people - {each for each in involved(work.session, request, claim) if each}
