"""A change of an approved activity is judged like a new plan, and passes the levels of its new sum."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tcma.errors import Conflict, Invalid, LimitReached
from tcma.mdf import queries, queue
from tcma.mdf.funds import opening
from tcma.mdf.models.programmes import Judgement
from tcma.mdf.requests import amending, planning
from tcma.mdf.requests import decisions as request_decisions
from tcma.money import Money

from .conftest import gbp
from .test_ledger_faults import together
from .test_stages import TWO, plan, reserved, ruled

CAPPED = """
[[cap]]
name = "Print per quarter"
amount = "1000.00"
per = "quarter"
activities = ["print"]
then = "refuse"
"""


def asked(house, ref, *lines, starts=date(2026, 4, 6), words="A bigger hall."):
    def ask(work, request):
        costs = [planning.PlanLine(label, gbp(net)) for label, net in lines]
        change = amending.Change(starts, starts + timedelta(30), costs, words)
        amending.ask(work, request, 1, change)

    return plan(house, house.alice, ref, ask)


def test_a_small_plan_cannot_grow_past_the_levels_by_one_yes(house):
    ruled(house, TWO)
    ref = house.sent(100)
    plan(house, house.mira, ref, request_decisions.approve)
    asked(house, ref, ("Adverts", 9_000))
    it = plan(house, house.finn, ref).changes[0]
    assert (it.level, it.levels) == (1, 2)
    assert it.blocked.startswith("Level 1 of 2 is decided by channel")
    plan(house, house.mira, ref, amending.approve, no=1)
    it = plan(house, house.mira, ref)
    assert (it.row.approved, it.changes[0].state, it.changes[0].level) == (gbp(100), "waiting", 2)
    assert it.changes[0].blocked.startswith("You said yes at level 1")
    with pytest.raises(Conflict):
        plan(house, house.mira, ref, amending.approve, no=1)
    done = plan(house, house.finn, ref, amending.approve, no=1)
    assert (done.row.approved, reserved(house)) == (gbp(9_000), gbp(9_000))
    with house.db() as work:
        assert {row.event for row in work.session.scalars(select(Judgement))} >= {"sent", "changed"}


@pytest.mark.parametrize("net", [1_001, 5_000])
def test_a_change_above_a_cap_is_stopped_as_a_new_plan_would_be(house, net):
    ruled(house, CAPPED)
    ref = house.approved(100)
    with pytest.raises(LimitReached, match=r"Print per quarter: £1,000\.00"):
        asked(house, ref, ("Adverts", net))
    it = asked(house, ref, ("Adverts", 1_000))
    assert [check.ok for check in it.changes[0].checks] == [True] * len(it.changes[0].checks)


def test_plans_of_a_fund_in_another_currency_count_against_no_limit_of_this_one(house):
    ruled(house, CAPPED, into={'currency = "GBP"\n': ""})
    yen = Money(90_000, "JPY")
    with house.db(house.finn) as work:
        second = opening.create_fund(
            work,
            opening.FundPlan(
                name="Tokyo", total=yen, starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
                rules=house.fund_ref,
            ),
        )  # fmt: skip
        opening.allocate(work, second, house.partner, yen)
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, second.ref)
        line = planning.PlanLine("Adverts", Money(900, "JPY"))
        activity = replace(house.activity(), lines=[line])
        request = planning.draft(work, part, planning.RequestPlan([activity]))
        planning.submit(work, request)
    assert house.approved(999)
    with pytest.raises(LimitReached, match=r"Print per quarter: £1,000\.00"):
        house.sent(2)


def test_the_desk_sees_that_a_cost_of_a_change_is_not_paid_for(house):
    ref = house.approved(800)
    asked(house, ref, ("Adverts", 800), ("Alcohol", 100))
    it = plan(house, house.mira, ref).changes[0]
    assert any("Alcohol is not paid for" in check.words for check in it.checks)
    with house.db(house.mira) as work:
        queued = queue.queue(work.session, house.mira, now=work.now)
    assert queued[0].checks_all > 0


def test_another_first_day_keeps_the_notice_again(house):
    ref = house.approved(800)
    with pytest.raises(LimitReached, match="working days; Quillon needs 10"):
        asked(house, ref, ("Adverts", 700), starts=date(2026, 3, 10))


def test_who_has_begun_may_still_ask_for_other_costs_and_the_desk_reads_that_notice_is_short(house):
    ref = house.approved(800)
    house.db.clock.at += timedelta(27)
    asked(house, ref, ("Adverts", 850), starts=date(2026, 3, 30))
    it = plan(house, house.mira, ref).changes[0]
    assert [check.code for check in it.checks if not check.ok] == ["notice"]


def test_a_change_of_an_activity_that_is_over_is_not_answered(house):
    ref = house.approved(800)
    asked(house, ref, ("Adverts", 900))
    plan(house, house.alice, ref, request_decisions.close)
    with pytest.raises(Conflict, match="over by now"):
        plan(house, house.mira, ref, amending.approve, no=1)


def test_a_change_of_days_that_are_over_is_refused_and_of_costs_alone_is_not(house):
    ref = house.approved(800)
    house.db.clock.at += timedelta(60)
    with pytest.raises(Invalid) as refused:
        asked(house, ref, ("Adverts", 700), starts=date(2026, 4, 6))
    assert refused.value.fields == {"starts_on": "This day is over."}


def test_of_a_yes_and_a_no_to_a_change_at_once_one_counts(house):
    ref = house.approved(800)
    asked(house, ref, ("Adverts", 900))

    def answer(number):
        if number % 2:
            plan(house, house.mira, ref, amending.approve, no=1)
        else:
            plan(house, house.mira, ref, amending.refuse, no=1, words="Too dear.")

    codes = [getattr(each, "code", "") for each in together(6, answer)]
    assert sorted(codes) == ["", *["mdf.amendment.moved"] * 5]
    it = plan(house, house.mira, ref)
    granted = gbp(900) if it.changes[0].state == "approved" else gbp(800)
    assert (it.row.approved, reserved(house)) == (granted, granted)


def test_two_activities_changed_at_once_add_up(house):
    ref = house.approved(300, 400)

    def ask(work, request):
        for no, net in ((1, 350), (2, 450)):
            row = queries.activity_at(work.session, request, no)
            costs = [planning.PlanLine("Adverts", gbp(net))]
            change = amending.Change(row.starts_on, row.ends_on, costs, "A bigger hall.")
            amending.ask(work, request, no, change)

    plan(house, house.alice, ref, ask)
    together(2, lambda n: plan(house, house.mira, ref, amending.approve, no=n + 1))
    assert (plan(house, house.mira, ref).row.approved, reserved(house)) == (gbp(800), gbp(800))
