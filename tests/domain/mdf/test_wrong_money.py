"""Ways to get money twice, or to be kept from money that is there: none of them works."""

import pytest

from tcma.errors import Conflict, LimitReached
from tcma.mdf import queries
from tcma.mdf.case_files.twins import doubts
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.rules import AccountKind, ClaimState, RequestState

from .conftest import gbp
from .test_decided_again import appealed, batched, cora, held, on_claim, settled  # noqa: F401
from .test_stages import ruled


def refused(house, claim):
    why = {"reason": Reason.BRAND_RULE, "words": "Old logo."}
    on_claim(house, house.mira, claim, claim_decisions.refuse, **why)


def test_an_appeal_wins_nothing_beyond_its_activity_when_that_was_closed_meanwhile(house, cora):  # noqa: F811
    ref = house.proven(house.approved(1_000))
    first = house.claimed(ref, ("1", 900))
    refused(house, first)
    house.decided(house.claimed(ref, ("2", 800)), close=True)
    on_claim(house, house.alice, first, filing.appeal, words="It was the new one.")
    with pytest.raises(LimitReached, match=r"£200\.00 is left") as more:
        on_claim(house, cora, first, claim_decisions.approve)
    assert more.value.code == "mdf.claim.used_up"
    on_claim(house, cora, first, claim_decisions.approve, amount=gbp(200))
    assert held(house, AccountKind.ACCRUED) == gbp(1_000)
    assert held(house, AccountKind.RESERVED) == gbp(0)


def numbers(house, ref):
    with house.db(house.alice) as work:
        claim = queries.claim_by_ref(work.session, house.alice, ref)
        return list(doubts(work.session, claim).numbers.values())


def test_an_invoice_of_a_claim_that_is_appealed_is_not_claimed_again(house):
    ref = house.proven(house.approved(2_000))
    appealed(house, house.claimed(ref, ("1", 800)))
    second = house.claimed(ref, ("1", 800), submit=False)
    assert numbers(house, second)
    with pytest.raises((Conflict, LimitReached), match="CLM-2026-0001"):
        on_claim(house, house.alice, second, filing.submit)


@pytest.mark.parametrize(("back", "again"), [(100, False), (None, True)])
def test_an_invoice_is_paid_again_only_when_all_of_it_was_asked_back(house, cora, back, again):  # noqa: F811
    ref = house.proven(house.approved(2_000))
    claim = house.decided(house.claimed(ref, ("1", 800)), close=False)
    settled(house, batched(house, claim))
    ask = {"reason": Reason.BRAND_RULE, "words": "Half of it ran.", "amount": back and gbp(back)}
    assert on_claim(house, cora, claim, claim_decisions.claw_back, **ask) == ClaimState.REVERSED
    second = house.claimed(ref, ("1", 800), submit=False)
    assert bool(numbers(house, second)) is not again
    if again:
        on_claim(house, house.alice, second, filing.submit)
        return
    with pytest.raises((Conflict, LimitReached), match=claim):
        on_claim(house, house.alice, second, filing.submit)


CAP = '\n[[cap]]\nname = "Print"\namount = "1000.00"\nper = "quarter"\nthen = "refuse"\n'


def closed(house, ref):
    with house.db(house.finn) as work:
        request_decisions.close(work, queries.request_by_ref(work.session, house.finn, ref))


def test_of_a_closed_plan_only_what_was_claimed_counts_against_a_cap(house, cora):  # noqa: F811
    ruled(house, CAP)
    first = house.proven(house.approved(800))
    with pytest.raises(LimitReached, match="Print"):
        house.sent(300)
    claim = house.decided(house.claimed(first, ("1", 250)), close=False)
    with pytest.raises(LimitReached, match="Print"):
        house.sent(300)
    closed(house, first)
    with pytest.raises(LimitReached, match="Print"):
        house.sent(751)
    house.approved(750)
    settled(house, batched(house, claim))
    with pytest.raises(LimitReached, match="Print"):
        house.sent(100)
    ask = {"reason": Reason.BRAND_RULE, "words": "It did not run.", "amount": gbp(100)}
    on_claim(house, cora, claim, claim_decisions.claw_back, **ask)
    house.sent(100)
    with pytest.raises(LimitReached, match="Print"):
        house.sent(1)


def test_a_plan_that_nobody_claimed_takes_nothing_of_a_cap(house):
    ruled(house, CAP)
    closed(house, house.approved(1_000))
    ref = house.sent(1_000)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        assert request.state == RequestState.SUBMITTED
