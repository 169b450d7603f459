"""A claim is discarded as a draft, taken back once filed, and taken up again; no money moves."""

import pytest

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.mdf import queries
from tcma.mdf.claim_rows import claims
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing, withdrawing
from tcma.mdf.ledger import booking
from tcma.mdf.records import About
from tcma.mdf.rules import ClaimState

from .conftest import gbp


def act(house, who, ref, verb, **how):
    with house.db(who) as work:
        claim = queries.claim_by_ref(work.session, who, ref)
        verb(work, claim, **how)
        return claim.state


def left(house, plan):
    with house.db() as work:
        request = queries.request_by_ref(work.session, house.alice, plan)
        return queries.remaining_of(work.session, request)


def seen(house, who, state):
    with house.db(who) as work:
        page = claims(work.session, who, now=work.now, state=state, about=About())
        return [row.ref for row in page.rows]


def test_a_discarded_draft_is_no_longer_a_thing_to_do_and_the_vendor_never_sees_it(house):
    plan = house.proven(house.approved(800))
    ref = house.claimed(plan, ("1", 300), submit=False)
    assert act(house, house.alice, ref, withdrawing.withdraw) == ClaimState.WITHDRAWN
    assert seen(house, house.alice, ClaimState.DRAFT) == []
    assert seen(house, house.alice, ClaimState.WITHDRAWN) == [ref]
    assert seen(house, house.mira, ClaimState.WITHDRAWN) == []
    with pytest.raises(NotFound):
        act(house, house.mira, ref, claim_decisions.approve)
    assert act(house, house.alice, ref, withdrawing.take_up) == ClaimState.DRAFT
    assert act(house, house.alice, ref, filing.submit) == ClaimState.SUBMITTED


def test_a_filed_claim_is_taken_back_with_a_word_and_frees_what_it_took(house):
    plan = house.proven(house.approved(800))
    ref = house.claimed(plan, ("1", 300))
    assert left(house, plan) == gbp(500)
    with pytest.raises(Invalid, match="Say why"):
        act(house, house.alice, ref, withdrawing.withdraw)
    state = act(house, house.alice, ref, withdrawing.withdraw, words="The wrong invoice.")
    assert (state, left(house, plan)) == (ClaimState.WITHDRAWN, gbp(800))
    assert seen(house, house.mira, ClaimState.WITHDRAWN) == [ref]
    with pytest.raises(Conflict, match="taken back by now"):
        act(house, house.mira, ref, claim_decisions.approve)
    again = house.claimed(plan, ("1", 300))
    assert act(house, house.mira, again, claim_decisions.approve) == ClaimState.APPROVED
    with house.db() as work:
        assert booking.verify(work.session) == []


def test_what_is_decided_is_not_taken_back_and_a_second_draft_is_not_taken_up(house):
    plan = house.proven(house.approved(800))
    first = house.claimed(plan, ("1", 300), submit=False)
    act(house, house.alice, first, withdrawing.withdraw)
    second = house.claimed(plan, ("2", 200), submit=False)
    with pytest.raises(Conflict, match=second):
        act(house, house.alice, first, withdrawing.take_up)
    act(house, house.alice, second, filing.submit)
    with pytest.raises(Forbidden):
        act(house, house.mira, second, withdrawing.withdraw, words="Not mine.")
    act(house, house.mira, second, claim_decisions.approve, close=False)
    with pytest.raises(Conflict):
        act(house, house.alice, second, withdrawing.withdraw, words="Too late.")
