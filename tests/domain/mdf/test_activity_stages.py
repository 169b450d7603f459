"""Where an activity is: on each of its days, with and without signs, and however it ends."""

from datetime import UTC, date, datetime

import pytest

from tcma.mdf import overdue, queries
from tcma.mdf.requests import decisions
from tcma.mdf.requests import views as request_views
from tcma.mdf.rules import ActivityState, RequestState
from tcma.mdf.stages import Signs, Stage, stage_of

A, S = ActivityState, Stage
FIRST, LAST = date(2026, 3, 30), date(2026, 4, 9)
NONE, RAN, RUNS = Signs(), Signs(shown=True), Signs(running=True, shown=True)


@pytest.mark.parametrize(
    ("state", "today", "signs", "stage"),
    [
        (A.PLANNED, FIRST, NONE, S.PLANNED),
        (A.REFUSED, FIRST, RAN, S.REFUSED),
        (A.APPROVED, date(2026, 3, 29), NONE, S.APPROVED),
        (A.APPROVED, date(2026, 3, 29), RUNS, S.EXECUTING),
        (A.APPROVED, FIRST, NONE, S.EXECUTING),
        (A.APPROVED, LAST, NONE, S.EXECUTING),
        (A.APPROVED, date(2026, 4, 10), NONE, S.NOT_EXECUTED),
        (A.APPROVED, date(2026, 4, 10), RAN, S.EXECUTED),
        (A.APPROVED, date(2026, 4, 10), RUNS, S.EXECUTING),
        (A.CLOSED, LAST, Signs(shown=True, paid_for=True, late=True), S.CLOSED),
        (A.CLOSED, LAST, RAN, S.CLOSED),
        (A.CLOSED, LAST, NONE, S.NOT_EXECUTED),
        (A.CLOSED, LAST, Signs(shown=True, late=True), S.EXPIRED),
        (A.CLOSED, LAST, Signs(late=True), S.EXPIRED),
    ],
)
def test_each_state_day_and_sign_has_its_stage(state, today, signs, stage):
    assert stage_of(state, FIRST, LAST, today, signs) is stage


def at(house, day):
    house.db.clock.at = datetime.combine(day, datetime.min.time(), UTC).replace(hour=9)


def shown(house, ref):
    """The pill of the plan, the stages of its activities."""
    with house.db(house.alice) as work:
        detail = request_views.request_detail(work.session, house.alice, ref, now=work.now)
        (line,) = request_views.requests(work.session, house.alice, now=work.now).rows
        assert line.shown is detail.row.shown
        return detail.row.shown, [each.stage for each in detail.activities]


def test_a_plan_goes_through_its_stages_and_expires_when_nobody_claims_it(house):
    ref = house.sent(400)
    assert shown(house, ref) == (RequestState.SUBMITTED, [S.PLANNED])
    with house.db(house.finn) as work:
        decisions.approve(work, queries.request_by_ref(work.session, house.finn, ref))
    assert shown(house, ref) == (RequestState.APPROVED, [S.APPROVED])
    for day, stage in (
        (FIRST, S.EXECUTING),
        (LAST, S.EXECUTING),
        (date(2026, 4, 10), S.NOT_EXECUTED),
    ):
        at(house, day)
        assert shown(house, ref) == (RequestState.APPROVED, [stage])
    house.proven(ref)
    assert shown(house, ref) == (RequestState.APPROVED, [S.EXECUTED])
    at(house, date(2026, 5, 24))
    with house.db() as work:
        overdue.settle(work)
    assert shown(house, ref) == (RequestState.APPROVED, [S.EXECUTED])
    at(house, date(2026, 5, 25))
    with house.db() as work:
        overdue.settle(work)
    assert shown(house, ref) == (RequestState.EXPIRED, [S.EXPIRED])


def test_what_was_claimed_in_part_or_closed_by_hand_did_not_expire(house):
    ref = house.proven(house.approved(400, 300))
    house.decided(house.claimed(ref, ("1", 200), no=1), close=False)
    with house.db(house.finn) as work:
        decisions.close(work, queries.request_by_ref(work.session, house.finn, ref))
    assert shown(house, ref) == (RequestState.CLOSED, [S.CLOSED, S.NOT_EXECUTED])


def test_of_two_activities_one_that_was_paid_for_keeps_the_plan_closed(house):
    ref = house.proven(house.approved(400, 300))
    house.decided(house.claimed(ref, ("1", 200), no=1), close=False)
    at(house, date(2026, 5, 25))
    with house.db() as work:
        overdue.settle(work)
    assert shown(house, ref) == (RequestState.CLOSED, [S.CLOSED, S.EXPIRED])
