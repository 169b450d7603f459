"""What was decided is not decided again by another way, and what an appeal wins is there to be given."""

import pytest

from tcma.errors import Conflict, LimitReached
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.funds import opening
from tcma.mdf.ledger import booking
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import holding
from tcma.mdf.requests.decisions import Answer
from tcma.mdf.rules import AccountKind, ClaimState, RequestState
from tcma.permissions import Role
from tests import builders
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.test_repaying import batched, settled


def on_claim(house, who, ref, act, **how):
    with house.db(who) as work:
        claim = queries.claim_by_ref(work.session, who, ref)
        act(work, claim, **how)
        return claim.state


def held(house, kind):
    with house.db() as work:
        assert booking.verify(work.session) == []
        return queries.balance(work.session, kind, currency="GBP")


@pytest.fixture
def cora(house):
    with house.db() as work:
        return builders.a_user(work, Role.FINANCE, name="Cora", vendor_id=house.vendor)


@pytest.mark.parametrize("state", [ClaimState.PAYMENT_PENDING, ClaimState.PAID])
def test_a_claim_in_payment_is_not_approved_again_over_another_sum(house, state):
    ref = house.proven(house.approved(1_000))
    claim = house.decided(house.claimed(ref, ("1", 800)), close=False)
    batch = batched(house, claim)
    if state == ClaimState.PAID:
        settled(house, batch)
    with pytest.raises(Conflict) as refused:
        on_claim(house, house.mira, claim, claim_decisions.approve, amount=gbp(700))
    assert refused.value.code == "mdf.claim.moved"
    assert held(house, AccountKind.RESERVED) == gbp(200)


def appealed(house, claim):
    why = {"reason": Reason.BRAND_RULE, "words": "Old logo."}
    on_claim(house, house.mira, claim, claim_decisions.refuse, **why)
    on_claim(house, house.alice, claim, filing.appeal, words="It was the new one.")


def test_an_appeal_wins_what_its_activity_has_left_and_nothing_of_its_neighbours(house, cora):
    ref = house.proven(house.proven(house.approved(1_000, 500)), no=2)
    first = house.claimed(ref, ("1", 800), no=1)
    appealed(house, first)
    house.decided(house.claimed(ref, ("2", 900), no=1), close=False)
    with pytest.raises(LimitReached, match=r"£100\.00 is left") as refused:
        on_claim(house, cora, first, claim_decisions.approve, close=False)
    assert refused.value.code == "mdf.claim.used_up"
    on_claim(house, cora, first, claim_decisions.approve, amount=gbp(100), close=False)
    assert held(house, AccountKind.RESERVED) == gbp(500)
    house.decided(house.claimed(ref, ("3", 500), no=2))
    assert held(house, AccountKind.ACCRUED) == gbp(1_500)


def test_a_plan_waits_for_no_more_than_what_it_was_granted(house):
    wanted = house.sent(6_000, 3_000)
    house.approved(3_500)
    with house.db(house.mira) as work:
        request = queries.request_by_ref(work.session, house.mira, wanted)
        no = Answer(refused=True, reason=Reason.OVER_CAP)
        with pytest.raises(Conflict, match="The money is there"):
            request_decisions.hold(work, request, [Answer(), no])
    house.approved(1_000)
    with house.db(house.mira) as work:
        request = queries.request_by_ref(work.session, house.mira, wanted)
        request_decisions.hold(work, request, [Answer(), no])
    house.sent(100)
    with house.db(house.finn) as work:
        fund = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, fund, house.partner, gbp(500))
    with house.db() as work:
        assert holding.release(work) == [wanted]
        assert queries.request_by_ref(work.session, house.mira, wanted).state == (
            RequestState.APPROVED
        )
