"""A lead too cold for any rule waits with the desk; when its clicks bring the points, the rule has it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tcma.jobs import Job
from tcma.leads import offers, ripening
from tcma.leads.models import Lead, LeadOffer, PointsVersion
from tcma.leads.routing.reading import read
from tcma.leads.rules import LeadState
from tcma.leads.scoring.document import STANDARD
from tests.domain.leads.conftest import rules_are
from tests.domain.leads.test_routing_rules import asks

WARM = '[sticky]\nsource = "never"\n[[rule]]\nname = "Warm"\nif = { score = 65 }\n'
AGAIN = '[[behaviour]]\nname = "Asks again"\ndoes = "ask"\npoints = 5\nhalf_life = 30\n'


@pytest.fixture
def cold(db, ground, ask):
    """A lead of 62 points that the only rule does not take, and how its points grow."""
    rules_are(db, ground, WARM)
    lead_id = ask().lead_id
    with db() as work:
        assert offers.route(work, lead_id) is None
        assert work.session.get_one(Lead, lead_id).score == 62
    return lead_id


def ripened(db, lead_id, *, was=None):
    with db() as work:
        lead = work.session.get_one(Lead, lead_id)
        if was is not None:
            lead.score = was
            work.session.flush()
        return bool(ripening.ripen(work, [lead]))


def state(db, lead_id):
    with db() as work:
        return work.session.get_one(Lead, lead_id).state


def test_without_new_points_it_stays_where_it_is(db, cold):
    assert ripened(db, cold) is False
    assert state(db, cold) == LeadState.UNASSIGNED


def test_it_is_routed_when_it_reaches_what_a_rule_asks_for(db, ground, cold):
    rules_are(db, ground, WARM.replace("65", "60"), no=2)
    assert ripened(db, cold, was=55) is True
    assert state(db, cold) == LeadState.NEW
    assert db.queue.of(Job.LEAD_ROUTE)
    with db() as work:
        assert offers.route(work, cold) in {ground.first, ground.second}
        trace = work.session.scalars(select(LeadOffer.trace)).one()
    assert trace["rule_name"] == "Warm"
    assert trace["request"]["score"] == 62


def test_points_that_no_rule_asks_for_move_nothing(db, cold):
    assert ripened(db, cold, was=40) is False
    assert state(db, cold) == LeadState.UNASSIGNED


@pytest.mark.parametrize(
    ("before", "after", "rule"), [(64, 65, "Warm"), (65, 70, ""), (10, 64, "")]
)
def test_a_rule_is_reached_once(before, after, rule):
    one = asks(score=before)
    assert ripening.reaches(read(WARM).rules, one, replace(one, score=after)) == rule


def test_points_open_no_rule_that_asks_for_something_else_too():
    abroad = read(WARM.replace("score = 65", 'score = 65, country = ["FR"]')).rules
    one = asks(score=60)
    assert ripening.reaches(abroad, one, replace(one, score=70)) == ""
    french = replace(one, country="FR")
    assert ripening.reaches(abroad, french, replace(french, score=70)) == "Warm"


def test_a_chance_or_an_answer_opens_a_rule_too():
    likely = read(WARM.replace("score = 65", "chance = 50")).rules
    assert ripening.reaches(likely, asks(), asks(chance=50)) == "Warm"
    large = read(WARM.replace("score = 65", 'answer = { Size = ["over 500"] }')).rules
    assert ripening.reaches(large, asks(), asks(answers={"Size": "over 500"})) == "Warm"


def test_a_second_form_that_makes_it_ripe_takes_effect_at_once(db, ground, ask, cold):
    with db() as work:
        points = PointsVersion(
            vendor_id=ground.vendor_id, no=1, valid_from=work.now, note="", made_by="",
            made_at=work.now, source=f"{STANDARD}\n{AGAIN}",
        )  # fmt: skip
        work.session.add(points)
    db.queue.sent.clear()
    assert ask(2).lead_id == cold
    with db() as work:
        lead = work.session.get_one(Lead, cold)
        assert (lead.state, lead.score) == (LeadState.NEW, 67)
    assert {"lead_id": str(cold)} in db.queue.of(Job.LEAD_ROUTE)


def test_a_second_form_with_the_answer_a_rule_asks_for_takes_effect(db, ground, ask, cold):
    rules_are(db, ground, WARM.replace("score = 65", 'answer = { Size = ["over 500"] }'), no=2)
    ask(2, answers={"Colour": "Blue"})
    assert state(db, cold) == LeadState.UNASSIGNED
    ask(3, answers={"Size": "over 500"})
    assert state(db, cold) == LeadState.NEW
