"""A vendor runs one campaign for many partners: checked first, a pilot first, stopped at once."""

from datetime import timedelta

import pytest

from tcma.errors import Conflict, Forbidden, Invalid, NotFound
from tcma.launches import actions as launches
from tcma.launches.rules import LaunchState
from tcma.on_behalf import arranging, orders, queries, runs
from tcma.on_behalf.rules import ArrangedState, RunState
from tcma.partners import actions as partner_verbs
from tcma.partners.rules import Tier
from tcma.permissions import Role
from tests.builders import a_user, acting, mira
from tests.domain.on_behalf.world import ground

A = ArrangedState


@pytest.fixture
def house(db):
    """Four partners: three let Corbelane launch, the last never said so."""
    made = ground(db, partners=4)
    for partner in made.partners[:3]:
        made.join(partner)
    return made


def drafted(house, **facts):
    plan = {"campaign_slug": "cloud-migration", "send_at": house.db.clock.now() + timedelta(3)}
    with house.by(house.vera) as work:
        ref = runs.draft_run(work, runs.RunPlan(**(plan | facts)))
    house.ring()
    return ref


def run_of(house, ref):
    with house.by(house.vera) as work:
        return queries.run_by_ref(work.session, work.principal, ref)


def scheduled(house, **facts):
    pilots = facts.pop("named", ())
    ref = drafted(house, **facts)
    rows = run_of(house, ref).rows
    with house.by(house.vera) as work:
        refs = [r.ref for r in rows if r.partner in pilots]
        runs.schedule_run(work, ref, chosen=[r.ref for r in rows], pilots=refs)
    house.ring()
    return ref


def by_partner(house, ref):
    return {row.partner: row for row in run_of(house, ref).rows}


def test_every_partner_is_checked_before_anybody_hears_of_it(house):
    with house.db() as work:
        work.session.connection().exec_driver_sql(
            f"delete from list_member where list_id = '{house.partners[1].list_id}'"
        )
    rows = by_partner(house, drafted(house))
    assert (rows["Partner 00"].people, rows["Partner 00"].is_few) == (0, True)  # three are few
    own = house.row(house.partners[0])
    assert (own.people, own.sendable, own.is_few) == (3, 3, False)
    assert rows["Partner 00"].stops == ()
    assert rows["Partner 01"].stops[0].partner
    assert not rows["Partner 03"].has_order
    assert {row.state for row in rows.values()} == {A.LISTED}
    assert house.subjects() == []
    assert house.one("select count(*) from launch") == 0


def test_who_allowed_it_is_told_and_launched_and_who_did_not_is_asked(house):
    ref = scheduled(house)
    rows = by_partner(house, ref)
    assert [rows[f"Partner 0{n}"].state for n in range(4)] == [A.TOLD, A.TOLD, A.TOLD, A.ASKING]
    assert "May Corbelane launch “One steady arch at a time” for you?" in house.subjects()
    asked = house.partners[3]
    with house.by(asked.owner) as work:
        arranging.agree(work, rows["Partner 03"].ref)
        arranging.agree(work, rows["Partner 03"].ref)
    with house.by(house.first.owner) as work:
        arranging.skip(work, rows["Partner 00"].ref)
    house.db.clock.move(timedelta(3))
    house.ring()
    states = [by_partner(house, ref)[f"Partner 0{n}"].state for n in range(4)]
    assert states == [A.SKIPPED, A.LAUNCHED, A.LAUNCHED, A.LAUNCHED]
    assert house.one("select count(*) from launch where state = 'scheduled'") == 3
    of_one_run = "select count(*) from launch l join partner_run r on r.id = l.run_id"
    assert house.one(of_one_run) == 3, "what its vendor's seeds get once knows the others"


def test_who_says_nothing_is_left_out(house):
    ref = scheduled(house)
    house.db.clock.move(timedelta(3))
    house.ring()
    assert by_partner(house, ref)["Partner 03"].state is A.MISSED


def test_the_pilot_goes_first_and_the_rest_when_it_went_well(house):
    ref = scheduled(house, pilots=1, wait_hours=48, named=("Partner 02",))
    rows = by_partner(house, ref)
    assert [r.partner for r in run_of(house, ref).rows if r.is_pilot] == ["Partner 02"]
    assert rows["Partner 00"].send_at - rows["Partner 02"].send_at == timedelta(hours=48)
    house.db.clock.move(timedelta(3))
    house.ring()
    launched = [r.partner for r in run_of(house, ref).rows if r.state is A.LAUNCHED]
    assert launched == ["Partner 02"]
    house.db.clock.move(timedelta(2))
    house.ring()
    assert run_of(house, ref).released_at is None  # the pilot has not sent yet
    with house.by(house.vera) as work:
        runs.release_run(work, ref)
        runs.release_run(work, ref)
    house.ring()
    assert sum(r.state is A.LAUNCHED for r in run_of(house, ref).rows) == 3


def test_a_pilot_that_goes_wrong_holds_the_rest_and_tells_the_vendor(house):
    ref = scheduled(house, pilots=2, wait_hours=24)
    house.db.clock.move(timedelta(3))
    house.ring()
    pilot = next(r for r in run_of(house, ref).rows if r.is_pilot)
    with house.db() as work:
        launches.pause_launch(work, pilot.launch.ref, reason="We paused: too much came back")
    house.ring()
    run = run_of(house, ref)
    assert (run.state, run.shown_state) == (RunState.HELD, "held")
    assert "We paused: too much came back" in run.held_why
    assert sum("the rest waits" in s for s in house.subjects()) == 1
    house.db.clock.move(timedelta(5))
    house.ring()
    assert sum(r.state is A.LAUNCHED for r in run_of(house, ref).rows) == 2
    with house.by(house.vera) as work:
        runs.release_run(work, ref)
    house.ring()
    assert sum(r.state is A.LAUNCHED for r in run_of(house, ref).rows) == 3


def test_one_is_stopped_then_all(house):
    ref = scheduled(house)
    house.db.clock.move(timedelta(3))
    house.ring()
    rows = by_partner(house, ref)
    with house.by(house.vera) as work:
        assert runs.stop_one(work, ref, rows["Partner 00"].ref)
        assert not runs.stop_one(work, ref, rows["Partner 00"].ref)
    assert by_partner(house, ref)["Partner 00"].launch.state is LaunchState.CANCELLED
    with house.by(house.vera) as work:
        assert runs.stop_run(work, ref) == 2
        assert runs.stop_run(work, ref) == 0
    states = {r.launch.state for r in run_of(house, ref).rows if r.launch}
    assert states == {LaunchState.CANCELLED}


def test_what_is_stopped_before_its_day_leaves_no_draft(house):
    ref = scheduled(house)
    with house.by(house.vera) as work:
        assert runs.stop_run(work, ref) == 4
    assert house.one("select count(*) from launch") == 0
    house.db.clock.move(timedelta(3))
    house.ring()
    assert {r.state for r in run_of(house, ref).rows} == {A.STOPPED}


def test_leave_that_is_taken_back_counts_at_once(house):
    ref = scheduled(house)
    with house.by(house.first.owner) as work:
        assert orders.leave(work, "corbelane", "") == 1
    assert by_partner(house, ref)["Partner 00"].state is A.SKIPPED
    assert not by_partner(house, drafted(house))["Partner 00"].has_order


def test_filters_choose_and_a_run_that_cannot_be_is_refused(house):
    with house.db() as work:
        for partner in house.partners[:2]:
            partner_verbs.change_enrolment(
                acting(work, mira(work, house.vendor_id)), partner_id=partner.id, tier=Tier.SILVER
            )
    assert set(by_partner(house, drafted(house, tiers=("silver",)))) == {"Partner 00", "Partner 01"}
    assert len(by_partner(house, drafted(house, joined=True))) == 3
    for facts, words in (
        ({"tiers": ("platinum",)}, "No active partner"),
        ({"send_at": house.db.clock.now() + timedelta(1)}, "told 2 days before"),
    ):
        with pytest.raises(Invalid, match=words):
            drafted(house, **facts)
    with pytest.raises(Invalid, match="All would go first"):
        scheduled(house, joined=True, pilots=3)
    with pytest.raises(Invalid, match="at least one partner"), house.by(house.vera) as work:
        runs.schedule_run(work, drafted_ref(house), chosen=[])


def drafted_ref(house):
    return house.one("select min(ref) from partner_run where state = 'draft'")


def test_only_who_may_arrange_does_and_only_its_own(house):
    ref = scheduled(house)
    with house.db() as work:
        finance = a_user(work, Role.FINANCE, vendor_id=house.vendor_id)
    with pytest.raises(Forbidden), house.by(finance) as work:
        runs.stop_run(work, ref)
    with pytest.raises(NotFound), house.by(house.partners[1].owner) as work:
        arranging.skip(work, by_partner(house, ref)["Partner 00"].ref)
    with pytest.raises(Conflict, match="stays on record"), house.by(house.vera) as work:
        runs.discard_run(work, ref)
    other = drafted(house)
    with house.by(house.vera) as work:
        runs.discard_run(work, other)
    assert house.one("select count(*) from partner_run") == 1
