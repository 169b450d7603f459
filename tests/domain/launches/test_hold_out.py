"""Who is held out, in SQL as in Python; what the comparison says; a launch that holds some out."""

from uuid import UUID

import pytest
from sqlalchemy import select

from tcma.contacts.models import Contact
from tcma.delivery.rules import MessageState
from tcma.jobs import Job
from tcma.launches import actions, queries
from tcma.launches.choices import Choices
from tcma.launches.drawing import HOLD_OUT, VARIANT, drawn
from tcma.launches.hold_out import DRAWS, Group, Lift, draw, findings, is_held_out, told
from tcma.launches.preflight import left_out, preflight
from tcma.launches.rules import LaunchState, Severity
from tcma.reporting.lift import lifts_of
from tests.faults.posting import posting

CAMPAIGN = UUID(int=7)


def hashes(count):
    return [n.to_bytes(32) for n in range(count)]


def test_a_share_is_drawn_evenly_and_the_parts_do_not_know_of_each_other():
    held = [h for h in hashes(20_000) if is_held_out(draw(CAMPAIGN, h, HOLD_OUT), 10)]
    assert 1_900 < len(held) < 2_100
    half = sum(draw(CAMPAIGN, h, VARIANT) * 2 < DRAWS for h in held)
    assert 900 < half < 1_100
    assert not any(is_held_out(draw(CAMPAIGN, h, HOLD_OUT), 0) for h in held)


@pytest.mark.parametrize(
    ("sent", "held", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((10, 10), (0, 20), 0.6791, 1.0), ((9, 10), (3, 10), 0.1705, 0.8090)],
    ids=["a", "d", "e"],
)  # fmt: skip
def test_the_interval_of_a_difference_is_that_of_the_paper(sent, held, low, high):
    """Newcombe 1998, table II, method 10."""
    found = Lift("Leads", Group(*sent), Group(*held)).interval
    assert found == pytest.approx((low, high), abs=0.0001)


def test_the_words_say_what_is_told_and_what_is_not():
    much = Lift("Leads", Group(90, 900), Group(2, 100))
    assert much.words == "Leads: the mail brought 2.7 to 10.6 more per 100 people."
    few = Lift("Leads", Group(3, 90), Group(0, 10))
    assert few.words.startswith("Leads: too few people to tell.")
    none = Lift("Leads", Group(0, 0), Group(0, 10))
    assert none.words == "Leads: nothing to compare yet."
    assert told([few, none]) == "Too few to tell yet"
    assert told([few, much]) == "The mail made a difference"
    assert told([Lift("Leads", Group(2, 900), Group(20, 100))]).startswith("Those who got nothing")


@pytest.mark.parametrize(
    ("held", "severity"), [(1, Severity.LOOK), (49, Severity.LOOK), (50, Severity.GOOD)]
)
def test_the_preflight_says_when_too_few_are_held_out(held, severity):
    (one,) = findings(5, held=held, sendable=900)
    assert one.severity is severity
    assert ("1 person gets nothing" in one.message) == (held == 1)
    assert findings(0, held=0, sendable=900) == []


def test_a_launch_holds_its_share_out_and_the_sum_holds(db, staged, tmp_path, smtp_sink):
    stage = staged(count=200)
    ref = stage.planned(mails="first", choices=Choices(hold_out=10))
    with db(stage.alice) as work:
        campaign_id = queries.launch_detail(
            work.session, stage.alice, ref, now=work.now
        ).line.campaign_id
        sql = select(Contact.address, Contact.address_hash, drawn(campaign_id, HOLD_OUT))
        rows = work.session.execute(sql).all()
        assert all(draw(campaign_id, row[1], HOLD_OUT) == row[2] for row in rows)
        held = {row[0] for row in rows if is_held_out(row[2], 10)}
        verdict = preflight(work, ref)
        assert verdict.reach.held == {"are held out to measure": len(held)}
        assert verdict.reach.sendable == 200 - len(held)
        assert {row.address for row in left_out(work, ref).rows} == held
    assert 3 < len(held) < 50
    with db(stage.alice) as work:
        actions.start_launch(work, ref)
    with posting(db, tmp_path, smtp_sink.url) as ring:
        ring(Job.LAUNCH_START)
        ring()
        ring(Job.LAUNCH_SETTLE)
    done = stage.detail(ref)
    assert done.line.state is LaunchState.FINISHED
    assert done.equation.holds
    assert (done.equation.sent, done.equation.skipped) == (200 - len(held), len(held))
    with db(stage.alice) as work:
        page = queries.launch_people(work.session, stage.alice, ref, states=(MessageState.SKIPPED,))
        assert {row.address for row in page.rows} == held
        assert {row.reason for row in page.rows} == {"held out to measure"}
        leads, won = lifts_of(work.session, stage.alice, ref)
    assert (leads.sent, leads.held) == (Group(0, 200 - len(held)), Group(0, len(held)))
    assert won.name == "Opportunities"
