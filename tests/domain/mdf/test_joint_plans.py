"""Joint business plans: both sides agree to the same lines, and each line begins with one press."""

from datetime import date

import pytest
from sqlalchemy import text

from tcma.delivery.actions import ensure_sender
from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.launches.queries import launches as launches_of
from tcma.launches.rules import Area, Severity
from tcma.mdf import queries
from tcma.mdf.joint import agreeing, beginning
from tcma.mdf.joint import views as joint_views
from tcma.mdf.requests import decisions as request_decisions
from tcma.mdf.requests import paying
from tcma.mdf.rules import ActivityKind, RequestState
from tests import builders

from .conftest import gbp

OUTLINE = agreeing.Outline("Spring 2026", "Forty new leads.", date(2026, 3, 1), date(2026, 6, 30))


def planned_together(house):
    """The reference of a plan with two lines of a campaign that can be launched."""
    with house.db() as work:
        house.campaign = builders.a_campaign(work, house.vendor).campaign_id
        builders.a_list(work, house.partner)
        ensure_sender(
            work,
            from_name="Quillon",
            from_address="partners@quillon.example",
            vendor_id=house.vendor,
            is_fallback=True,
        )
    with house.db(house.alice) as work:
        part = queries.allocation_by_fund(work.session, house.alice, house.fund_ref)
        plan = agreeing.begin(work, part, OUTLINE)
        for month, cost in ((date(2026, 4, 1), 1_200), (date(2026, 5, 9), 800)):
            agreeing.add_line(work, plan, line(house, month=month, cost=gbp(cost)))
        return plan.ref


@pytest.fixture
def begun(house_after):
    return house_after(planned_together)


@pytest.fixture
def house(begun):
    return begun[0]


@pytest.fixture
def joint(begun):
    return begun[1]


def line(house, **other):
    facts = {
        "campaign_id": house.campaign,
        "kind": ActivityKind.EMAIL,
        "month": date(2026, 4, 1),
        "cost": gbp(500),
        "goal_leads": 20,
    }
    return agreeing.LinePlan(**facts | other)


def on_plan(house, who, ref, act, *args):
    with house.db(who) as work:
        return act(work, agreeing.joint_plan_by_ref(work.session, who, ref), *args)


def seen(house, who, ref):
    with house.db(who) as work:
        return joint_views.joint_plan(work.session, who, ref, now=work.now)


def both_agreed(house, ref):
    on_plan(house, house.alice, ref, agreeing.agree)
    on_plan(house, house.mira, ref, agreeing.agree)


def test_a_plan_counts_when_both_sides_agreed_and_a_change_takes_both_back(house, joint):
    on_plan(house, house.alice, joint, agreeing.agree)
    assert (
        seen(house, house.mira, joint).row.state,
        seen(house, house.mira, joint).vendor_yes,
    ) == (
        "draft",
        None,
    )
    on_plan(house, house.mira, joint, agreeing.agree)
    view = seen(house, house.alice, joint)
    assert (view.row.state, view.partner_yes[0], view.vendor_yes[0]) == ("agreed", "Alice", "Mira")
    on_plan(house, house.mira, joint, agreeing.add_line, line(house))
    view = seen(house, house.alice, joint)
    assert (view.row.state, view.partner_yes, view.vendor_yes) == ("draft", None, None)


def test_one_press_asks_the_fund_and_drafts_the_launch_which_is_tied_when_it_is_approved(
    house, joint
):
    both_agreed(house, joint)
    begun = on_plan(house, house.alice, joint, beginning.begin_line, 1)
    assert (begun.sent, begun.held_back) == (True, "")
    again = on_plan(house, house.alice, joint, beginning.begin_line, 1)
    assert again.request_ref == begun.request_ref
    with house.db(house.finn) as work:
        request = queries.request_by_ref(work.session, house.finn, begun.request_ref)
        activity = queries.activities_of(work.session, request.id)[0]
        assert (activity.starts_on, activity.ends_on) == (date(2026, 4, 1), date(2026, 4, 30))
        request_decisions.approve(work, request, amount=gbp(1_000))
    first = seen(house, house.alice, joint).lines[0]
    assert (first.request_state, first.approved) == (RequestState.APPROVED, gbp(1_000))
    assert first.launch_ref == begun.launch_ref != ""
    with house.db(house.alice) as work:
        rows = launches_of(work.session, house.alice).rows
    assert [row.ref for row in rows] == [begun.launch_ref]
    with house.db(house.alice) as work:
        said = paying.preflight(work, begun.launch_ref)
    money = [each for each in said.findings if each.area is Area.FUNDS]
    assert [each.severity for each in money] == [Severity.GOOD]
    assert f"pays: £1,000.00 reserved, {begun.request_ref}, to be claimed by" in money[0].message


def test_a_launch_beside_an_approved_plan_hears_that_nobody_pays_for_it(house, joint):
    both_agreed(house, joint)
    begun = on_plan(house, house.alice, joint, beginning.begin_line, 1)
    with house.db(house.finn) as work:
        request = queries.request_by_ref(work.session, house.finn, begun.request_ref)
        request_decisions.approve(work, request, amount=gbp(1_000))
    with house.db() as work:
        work.session.execute(text("delete from activity_launch"))
    with house.db(house.alice) as work:
        said = paying.preflight(work, begun.launch_ref)
    money = next(each for each in said.findings if each.area is Area.FUNDS)
    assert money.severity is Severity.LOOK
    assert f"has approved {begun.request_ref} for this campaign" in money.message


def test_nothing_begins_before_both_agreed_or_after_its_month(house, joint):
    with pytest.raises(Conflict) as refused:
        on_plan(house, house.alice, joint, beginning.begin_line, 1)
    assert refused.value.code == "mdf.joint.not_agreed"
    on_plan(house, house.alice, joint, agreeing.add_line, line(house, month=date(2026, 3, 1)))
    both_agreed(house, joint)
    house.db.clock.at = house.db.clock.at.replace(day=30)
    with pytest.raises(Conflict) as refused:
        on_plan(house, house.alice, joint, beginning.begin_line, 3)
    assert refused.value.code == "mdf.joint.late"


def test_a_request_that_the_programme_stops_stays_a_draft_with_the_reason(house, joint):
    on_plan(house, house.alice, joint, agreeing.add_line, line(house, cost=gbp(20_000)))
    both_agreed(house, joint)
    begun = on_plan(house, house.alice, joint, beginning.begin_line, 3)
    assert not begun.sent
    assert "£10,000.00 is available" in begun.held_back


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"month": date(2026, 7, 1)}, "month"),
        ({"month": date(2026, 2, 1)}, "month"),
        ({"cost": gbp(0)}, "cost"),
        ({"goal_leads": -1}, "goal_leads"),
    ],
)
def test_a_line_that_cannot_be_is_refused_at_its_field(house, joint, wrong, field):
    with pytest.raises(Invalid) as refused:
        on_plan(house, house.alice, joint, agreeing.add_line, line(house, **wrong))
    assert field in refused.value.fields


def test_another_partner_finds_no_plan_and_a_seller_agrees_to_none(house, joint):
    with house.db() as work:
        charlie = builders.charlie(work, house.vendor)
        sam = builders.sam(work, house.partner)
    with pytest.raises(NotFound):
        on_plan(house, charlie, joint, agreeing.agree)
    with pytest.raises(Forbidden):
        on_plan(house, sam, joint, agreeing.agree)


def test_a_line_that_was_begun_stays_and_others_go(house, joint):
    both_agreed(house, joint)
    on_plan(house, house.alice, joint, beginning.begin_line, 1)
    with pytest.raises(Conflict):
        on_plan(house, house.alice, joint, agreeing.remove_line, 1)
    on_plan(house, house.alice, joint, agreeing.remove_line, 2)
    assert [each.no for each in seen(house, house.mira, joint).lines] == [1]
