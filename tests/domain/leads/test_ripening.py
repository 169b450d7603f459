"""A lead too cold for any rule waits with the desk; when its clicks bring the points, the rule has it."""

import pytest
from sqlalchemy import select

from tcma.jobs import Job
from tcma.leads import offers, ripening
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing.reading import read
from tcma.leads.rules import LeadState
from tests.domain.leads.conftest import rules_are

WARM = '[sticky]\nsource = "never"\n[[rule]]\nname = "Warm"\nif = { score = 65 }\n'


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
    assert ripening.reaches(read(WARM).rules, before, after) == rule
