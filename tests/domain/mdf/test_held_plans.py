"""Plans that wait for money while their days pass: they end, and money reaches those behind them."""

from datetime import UTC, date, datetime

from tcma.mdf import queries
from tcma.mdf.funds import opening
from tcma.mdf.requests import decisions, holding, planning
from tcma.mdf.requests.decisions import Answer
from tcma.mdf.rules import ActivityState, RequestState
from tests.domain.mdf.conftest import gbp
from tests.domain.mdf.test_fund_changes import WHY, Act, Change, asked, confirmed


def held(house, *plans):
    """References of plans (each a list of activities) that were approved while the fund was empty."""
    refs = []
    for plan in plans:
        with house.db(house.alice) as work:
            part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
            request = planning.draft(work, part, planning.RequestPlan(plan))
            planning.submit(work, request)
            refs.append(request.ref)
    house.approved(9_900)
    for ref in refs:
        with house.db(house.mira) as work:
            request = queries.request_by_ref(work.session, house.mira, ref)
            answers = [Answer() for _ in queries.activities_of(work.session, request.id)]
            decisions.hold(work, request, answers)
    return refs


def more(house, major):
    with house.db(house.finn) as work:
        fund = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, fund, house.partner, gbp(major))


def state(house, ref):
    with house.db() as work:
        request = queries.request_by_ref(work.session, house.mira, ref)
        return request.state, request.note


def test_a_held_plan_ends_with_its_last_day_and_lets_the_next_one_through(house):
    later = [house.activity(4_000, starts=date(2026, 5, 4))]
    first, later = held(house, [house.activity(5_000)], later)
    house.db.clock.at = datetime(2026, 4, 9, 22, 0, tzinfo=UTC)
    with house.db() as work:
        assert [holding.lapse_plan(work, each) for each in holding.held(work)] == ["", ""]
    house.db.clock.at = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
    more(house, 4_500)
    with house.db() as work:
        assert holding.release(work) == [later]
    assert state(house, first) == (RequestState.EXPIRED, holding.OVER)
    assert state(house, later)[0] == RequestState.APPROVED


def test_of_several_activities_those_that_are_over_are_refused_and_the_others_reserved(house):
    plan = [house.activity(3_000), house.activity(2_000, starts=date(2026, 5, 4))]
    (ref,) = held(house, plan)
    house.db.clock.at = datetime(2026, 4, 10, 9, 0, tzinfo=UTC)
    more(house, 1_950)
    with house.db() as work:
        assert holding.release(work) == [ref]
        request = queries.request_by_ref(work.session, house.mira, ref)
        assert request.approved_minor == 200_000
        states = [row.state for row in queries.activities_of(work.session, request.id)]
    assert states == [ActivityState.REFUSED, ActivityState.APPROVED]


def test_a_held_plan_ends_with_its_fund(house):
    (ref,) = held(house, [house.activity(5_000)])
    confirmed(house, house.mira, asked(house, house.finn, Change(act=Act.CLOSE, reason=WHY)))
    with house.db() as work:
        assert holding.release(work) == []
    assert state(house, ref) == (RequestState.EXPIRED, "The fund ended before money came.")
