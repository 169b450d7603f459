"""A claim passes levels by its sum, as a plan does; who approved its plan at any level decides no claim of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tcma.delivery.models import Message, MessageBody
from tcma.errors import Conflict
from tcma.mdf import queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.claims import views as claim_views
from tcma.mdf.judging import versions
from tcma.mdf.programme.sentences import of
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import absences
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.rules import AccountKind, ClaimState
from tcma.permissions import Role
from tests import builders

from .conftest import gbp
from .test_stages import TWO, plan, ruled
from .test_withdrawals import act

CLAIMS = TWO.replace("approval", "claim_approval").replace('"finance"', '"administrator"')


@pytest.fixture
def ada(house):
    with house.db() as work:
        return builders.a_user(work, Role.ADMINISTRATOR, name="Ada", vendor_id=house.vendor)


def seen(house, who, ref):
    with house.db(who) as work:
        return claim_views.claim_detail(work.session, who, ref, now=work.now)


def owed(house):
    with house.db() as work:
        return queries.balance(work.session, AccountKind.ACCRUED, currency="GBP")


def test_a_large_claim_needs_a_second_persons_yes_and_a_small_one_does_not(house, ada):
    ruled(house, CLAIMS)
    ref = house.proven(house.approved(1_500))
    small, large = house.claimed(ref, ("1", 400)), house.claimed(ref, ("2", 900))
    assert (
        act(house, house.mira, small, claim_decisions.approve, close=False) == ClaimState.APPROVED
    )
    with pytest.raises(Conflict, match="Level 1 of 2 is decided by channel manager"):
        act(house, ada, large, claim_decisions.approve)
    assert act(house, house.mira, large, claim_decisions.approve) == ClaimState.SUBMITTED
    it = seen(house, house.mira, large)
    assert (it.level, it.levels, it.yeses) == (2, 2, ("Level 1: Mira",))
    assert it.blocked.startswith("You said yes at level 1")
    assert owed(house) == gbp(400)
    assert act(house, ada, large, claim_decisions.approve) == ClaimState.APPROVED
    assert owed(house) == gbp(1_300)


def test_only_those_whose_turn_it_is_are_told_that_a_claim_waits(house, ada):
    ruled(house, CLAIMS)

    def told(ref):
        with house.db() as work:
            sent = select(Message.address).join(MessageBody, MessageBody.message_id == Message.id)
            about = sent.where(MessageBody.subject.contains(ref)).order_by(Message.id)
            return [to.split(".")[0] for to in work.session.scalars(about)]

    ref = house.proven(house.approved(1_500))
    large = house.claimed(ref, ("1", 900))
    assert told(large) == ["mira"]
    act(house, house.mira, large, claim_decisions.approve)
    assert told(large) == ["mira", "ada"]
    small = house.claimed(ref, ("2", 400))
    act(house, house.mira, small, claim_decisions.refuse, reason=Reason.POP_MISSING, words="No.")
    before = told(small)
    act(house, house.alice, small, filing.appeal, words="It is in the file.")
    assert told(small) == before  # who refused it does not decide its appeal
    with house.db() as work:
        builders.a_user(work, Role.CHANNEL_MANAGER, name="Cora", vendor_id=house.vendor)
    third = house.claimed(ref, ("3", 100))
    assert told(third) == ["cora", "mira"]
    act(house, house.mira, third, claim_decisions.refuse, reason=Reason.POP_MISSING, words="No.")
    before = told(third)
    act(house, house.alice, third, filing.appeal, words="It is in the file.")
    assert told(third) == [*before, "cora"]


def test_a_deputy_passes_a_claims_level(house, ada):
    ruled(house, CLAIMS)
    large = house.claimed(house.proven(house.approved(1_500)), ("2", 900))
    with house.db(house.mira) as work:
        today = work.now.date()
        absences.state(work, ada.user_id, today, today + timedelta(3))
    act(house, ada, large, claim_decisions.approve)
    assert seen(house, house.mira, large).yeses == ("Level 1: Ada, for Mira",)


def test_who_approved_the_plan_at_level_one_decides_no_claim_of_it(house, ada):
    ruled(house, TWO)
    ref = house.sent(900)
    plan(house, house.mira, ref, request_decisions.approve)
    plan(house, house.finn, ref, request_decisions.approve)
    claim = house.claimed(house.proven(ref), ("1", 900))
    for one in (house.mira, house.finn):
        with pytest.raises(Conflict, match="You approved the plan"):
            act(house, one, claim, claim_decisions.approve)
    assert act(house, ada, claim, claim_decisions.approve) == ClaimState.APPROVED


def test_the_rules_say_it_in_sentences(house):
    ruled(house, CLAIMS)
    with house.db(house.finn) as work:
        programme = versions.programme_by_ref(work.session, house.finn, house.fund_ref)
        newest = versions.versions_of(work.session, programme)[0]
        said = [words for part in of(versions.rules_of(newest)) for words in part.sentences]
    assert "Claims up to £500.00 need one yes, of channel manager." in said
    assert "Claims above that need a further yes, of administrator: another person." in said
