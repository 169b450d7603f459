"""A journey's step that tells another program: one row in the outbox, or a step that says why not."""

import pytest

from tcma.adapters.egress import Egress
from tcma.errors import Invalid
from tcma.outbox import actions
from tests.builders import mira
from tests.domain.nurture.crowd import EXITS

TELLS = EXITS + '[[step]]\nid = "n1"\nsend = "thanks"\n[[step]]\nid = "tell"\nwebhook = "crm"\n'


@pytest.fixture
def heard(people):
    """The vendor has a webhook that journeys call crm."""
    with people.db() as work:
        person = mira(work, people.vendor_id)
    with people.db(person) as work:
        actions.make_endpoint(work, Egress(), name="crm", url="https://9.9.9.9/in", events=())
    yield people
    end_all(people)


def end_all(people):
    people.rows("UPDATE webhook_endpoint SET state = 'ended' RETURNING 1")


def test_each_person_who_comes_to_the_step_is_told_of_once_with_their_lead(heard):
    heard.publish(TELLS)
    runs = heard.people(3, at="tell")
    heard.advance()
    heard.advance()
    told = heard.rows(
        "SELECT key, payload -> 'lead' ->> 'state' AS state, payload ->> 'step' AS step"
        " FROM outbox_delivery WHERE state = 'waiting'"
    )
    assert sorted(row.key for row in told) == sorted(f"journey:{run}:0" for run in runs)
    assert {(row.state, row.step) for row in told} == {("new", "tell")}
    done = heard.rows("SELECT outcome FROM nurture_step WHERE node = 'tell'")
    assert [row.outcome for row in done] == ["called"] * 3


def test_a_journey_that_tells_a_webhook_nobody_made_is_not_published(people):
    with pytest.raises(Invalid, match=r"Line 5: there is no webhook “crm”\."):
        people.publish(TELLS)


def test_a_webhook_that_was_ended_is_left_out_and_the_step_says_so(heard):
    heard.publish(TELLS)
    heard.people(1, at="tell")
    end_all(heard)
    heard.advance()
    [step] = heard.rows("SELECT outcome, why FROM nurture_step WHERE node = 'tell'")
    assert (step.outcome, step.why) == ("skipped", "there is no webhook “crm”")
