"""Funds and requests: who may, what is refused with a remedy, who is told."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, LimitReached, NotFound
from tcma.mdf import queries
from tcma.mdf.funds import opening
from tcma.mdf.funds import views as fund_views
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import planning
from tcma.mdf.rules import RequestState
from tcma.money import Money
from tests import builders

from .conftest import gbp

PLAN = opening.FundPlan(
    name="Second half", total=gbp(500), starts_on=date(2026, 7, 1), ends_on=date(2026, 12, 31)
)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"name": "  "}, "name"),
        ({"ends_on": date(2026, 6, 30)}, "ends_on"),
        ({"share_bps": 0}, "share"),
        ({"share_bps": 10_001}, "share"),
        ({"claim_days": 0}, "claim_days"),
        ({"notice_days": -1}, "notice_days"),
        ({"total": gbp(0)}, "total"),
        ({"cap": Money(5, "EUR")}, "cap"),
    ],
)
def test_a_fund_that_cannot_be_is_refused_at_its_field(house, other, field):
    with house.db(house.finn) as work, pytest.raises(Invalid) as refused:
        opening.create_fund(work, replace(PLAN, **other))
    assert field in refused.value.fields


def test_only_who_manages_budgets_opens_funds_and_names_are_once(house):
    with house.db(house.alice) as work, pytest.raises(Forbidden):
        opening.create_fund(work, PLAN)
    with house.db(house.mira) as work:
        opening.create_fund(work, PLAN)
    with pytest.raises(Conflict), house.db(house.mira) as work:
        opening.create_fund(work, PLAN)


def test_money_added_later_is_there_to_allocate(house):
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.add_money(work, budget, gbp(500), reason="second tranche")
        opening.allocate(work, budget, house.partner, gbp(30_500))
    with house.db(house.finn) as work:
        fund = fund_views.fund_summary(work.session, house.finn, house.fund_ref, now=work.now)
    assert (fund.total, fund.unallocated, fund.available) == (gbp(40_500), gbp(0), gbp(40_500))
    assert fund.partners == 1


def test_a_partner_that_is_not_enrolled_gets_no_part(house):
    with house.db() as work:
        stranger = builders.a_partner(work, builders.a_vendor(work, name="Larkspur"))
    with house.db(house.finn) as work:
        budget = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        with pytest.raises(Conflict, match="not enrolled"):
            opening.allocate(work, budget, stranger, gbp(1))


@pytest.mark.parametrize(
    ("net", "how", "code"),
    [
        (10_001, {}, "available"),
        (100, {"starts": date(2026, 3, 13)}, "notice"),
        (100, {"starts": date(2026, 12, 30)}, "period"),
        (100, {"days": -1}, "dates"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_not_sent(house, net, how, code):
    ref = house.drafted(net, **how)
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        with pytest.raises(LimitReached) as refused:
            planning.submit(work, request)
    assert refused.value.code == f"mdf.request.{code}"
    assert refused.value.remedy


def one(activity):
    return planning.RequestPlan([activity])


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (planning.PlanLine("x", gbp(0)),),
        (planning.PlanLine("x", Money(5, "EUR")),),
        (planning.PlanLine(" ", gbp(5)),),
        (planning.PlanLine("x", gbp(5)),) * 21,
    ],
)
def test_a_plan_without_sound_cost_lines_is_refused_at_them(house, lines):
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        with pytest.raises(Invalid) as refused:
            planning.draft(work, part, one(replace(house.activity(), lines=lines)))
    assert any(field.startswith("activities-0-lines") for field in refused.value.fields)


def test_a_plan_for_another_vendors_campaign_finds_nothing(house):
    with house.db() as work:
        other = builders.a_vendor(work, name="Larkspur")
        foreign = builders.a_campaign(work, other).campaign_id
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        with pytest.raises(NotFound):
            planning.draft(work, part, one(replace(house.activity(), campaign_id=foreign)))


def test_a_returned_plan_is_revised_sent_again_and_approved(house):
    ref = house.sent(900)
    with house.db(house.mira) as work:
        request = queries.request_by_ref(work.session, house.mira, ref)
        request_decisions.return_to_fix(
            work, request, reason=Reason.INELIGIBLE, words="Leave the hand-outs out."
        )
    with house.db(house.alice) as work:
        request = queries.request_by_ref(work.session, house.alice, ref)
        assert "Leave the hand-outs out." in request.note
        planning.revise(work, request, house.plan(700))
        planning.submit(work, request)
        with pytest.raises(Conflict, match="does not change"):
            planning.revise(work, request, house.plan(600))
    with house.db(house.mira) as work:
        request = queries.request_by_ref(work.session, house.mira, ref)
        with pytest.raises(Invalid, match=r"asks for £700\.00"):
            request_decisions.approve(work, request, amount=gbp(701))
        request_decisions.approve(work, request)
        assert request.approved_minor == 70_000


def test_what_is_withdrawn_or_refused_is_not_approved_after(house):
    withdrawn, refused = house.sent(), house.sent()
    with house.db(house.alice) as work:
        planning.withdraw(work, queries.request_by_ref(work.session, house.alice, withdrawn))
    with house.db(house.mira) as work:
        request = queries.request_by_ref(work.session, house.mira, refused)
        request_decisions.refuse(work, request, reason=Reason.OVER_CAP, words="Too much.")
        assert request.state == RequestState.REJECTED
        for ref in (withdrawn, refused):
            with pytest.raises(Conflict):
                request_decisions.approve(
                    work, queries.request_by_ref(work.session, house.mira, ref)
                )


@pytest.mark.parametrize("answer", ["approve", "refuse", "return_to_fix"])
def test_another_vendors_finance_finds_no_plan_even_in_the_verb(house, answer):
    ref = house.sent()
    with house.db() as work:
        stranger = builders.finn(work, builders.a_vendor(work, name="Larkspur"))
        request = queries.request_by_ref(work.session, house.mira, ref)
        how = {} if answer == "approve" else {"reason": Reason.INELIGIBLE, "words": "No."}
    with house.db(stranger) as work, pytest.raises(NotFound):
        getattr(request_decisions, answer)(work, work.session.merge(request), **how)


def letters(house):
    with house.db() as work:
        rows = work.session.execute(
            text(
                "select m.address, b.subject from message m"
                " join message_body b on b.message_id = m.id order by m.id"
            )
        )
        return [(row.address.split(".")[0], row.subject) for row in rows]


def test_the_deciders_are_told_of_a_plan_and_the_asker_of_the_answer(house):
    ref = house.approved(800)
    told = letters(house)
    assert {who for who, _ in told[:-1]} == {"mira", "finn"}
    assert told[0][1].startswith("Brightwater IT asks for £800.00")
    assert told[-1] == ("alice", f"{ref}: approved")
