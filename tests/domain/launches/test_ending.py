"""Campaigns begin, are announced and end on their days, in the vendor's zone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tcma.errors import Invalid
from tcma.jobs import Job
from tcma.launches import ending, preflight
from tcma.launches.actions import start_launch
from tcma.launches.rules import LaunchState
from tcma.library import actions, importer, seeing
from tcma.rendering.source import read_folder
from tests import builders
from tests.faults.posting import rung
from workers.runtime import Run

FOLDER = builders.TEMPLATES / "cloud-migration"


def turned(stage):
    with stage.db() as work:
        waiting = ending.due(work.session, work.now)
        for each in waiting:
            ending.turn(work, each)
    return [each.what for each in waiting]


def today(stage):
    return stage.db.clock.now().date()


def dated(stage, **days):
    with stage.db() as work:
        version_id = work.session.scalar(text("select id from campaign_version order by no desc"))
        actions.publish(work, version_id=version_id, **days)
    return version_id


def one(stage, sql):
    with stage.db() as work:
        return work.session.scalar(text(sql))


def test_a_campaign_is_announced_once_and_ends_after_its_last_day(stage, clock):
    later = clock.now() + timedelta(days=40)
    ref, soon = stage.started(), stage.started(key="2", send_at=later)
    dated(stage, ends_on=today(stage) + timedelta(days=10))
    assert turned(stage) == []
    clock.move(timedelta(days=4))
    assert (turned(stage), turned(stage)) == (["announce"], [])
    assert one(stage, "select count(*) from message_body") == 1
    clock.move(timedelta(days=6))
    assert turned(stage) == []
    clock.move(timedelta(days=1))
    assert (turned(stage), turned(stage)) == (["end"], [])
    for each in (ref, soon):
        assert stage.detail(each).line.state is LaunchState.CANCELLED
    assert one(stage, "select state from page") == "recalled"
    assert one(stage, "select state from campaign") == "retired"


def test_a_version_waits_for_its_first_day_and_then_takes_the_place_of_the_other(stage, clock):
    files = read_folder(FOLDER)
    files["play.toml"] += b"\n# changed\n"
    with stage.db() as work:
        importer.import_files(work, stage.vendor_id, files)
    newer = dated(stage, starts_on=today(stage) + timedelta(days=3))
    states = "select string_agg(state, ',' order by no) from campaign_version"
    assert one(stage, states) == "published,scheduled"
    assert turned(stage) == []
    clock.move(timedelta(days=3))
    assert turned(stage) == ["publish"]
    assert one(stage, states) == "superseded,published"
    assert one(stage, "select id from campaign_version where state = 'published'") == newer


def test_a_version_whose_days_went_by_while_nothing_ran_is_a_draft_again_and_holds_up_no_other(
    stage, clock
):
    files = read_folder(FOLDER)
    files["play.toml"] += b"\n# changed\n"
    dated(stage, ends_on=today(stage) + timedelta(days=20))
    with stage.db() as work:
        importer.import_files(work, stage.vendor_id, files)
    dated(
        stage, starts_on=today(stage) + timedelta(days=3), ends_on=today(stage) + timedelta(days=5)
    )
    clock.move(timedelta(days=21))
    rung(Run(services=stage.db, stopping=lambda: False), Job.CAMPAIGN_TURN)
    states = "select string_agg(state, ',' order by no) from campaign_version"
    assert one(stage, states) == "retired,draft"
    assert one(stage, "select state from campaign") == "retired"
    assert turned(stage) == []


def test_what_somebody_changed_since_a_day_was_looked_for_is_not_turned(stage, clock):
    version_id = dated(stage, ends_on=today(stage) + timedelta(days=10))
    clock.move(timedelta(days=11))
    with stage.db() as work:
        (due,) = ending.due(work.session, work.now)
        actions.end(work, campaign_id=due.campaign_id, ends_on=today(stage) + timedelta(days=30))
    with stage.db() as work:
        ending.turn(work, due)
    assert (due.what, due.version_id) == ("end", version_id)
    assert one(stage, "select state from campaign") == "active"


@pytest.mark.parametrize(
    ("starts_in", "ends_in", "said"),
    [(0, -1, "in the past"), (5, 4, "ends before it begins")],
)
def test_days_that_cannot_be_are_refused(stage, starts_in, ends_in, said):
    begin, last = (today(stage) + timedelta(days=n) for n in (starts_in, ends_in))
    with pytest.raises(Invalid, match=f"(?i){said}"):
        dated(stage, starts_on=begin, ends_on=last)


def test_a_day_is_the_vendors_own(stage):
    with stage.db() as work:
        work.session.execute(text("update vendor set zone = 'Pacific/Auckland'"))
        work.session.execute(
            text("update campaign_version set ends_on = :on"), {"on": date(2026, 11, 23)}
        )
        at = stage.db.clock.now().replace(year=2026, month=11, day=23, hour=10)
        assert ending.due(work.session, at)[0].what == "announce"
        at = at.replace(hour=12)
        assert ending.due(work.session, at)[0].what == "end"


def test_who_is_concerned_is_counted_beforehand(stage):
    stage.started()
    with stage.db() as work:
        campaign = work.session.scalar(text("select id from campaign"))
        found = ending.concerned(work.session, campaign)
    assert (found.partners, found.launches, found.pages) == (1, 1, 1)


def test_a_planned_launch_stops_once_the_partner_may_no_longer_see_the_campaign(stage, clock):
    with stage.db() as work:
        vendor_id = work.session.scalar(text("select vendor_id from campaign"))
        vera, slug = (
            builders.vera(work, vendor_id),
            work.session.scalar(text("select slug from campaign")),
        )
    ref = stage.planned()
    with stage.db(vera) as work:
        seeing.set_visibility(work, slug, {"certification": ["Cloud Architect"]})
    with stage.db(stage.alice) as work:
        assert not preflight.preflight(work, ref).ready
        with pytest.raises(Invalid, match=r"no longer offers you this campaign.*Cloud Architect"):
            start_launch(work, ref)
    with stage.db(vera) as work:
        seeing.set_visibility(work, slug, {})
    with stage.db(stage.alice) as work:
        start_launch(work, ref)
