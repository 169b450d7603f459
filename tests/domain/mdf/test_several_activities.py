"""Plans with several activities: each is approved, cut or refused, claimed and closed by itself."""

from datetime import date

import pytest

from tcma.errors import Conflict, Invalid
from tcma.mdf import overdue, queries
from tcma.mdf.ledger import booking
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.requests import views as request_views
from tcma.mdf.requests.decisions import Answer
from tcma.mdf.rules import AccountKind, ActivityKind, RequestState

from .conftest import gbp

CUT = Answer(gbp(250), Reason.OVER_CAP, "One stand is enough.")
NOT_PAID = Answer(reason=Reason.INELIGIBLE, words="Not this year.", refused=True)


def answered(house, ref, *answers):
    with house.db(house.finn) as work:
        request = queries.request_by_ref(work.session, house.finn, ref)
        request_decisions.decide(work, request, answers, words="Good work.")


def detail(house, ref):
    with house.db(house.alice) as work:
        return request_views.request_detail(work.session, house.alice, ref, now=work.now)


def reserved(house):
    with house.db() as work:
        assert booking.verify(work.session) == []
        return queries.balance(work.session, AccountKind.RESERVED, currency="GBP")


def test_each_activity_is_approved_cut_or_refused_and_the_reservation_follows(house):
    ref = house.sent(600, 400, 300)
    answered(house, ref, Answer(), CUT, NOT_PAID)
    it = detail(house, ref)
    assert [a.approved for a in it.activities] == [gbp(600), gbp(250), None]
    assert [a.state for a in it.activities] == ["approved", "approved", "refused"]
    assert (it.row.requested, it.row.approved, it.remaining) == (gbp(1300), gbp(850), gbp(850))
    assert "Activity 2: £250.00 of £400.00" in it.note
    assert "Activity 3 is not paid: this activity is not paid for: Not this year." in it.note
    assert reserved(house) == gbp(850)


def test_one_of_several_is_cut_only_with_a_word_why_whoever_asks_the_verb(house):
    ref = house.sent(600, 400)
    answers = [Answer(), Answer(gbp(250))]
    with house.db(house.finn) as work:
        request = queries.request_by_ref(work.session, house.finn, ref)
        for verb in (request_decisions.decide, request_decisions.hold):
            with pytest.raises(Invalid) as refused:
                verb(work, request, answers, words=" ")
            assert list(refused.value.fields) == ["lines-1-reason"]
        request_decisions.decide(work, request, answers, words="The hall is too dear.")
    assert reserved(house) == gbp(850)


def test_the_same_answer_twice_is_one_and_another_one_is_refused(house):
    ref = house.sent(600, 400)
    answered(house, ref, Answer(), CUT)
    answered(house, ref, Answer(), CUT)
    assert reserved(house) == gbp(850)
    with pytest.raises(Conflict):
        answered(house, ref, Answer(), Answer())


def test_a_plan_of_which_nothing_is_paid_is_refused(house):
    ref = house.sent(600, 400)
    answered(house, ref, NOT_PAID, NOT_PAID)
    it = detail(house, ref)
    assert (it.row.state, it.row.approved, reserved(house)) == (
        RequestState.REJECTED,
        None,
        gbp(0),
    )


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ((Answer(), Answer(gbp(401))), "lines-1-amount"),
        ((Answer(gbp(0)), Answer()), "lines-0-amount"),
        ((Answer(refused=True), Answer()), "lines-0-amount"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_at_its_activity(house, answers, field):
    ref = house.sent(600, 400)
    with pytest.raises(Invalid) as refused:
        answered(house, ref, *answers)
    assert field in refused.value.fields
    assert reserved(house) == gbp(0)


def test_a_part_of_several_activities_is_not_approved_in_one_sum(house):
    ref = house.sent(600, 400)
    with house.db(house.finn) as work:
        request = queries.request_by_ref(work.session, house.finn, ref)
        with pytest.raises(Invalid, match="several activities"):
            request_decisions.approve(work, request, amount=gbp(700))


def test_activities_are_claimed_and_closed_one_by_one(house):
    ref = house.sent(600, 400)
    answered(house, ref, Answer(), CUT)
    second = house.claimed(house.proven(ref, no=2), ("P-2", 240), no=2)
    house.decided(second)
    it = detail(house, ref)
    assert [a.state for a in it.activities] == ["approved", "closed"]
    assert (it.row.state, it.remaining, reserved(house)) == (
        RequestState.APPROVED,
        gbp(600),
        gbp(600),
    )
    assert [claim.title for claim in it.claims] == ["Ten-day security check and 1 more, activity 2"]
    house.decided(house.claimed(house.proven(ref), ("P-1", 600)))
    assert (detail(house, ref).row.state, reserved(house)) == (RequestState.CLOSED, gbp(0))


def test_the_money_of_one_activity_does_not_pay_for_another(house):
    ref = house.sent(600, 400)
    answered(house, ref, Answer(), CUT)
    claim = house.claimed(house.proven(ref, no=2), ("P-2", 900), no=2)
    with house.db(house.alice) as work:
        assert queries.claim_by_ref(work.session, house.alice, claim).amount_minor == 25_000


def test_a_refused_activity_cannot_be_claimed(house):
    ref = house.sent(600, 400)
    answered(house, ref, Answer(), NOT_PAID)
    with pytest.raises(Conflict, match="Activity 2 was not approved"):
        house.claimed(ref, no=2)


def test_each_activity_has_its_own_last_day_to_claim(house):
    spring = house.activity(600)
    summer = house.activity(400, kind=ActivityKind.EVENT, starts=date(2026, 7, 1))
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        plan = planning.RequestPlan([spring, summer], title="Two seasons")
        request = planning.draft(work, part, plan)
        planning.submit(work, request)
        ref = request.ref
    answered(house, ref, Answer(), Answer())
    days = [a.claim_by for a in detail(house, ref).activities]
    assert days == [date(2026, 5, 24), date(2026, 8, 25)]
    house.db.clock.at = house.db.clock.at.replace(month=6)
    with house.db() as work:
        overdue.settle(work)
    it = detail(house, ref)
    assert ([a.state for a in it.activities], it.remaining) == (["closed", "approved"], gbp(400))
