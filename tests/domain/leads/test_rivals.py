"""A partner sees why it got a lead, and of others no more than how many were asked."""

import pytest

from tcma.leads import actions, offers, queries, routing_versions
from tcma.leads.models import Lead
from tcma.leads.rules import Touch
from tcma.web.console.lead_words import own_lines
from tests.builders import alice, mira

RIVAL = "Fenwright"
QUICK = '[sticky]\nsource = "never"\n[[rule]]\nname = "Quick"\nfirst = 2\n'


@pytest.fixture
def second(db, ground):
    with db() as work:
        return alice(work, ground.second)


def view(db, principal, lead_id):
    with db(principal) as work:
        return queries.view_of(work.session, principal, work.session.get_one(Lead, lead_id))


def handed_on(db, ground, ask):
    """A lead that Fenwright's Alice declined and Ridgeline has now."""
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
    with db(ground.alice) as work:
        offer = queries.view_of(
            work.session, ground.alice, work.session.get_one(Lead, lead_id)
        ).offer_id
        actions.decline(work, offer, by="Alice", reason="no_capacity")
    with db() as work:
        assert offers.route(work, lead_id) == ground.second
    return lead_id


def test_who_gets_a_declined_lead_reads_nothing_of_who_declined_it(db, ground, ask, second):
    lead_id = handed_on(db, ground, ask)
    seen = view(db, second, lead_id)
    assert [turn.partner_id for turn in seen.turns] == [ground.second]
    assert (seen.asked_before, seen.asked_beside) == (1, 0)
    assert [(verb, by) for _, verb, by in seen.history] == [
        ("captured", "visitor"),
        ("offered", "tcma"),
    ]
    lines = own_lines(seen)
    assert ("Asked before you", "1") in lines
    assert not any(word in str((lines, seen.history)) for word in (RIVAL, "Alice", "turn (decl"))


def test_who_declined_it_reads_its_own_part_and_not_what_came_of_it(db, ground, ask, second):
    lead_id = handed_on(db, ground, ask)
    with db() as work:
        actions.accept(work, view(db, second, lead_id).offer_id, by="Zoe")
    with db(second) as work:
        lead = actions.held_lead(work, work.session.get_one(Lead, lead_id).ref)
        actions.record_touch(work, lead, kind=Touch.CALL, note="They want forty seats.")
    seen = view(db, ground.sam, lead_id)  # as by the link of their own mail
    assert [turn.state for turn in seen.turns] == ["declined"]
    assert "declined" in [verb for _, verb, _ in seen.history]
    assert "accepted" not in [verb for _, verb, _ in seen.history]
    assert (seen.touches, seen.row.partner, seen.masked) == ((), "", True)


def test_the_desk_keeps_everybody_with_their_reasons(db, ground, ask):
    lead_id = handed_on(db, ground, ask)
    with db() as work:
        boss = mira(work, ground.vendor_id)
    seen = view(db, boss, lead_id)
    assert [turn.partner for turn in seen.turns] == [RIVAL, "Ridgeline"]
    assert ("declined", "Alice") in [(verb, by) for _, verb, by in seen.history]


def test_of_several_who_are_asked_at_once_each_has_its_own_offer(db, ground, ask, second):
    with db() as work:
        boss = mira(work, ground.vendor_id)
    with db(boss) as work:
        routing_versions.publish(work, QUICK, valid_from=work.now.date(), note="")
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
    for principal, partner_id in ((ground.sam, ground.first), (second, ground.second)):
        seen = view(db, principal, lead_id)
        assert [turn.partner_id for turn in seen.turns] == [partner_id]
        assert seen.offer_id == seen.turns[0].id
        assert ("Asked at the same time", "1") in own_lines(seen)
