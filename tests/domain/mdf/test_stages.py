"""Where a plan may stand besides in review: at a further level, in line for money, appealed, expired."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from tcma.db.audit import AuditEntry
from tcma.errors import Conflict, Invalid, LimitReached
from tcma.mdf import overdue, queries
from tcma.mdf.claims import decisions as claim_decisions
from tcma.mdf.claims import filing
from tcma.mdf.funds import opening
from tcma.mdf.judging import versions
from tcma.mdf.models.funding import FundRequest
from tcma.mdf.programme.document import Approval, Level
from tcma.mdf.reasons import Reason
from tcma.mdf.requests import absences, amending, holding, planning, policy
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import views as request_views
from tcma.mdf.requests.decisions import Answer
from tcma.mdf.rules import AccountKind, ClaimState, RequestState
from tcma.permissions import Role
from tests import builders

from .conftest import gbp

TWO = """
[approval]
[[approval.level]]
up_to = "500.00"
by = ["channel_manager"]
[[approval.level]]
by = ["finance"]
"""
AT_ONCE = """
[approval]
automatic_up_to = "500.00"
sampled = {}
"""


def ruled(house, more, *, into=None):
    """The fund's programme with `more` in force from tomorrow on, which then is today."""
    with house.db(house.finn) as work:
        programme = versions.programme_by_ref(work.session, house.finn, house.fund_ref)
        newest = versions.versions_of(work.session, programme)[0]
        tomorrow = work.now.date() + timedelta(1)
        text = newest.source + more
        for part, becomes in (into or {}).items():
            text = text.replace(part, becomes)
        versions.publish(work, programme, text, tomorrow)
    house.db.clock.at += timedelta(1)


def plan(house, who, ref, act=None, **how):
    with house.db(who) as work:
        request = queries.request_by_ref(work.session, who, ref)
        if act:
            act(work, request, **how)
        return request_views.request_detail(work.session, who, ref, now=work.now)


def reserved(house):
    with house.db() as work:
        return queries.balance(work.session, AccountKind.RESERVED, currency="GBP")


@pytest.mark.parametrize(
    ("amount", "levels"), [("1", 1), ("500.00", 1), ("500.01", 2), ("2000.00", 2), ("2000.01", 3)]
)
def test_a_sum_passes_the_levels_up_to_its_own(amount, levels):
    rules = Approval(
        levels=(
            Level(up_to=Decimal("500.00")),
            Level(by=("finance",), up_to=Decimal("2000.00")),
            Level(by=("administrator",)),
        )
    )
    assert len(rules.needed(Decimal(amount))) == levels


def test_above_the_first_levels_sum_a_second_person_of_the_next_group_decides(house):
    ruled(house, TWO)
    small, large = house.sent(500), house.sent(600)
    assert plan(house, house.finn, small).blocked.startswith("Level 1 of 1 is decided by channel")
    plan(house, house.mira, small, request_decisions.approve)
    assert reserved(house) == gbp(500)
    plan(house, house.mira, large, request_decisions.approve)
    it = plan(house, house.mira, large)
    assert (it.row.state, it.standing.level, reserved(house)) == (
        RequestState.SUBMITTED,
        2,
        gbp(500),
    )
    assert it.blocked.startswith("You said yes at level 1")
    with pytest.raises(Conflict):
        plan(house, house.mira, large, request_decisions.approve)
    done = plan(house, house.finn, large, request_decisions.approve)
    assert (done.row.state, reserved(house)) == (RequestState.APPROVED, gbp(1100))


def test_a_deputy_passes_the_level_only_on_the_days_of_the_absence(house):
    ruled(house, TWO)
    ref = house.sent(400)
    with pytest.raises(Conflict, match="decided by channel manager"):
        plan(house, house.finn, ref, request_decisions.approve)
    today = house.db.clock.at.date()
    with house.db(house.mira) as work:
        absences.state(work, house.finn.user_id, today, today + timedelta(3))
    it = plan(house, house.finn, ref, request_decisions.approve)
    assert it.row.state == RequestState.APPROVED
    late = house.sent(300)
    house.db.clock.at += timedelta(5)
    with pytest.raises(Conflict):
        plan(house, house.finn, late, request_decisions.approve)


@pytest.mark.parametrize(
    ("days", "who", "field"), [((2, 1), "finn", "ends_on"), ((-3, -2), "finn", "ends_on"),
                               ((0, 1), "mira", "deputy"), ((0, 1), "alice", "deputy")]
)  # fmt: skip
def test_a_deputy_is_a_colleague_who_decides_on_days_to_come(house, days, who, field):
    today = house.db.clock.at.date()
    first, last = (today + timedelta(n) for n in days)
    with house.db(house.mira) as work, pytest.raises(Invalid) as refused:
        absences.state(work, getattr(house, who).user_id, first, last)
    assert field in refused.value.fields


def short(house):
    """Two plans over more than the fund has left, held in this order."""
    refs = [house.sent(6_000), house.sent(5_000), house.sent(4_500), house.sent(100)]
    plan(house, house.finn, refs[0], request_decisions.approve)
    for ref in refs[1:3]:
        plan(house, house.mira, ref, request_decisions.hold, answers=[Answer()])
    return refs


def test_without_money_a_plan_is_held_in_line_and_reserved_in_turn_when_money_comes(house):
    _, second, third, small = short(house)
    with pytest.raises(LimitReached, match=r"£4,000\.00 is available"):
        plan(house, house.mira, house.sent(4_200), request_decisions.approve)
    with pytest.raises(Conflict, match="The money is there"):
        plan(house, house.mira, small, request_decisions.hold, answers=[Answer()])
    places = [plan(house, house.alice, ref).standing.place for ref in (second, third)]
    assert places == [1, 2]
    with house.db() as work:
        assert holding.release(work) == []
    with house.db(house.finn) as work:
        fund = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, fund, house.partner, gbp(1_500))
    with house.db() as work:
        assert holding.release(work) == [second]
    with pytest.raises(Conflict, match="waiting for funds"):
        plan(house, house.finn, third, request_decisions.approve)
    it = plan(house, house.alice, second)
    assert (it.row.state, it.decided_by) == (RequestState.APPROVED, "Mira")
    assert plan(house, house.alice, third).standing.place == 1
    assert reserved(house) == gbp(11_000)


def test_a_held_plan_can_be_taken_back_and_lets_the_next_one_through(house):
    _, second, third, _ = short(house)
    plan(house, house.alice, second, planning.withdraw)
    with house.db(house.finn) as work:
        fund = queries.fund_by_ref(work.session, house.finn, house.fund_ref)
        opening.allocate(work, fund, house.partner, gbp(500))
    with house.db() as work:
        assert holding.release(work) == [third]


def test_a_returned_plan_says_until_when_and_expires_after(house):
    ref = house.sent(600)
    how = {"reason": Reason.PLAN_INCOMPLETE, "words": "Say where."}
    it = plan(house, house.mira, ref, request_decisions.return_to_fix, **how)
    assert (it.standing.fix_by, it.standing.reason) == (date(2026, 3, 16), Reason.PLAN_INCOMPLETE)
    for day, state in ((16, RequestState.INFO_REQUESTED), (17, RequestState.EXPIRED)):
        house.db.clock.at = house.db.clock.at.replace(day=day)
        with house.db() as work:
            overdue.settle(work)
        assert plan(house, house.alice, ref).row.state == state


def test_what_cannot_be_repaired_is_not_returned(house):
    ref = house.sent(600)
    with pytest.raises(Invalid, match="cannot repair"):
        plan(house, house.mira, ref, request_decisions.return_to_fix,
             reason=Reason.FUND_EXPIRED, words="x")  # fmt: skip


def refused(house):
    ref = house.sent(600)
    plan(house, house.mira, ref, request_decisions.refuse, reason=Reason.INELIGIBLE, words="No.")
    return ref


def test_a_refusal_is_appealed_once_and_decided_by_another_person(house):
    ref = refused(house)
    it = plan(house, house.alice, ref, planning.appeal, words="It is on your list.")
    assert (it.row.state, it.standing.appeal) == (RequestState.APPEALED, "It is on your list.")
    with pytest.raises(Conflict, match="You refused this plan"):
        plan(house, house.mira, ref, request_decisions.approve)
    assert plan(house, house.finn, ref, request_decisions.approve).row.state == "pre_approved"
    again = refused(house)
    plan(house, house.alice, again, planning.appeal, words="Look again.")
    plan(house, house.finn, again, request_decisions.refuse, reason=Reason.INELIGIBLE, words="No.")
    with pytest.raises(LimitReached):
        plan(house, house.alice, again, planning.appeal, words="And again.")


def test_after_thirty_days_a_refusal_stands(house):
    ref = refused(house)
    house.db.clock.at += timedelta(days=30, seconds=1)
    assert plan(house, house.alice, ref).standing.appeal_until is None
    with pytest.raises(LimitReached):
        plan(house, house.alice, ref, planning.appeal, words="Late.")


def test_an_appealed_claim_is_paid_from_the_fund_when_its_plan_was_closed_meanwhile(house):
    plan_ref = house.proven(house.approved(800))
    ref = house.claimed(plan_ref, ("1", 500))
    with house.db() as work:
        nora = builders.a_user(work, Role.FINANCE, name="Nora", vendor_id=house.vendor)

    def on(who, act, **how):
        with house.db(who) as work:
            claim = queries.claim_by_ref(work.session, who, ref)
            act(work, claim, **how)
            return claim

    on(house.mira, claim_decisions.refuse, reason=Reason.BRAND_RULE, words="No logo.")
    plan(house, house.alice, plan_ref, request_decisions.close)
    assert reserved(house) == gbp(0)
    on(house.alice, filing.appeal, words="The logo is on page two.")
    with pytest.raises(Conflict, match="You refused this claim"):
        on(house.mira, claim_decisions.approve)
    assert on(nora, claim_decisions.approve).state == ClaimState.APPROVED
    with house.db() as work:
        assert queries.balance(work.session, AccountKind.ACCRUED, currency="GBP") == gbp(500)
        assert queries.balance(work.session, AccountKind.RESERVED, currency="GBP") == gbp(0)


def test_a_small_plan_that_keeps_every_rule_is_approved_at_once_by_the_programme(house):
    ruled(house, AT_ONCE.format(0.01))
    at_once, large = house.sent(500), house.sent(501)
    it = plan(house, house.alice, at_once)
    assert (it.row.state, it.decided_by, reserved(house)) == (
        RequestState.APPROVED,
        "The programme",
        gbp(500),
    )
    assert plan(house, house.alice, large).row.state == RequestState.SUBMITTED
    with house.db() as work:
        row = work.session.query(AuditEntry).filter_by(verb="approved").one()
        assert (row.actor_name, row.via) == ("The programme", "policy")


def test_a_drawn_plan_goes_to_a_person_and_the_draw_can_be_repeated(house):
    ruled(house, AT_ONCE.format(100))
    ref = house.sent(400)
    with house.db() as work:
        request = work.session.query(FundRequest).filter_by(ref=ref).one()
        kept = request.trace["policy"]
    assert request.state == RequestState.SUBMITTED
    assert kept["to_a_person"]
    assert policy.drawn(kept["seed"]) == kept["ticket"]
    assert plan(house, house.mira, ref, request_decisions.approve).row.state == "pre_approved"


def test_the_lot_falls_about_as_often_as_the_policy_says():
    drawn = sum(policy.goes_to_a_person(str(UUID(int=n)), Decimal(10)) for n in range(2_000))
    assert 150 < drawn < 250


def changed(house, ref, net, *, days=30):
    def ask(work, request):
        line = planning.PlanLine("Adverts", gbp(net))
        starts = date(2026, 4, 6)
        change = amending.Change(starts, starts + timedelta(days), [line], "A bigger hall.")
        amending.ask(work, request, 1, change)

    return plan(house, house.alice, ref, ask)


@pytest.mark.parametrize("net", [1_200, 800, 500])
def test_a_change_moves_only_the_difference_and_only_after_a_yes(house, net):
    ref = house.approved(800)
    it = changed(house, ref, net)
    assert (it.row.state, it.row.approved, reserved(house)) == ("pre_approved", gbp(800), gbp(800))
    with pytest.raises(Conflict, match="waits already"):
        changed(house, ref, 700)
    done = plan(house, house.mira, ref, amending.approve, no=1)
    assert (done.row.approved, done.remaining, reserved(house)) == (gbp(net),) * 3
    assert done.activities[0].claim_by == date(2026, 6, 20)
    assert [change.state for change in done.changes] == ["approved"]


def test_a_change_that_is_refused_or_taken_back_leaves_what_was_approved(house):
    ref = house.approved(800)
    changed(house, ref, 900)
    it = plan(house, house.mira, ref, amending.refuse, no=1, words="The hall is full.")
    changed(house, ref, 1_000)
    it = plan(house, house.alice, ref, amending.withdraw, no=1)
    assert [change.state for change in it.changes] == ["refused", "withdrawn"]
    assert (it.row.approved, reserved(house)) == (gbp(800), gbp(800))


def test_a_change_below_what_was_claimed_or_above_the_fund_is_not_approved(house):
    ref = house.proven(house.approved(800))
    house.decided(house.claimed(ref, ("1", 500)), close=False)
    changed(house, ref, 400)
    with pytest.raises(Conflict, match=r"took £500\.00"):
        plan(house, house.mira, ref, amending.approve, no=1)
    plan(house, house.alice, ref, amending.withdraw, no=1)
    with pytest.raises(LimitReached):
        changed(house, ref, 20_000)
