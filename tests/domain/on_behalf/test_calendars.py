"""A partner joins a calendar once, and launches happen: told before, steered by a link, each once."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcma.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from tcma.launches import actions as launches
from tcma.launches.rules import LaunchState
from tcma.on_behalf import advancing, arranging, calendars, orders
from tcma.on_behalf import mailed_links as links
from tcma.on_behalf.orders import NewOrder
from tcma.on_behalf.rules import ArrangedState, Why
from tcma.words import in_language
from tests.builders import sam
from tests.domain.on_behalf.world import ground
from tests.fakes import AwayFiles

A = ArrangedState


@pytest.fixture
def house(db):
    return ground(db)


def to(house, days):
    house.db.clock.move(timedelta(days=days))


def killed_before_its_commit(house, row_id):
    with house.db() as work:
        advancing.advance(work, row_id)
        raise KeyboardInterrupt


def launch_of(house):
    return house.row().launch


def test_who_joined_is_told_in_time_and_its_launch_starts_on_the_day(house):
    slug = house.calendar(on=10, notice=3)
    house.join(house.first, slug)
    house.ring()
    assert house.row().state is A.WAITING
    to(house, 7)
    house.ring()
    row = house.row()
    assert (row.state, row.people, row.sendable, row.stops) == (A.TOLD, 3, 3, ())
    assert any("goes to your customers on Thu 12 Mar, 09:00" in s for s in house.subjects())
    to(house, 2)
    house.ring()
    assert house.row().state is A.TOLD
    to(house, 1)
    house.ring()
    assert house.row().state is A.LAUNCHED
    assert launch_of(house).state is LaunchState.SCHEDULED
    assert house.one("select count(*) from launch") == 1
    assert house.one(
        "select via from audit_entry where subject = 'launch' and verb = 'started'"
    ) == ("standing order")


def test_nobody_is_told_or_held_back_by_a_file_store_that_is_away(house):
    house.join(house.first, house.calendar(on=10, notice=3))
    files = house.db.files
    for days, before, after in ((7, A.WAITING, A.TOLD), (3, A.TOLD, A.LAUNCHED)):
        to(house, days)
        house.db.files = AwayFiles()
        with pytest.raises(Unavailable):
            house.ring()
        assert house.row().state is before
        house.db.files = files
        house.db.clock.move(advancing.LEASE)
        house.ring()
        assert (house.row().state, house.row().stops) == (after, ())
    assert house.one("select count(*) from message_body where plain like '%file store%'") == 0


def test_a_kill_between_planning_and_starting_repeats_a_step_and_no_launch(house):
    house.join(house.first, house.calendar(on=10))
    to(house, 7)
    with house.db() as work:
        row_id = advancing.claim_due(work)
    for _ in range(2):  # the worker is gone after its commit; another takes the same step
        with house.db() as work:
            advancing.advance(work, row_id)
    to(house, 3)
    with pytest.raises(KeyboardInterrupt):
        killed_before_its_commit(house, row_id)
    assert house.row().state is A.TOLD
    to(house, 1)
    house.ring()
    house.ring()
    assert house.row().state is A.LAUNCHED
    assert house.one("select count(*) from launch") == 1
    assert house.one("select count(*) from audit_entry where verb = 'started'") == 1


def test_what_the_preflight_stops_is_held_told_once_and_goes_when_it_is_mended(house):
    house.join(house.first, house.calendar(on=10))
    to(house, 7)
    house.ring()
    with house.db() as work:
        work.session.connection().exec_driver_sql(
            "update sender set held_at = now(), held_reason = 'x'"
        )
    to(house, 3)
    house.ring()
    assert house.row().state is A.HELD
    assert house.row().stops[0].partner
    to(house, 1)
    house.ring()
    assert sum("waits for you" in s for s in house.subjects()) == 1
    with house.db() as work:
        work.session.connection().exec_driver_sql(
            "update sender set held_at = null, held_reason = null"
        )
    to(house, 1)
    house.ring()
    assert house.row().state is A.LAUNCHED


def test_a_german_reads_in_german_what_comes_and_what_it_waits_for(house):
    with house.db() as work:
        work.session.execute(text("update user_account set locale = 'de-DE'"))
    house.join(house.first, house.calendar(on=10))
    to(house, 7)
    house.ring()
    with house.db() as work:
        work.session.execute(text("update sender set held_at = now(), held_reason = 'x'"))
    to(house, 3)
    house.ring()
    with house.db() as work:
        letters = work.session.scalars(text("select plain from message_body order by message_id"))
        ahead, held = (" ".join(letter.split()) for letter in letters)
    assert "An 3 von 3 Personen in" in ahead
    assert "weil Alice dem Kalender „One campaign a quarter“ von Corbelane beigetreten ist" in ahead
    stop = house.row().stops[0]
    assert in_language(stop.message, "de") != stop.message
    assert f"{in_language(stop.message, 'de')} {in_language(stop.remedy, 'de')}".strip() in held


def test_what_is_never_mended_is_missed_after_two_weeks(house):
    house.join(house.first, house.calendar(on=10))
    to(house, 7)
    house.ring()
    with house.db() as work:
        work.session.connection().exec_driver_sql("delete from list_member")
    to(house, 3)
    house.ring()
    to(house, 15)
    house.ring()
    assert house.row().state is A.MISSED
    assert house.one("select count(*) from launch") == 0


def test_one_is_skipped_and_taken_back_and_put_off(house):
    house.join(house.first, house.calendar(on=10))
    to(house, 7)
    house.ring()
    ref, owner = house.row().ref, house.first.owner
    with house.by(owner) as work:
        arranging.skip(work, ref)
        arranging.skip(work, ref)
    assert (house.row().state, house.row().why) == (A.SKIPPED, Why.CHOSE)
    assert house.one("select count(*) from launch") == 0
    with house.by(owner) as work:
        arranging.unskip(work, ref)
    house.ring()
    assert house.row().state is A.TOLD
    with house.by(owner) as work:
        arranging.put_off(work, ref, house.day(20))
    with pytest.raises(Invalid, match="between tomorrow"), house.by(owner) as work:
        arranging.put_off(work, ref, house.day(0))
    to(house, 10)
    house.ring()
    assert house.row().state is A.TOLD
    to(house, 11)
    house.ring()
    assert house.row().state is A.LAUNCHED
    with pytest.raises(Conflict, match="Its own page"), house.by(owner) as work:
        arranging.skip(work, ref)


def test_a_pause_and_a_leave_set_aside_what_comes_and_give_it_back(house):
    slug = house.calendar(on=40)
    house.join(house.first, slug)
    owner = house.first.owner
    for gone, back, why in (
        (orders.pause, orders.go_on, Why.PAUSED),
        (orders.leave, orders.come_back, Why.LEFT),
    ):
        with house.by(owner) as work:
            assert gone(work, "corbelane", slug) == 1
            assert gone(work, "corbelane", slug) == 0
        assert house.row().why is why
        with house.by(owner) as work:
            assert back(work, "corbelane", slug) == 1
        assert house.row().state is A.WAITING
    with house.by(owner) as work:
        orders.leave(work, "corbelane", slug)
    to(house, 31)
    with pytest.raises(Conflict, match="thirty days"), house.by(owner) as work:
        orders.come_back(work, "corbelane", slug)


def test_joining_takes_the_consent_a_list_of_ones_own_and_the_role(house):
    slug = house.calendar(rules={"tier": ["silver"]})
    assert house.offers(house.first) == []
    with pytest.raises(NotFound):
        house.join(house.first, slug)
    open_to_all = house.calendar(on=12)
    assert [c.slug for c in house.offers(house.first)] == [open_to_all]
    with pytest.raises(Invalid, match="Say that it may"):
        house.join(house.first, open_to_all, agreed=False)
    with house.db() as work:
        seller = sam(work, house.first.id)
    order = NewOrder(list_ids=(house.first.list_id,), sender_id=house.first.sender_id, agreed=True)
    with pytest.raises(Forbidden), house.by(seller) as work:
        orders.join(work, "corbelane", open_to_all, order)
    other = NewOrder(list_ids=(house.vendor_id,), sender_id=house.first.sender_id, agreed=True)
    with pytest.raises(NotFound), house.by(house.first.owner) as work:
        orders.join(work, "corbelane", open_to_all, other)
    house.join(house.first, open_to_all)
    kept = json.loads(house.one("select consent from standing_order"))
    assert kept["english"].startswith(
        "Corbelane may start the campaigns of “One campaign a quarter” for us"
    )


def test_what_a_partner_launched_itself_is_not_launched_again(house):
    house.join(house.first, house.calendar(on=10))
    to(house, 7)
    house.ring()
    ref = house.one("select ref from launch")
    with house.by(house.first.owner) as work:
        launches.start_launch(work, ref)
    to(house, 3)
    house.ring()
    assert house.row().state is A.LAUNCHED
    second = house.calendar(on=20)
    house.join(house.first, second)
    to(house, 17)
    house.ring()
    assert [r.why for r in house.rows() if r.calendar_slug == second] == [Why.OWN]
    assert house.one("select count(*) from launch") == 1


def test_a_day_that_is_moved_or_taken_back_reaches_who_was_not_told(house):
    slug = house.calendar(on=10)
    house.join(house.first, slug)
    with house.by(house.vera) as work:
        calendars.set_day(work, slug, "cloud-migration", house.day(30))
    assert house.row().send_at.date() == house.day(30)
    with house.by(house.vera) as work:
        assert calendars.take_day_back(work, slug, "cloud-migration") == 1
    assert house.row().state is A.STOPPED
    with house.by(house.vera) as work:
        calendars.set_day(work, slug, "cloud-migration", house.day(40))
        assert calendars.close_calendar(work, slug) == 1
        calendars.open_again(work, slug)
    assert house.row().state is A.WAITING
    with pytest.raises(Invalid, match="told 3 days before"), house.by(house.vera) as work:
        calendars.set_day(work, slug, "cloud-migration", house.day(3))


def test_a_link_is_for_one_person_and_one_launch_and_grows_old(house):
    house.join(house.first, house.calendar(on=10))
    with house.db() as work:
        row_id = house.one("select id from arranged_launch")
        row = work.session.get(advancing.ArrangedLaunch, row_id)
        token = links.link_for(work.site.signer, row, house.first.owner.user_id)
        stranger = links.link_for(work.site.signer, row, house.vera.user_id)
        other = work.site.signer.sign("approve", f"{row.ref}:{house.first.owner.user_id}")
        made = links.behind(work.session, work.site.signer, token, now=work.now)
        assert (made.ref, made.person.partner_id, made.late) == (row.ref, house.first.id, False)
        later = work.now + timedelta(days=25)
        assert links.behind(work.session, work.site.signer, token, now=later).late
        for wrong in (stranger, other, token[:-2] + "AA"):
            with pytest.raises(NotFound):
                links.behind(work.session, work.site.signer, wrong, now=work.now)
