"""Leads that are accepted by themselves: house accounts, and partners that want it so."""

import pytest
from sqlalchemy import select, text

from tcma.delivery.models import MessageBody
from tcma.leads import actions, by_hand, offers, queries, routing_versions, sharing, telling
from tcma.leads.models import Lead
from tcma.leads.routing.reading import read
from tcma.leads.routing.rules import ACCEPTS, Accepts
from tcma.leads.routing.sellers import Way
from tcma.leads.routing.words import engagement, sentences
from tcma.leads.rules import LeadState, OfferState
from tests.builders import mira

IN_TURN = '[sticky]\nsource = "never"\n[[rule]]\nname = "House"\npartners = ["fenwright"]\n'
ACCOUNT = (
    '[sticky]\nsource = "never"\n[[account]]\ndomain = "brackwater.example"\n'
    'partner = "fenwright"\naccept = true\n'
)
PARTNER = f"{IN_TURN}[partner.fenwright]\naccept = true\n"


@pytest.fixture
def got(db, ground, ask):
    """`got(rules)`: a lead that was routed by them, and told."""

    def run(source=IN_TURN):
        with db() as work:
            boss = mira(work, ground.vendor_id)
        with db(boss) as work:
            routing_versions.publish(work, source, valid_from=work.now.date(), note="")
        lead_id = ask().lead_id
        with db() as work:
            offers.route(work, lead_id)
        with db() as work:
            telling.tell(work)
        return lead_id

    return run


def turn_of(db, lead_id):
    with db() as work:
        return work.session.get_one(Lead, lead_id).state, queries.turns(work.session, lead_id)[-1]


def letters(db):
    with db() as work:
        return work.session.execute(select(MessageBody.subject, MessageBody.plain)).all()


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (f"{IN_TURN}accept = true\n", Accepts.RULE),
        (ACCOUNT, Accepts.ACCOUNT),
        (PARTNER, Accepts.PARTNER),
    ],
)
def test_the_vendors_rules_accept_and_trace_history_and_letter_say_so(db, ground, got, source, why):
    lead_id = got(source)
    state, turn = turn_of(db, lead_id)
    assert (state, turn.state) == (LeadState.ACCEPTED, OfferState.ACCEPTED)
    assert (turn.trace[ACCEPTS], turn.answered_by) == (why, "by itself")
    with db(ground.sam) as work:
        seen = queries.lead_view(work.session, ground.sam, work.session.get_one(Lead, lead_id).ref)
    assert not seen.masked
    assert "accepted by itself" in [verb for _, verb, _ in seen.history]
    assert {subject for subject, _ in letters(db)} == {"A lead is yours: Brackwater Joinery"}
    assert all("It was accepted by itself, because" in plain for _, plain in letters(db))


def test_a_partner_may_want_it_so_and_it_takes_one_turn_like_every_other(db, ground, got):
    with db(ground.alice) as work:
        sharing.save_rule(work, way=Way.TURN, keeps=False, areas={}, accepts=True)
        assert sharing.rule_of(work).accepts
    lead_id = got()
    state, turn = turn_of(db, lead_id)
    assert (state, turn.trace[ACCEPTS]) == (LeadState.ACCEPTED, Accepts.OWN)
    with db() as work:
        assert work.session.get_one(Lead, lead_id).person_id == ground.sam.user_id
    assert len(letters(db)) == 1


def test_without_a_wish_a_lead_waits_for_a_person(db, got):
    state, turn = turn_of(db, got())
    assert (state, ACCEPTS in turn.trace) == (LeadState.OFFERED, False)


def test_who_accepts_by_itself_does_not_win_every_race(db, ground, got):
    with db(ground.alice) as work:
        sharing.save_rule(work, way=Way.EVERYBODY, keeps=False, areas={}, accepts=True)
    source = '[sticky]\nsource = "never"\n[[rule]]\nname = "Quick"\nfirst = 2\n'
    lead_id = got(f"{source}[partner.fenwright]\naccept = true\n")
    with db() as work:
        states = {turn.state for turn in queries.turns(work.session, lead_id)}
    assert states == {OfferState.OFFERED}


def test_a_suspended_partner_gets_nothing_by_itself(db, ground, ask):
    with db(ground.alice) as work:
        sharing.save_rule(work, way=Way.EVERYBODY, keeps=False, areas={}, accepts=True)
    lead_id = ask().lead_id
    with db() as work:
        offers.route(work, lead_id)
        work.session.execute(text("UPDATE enrolment SET state = 'suspended'"))
    with db() as work:
        telling.tell(work)
    assert turn_of(db, lead_id)[0] == LeadState.OFFERED


def test_what_is_given_by_hand_to_such_a_partner_is_accepted_too(db, ground, got):
    lead_id = got(f"{PARTNER}".replace('partners = ["fenwright"]', 'partners = ["ridgeline"]'))
    with db() as work:
        boss = mira(work, ground.vendor_id)
    with db(boss) as work:
        by_hand.assign(work, work.session.get_one(Lead, lead_id), ground.first)
    with db() as work:
        telling.tell(work)
    state, turn = turn_of(db, lead_id)
    assert (state, turn.trace[ACCEPTS]) == (LeadState.ACCEPTED, Accepts.PARTNER)


def test_telling_again_after_a_kill_accepts_once(db, ground, got):
    lead_id = got(PARTNER)
    with db() as work:
        work.session.execute(text("UPDATE lead_offer SET told_at = NULL"))
    with db() as work:
        assert telling.tell(work) == 0
        assert actions.take_back(work, turn_of(db, lead_id)[1].id) is False


def test_a_document_says_who_accepts_by_itself_and_what_is_wrong():
    rules = read(f"{ACCOUNT}[[rule]]\nname = 'House'\naccept = true\n").rules
    said = dict(sentences(rules))
    assert said["Named account"].endswith("goes to fenwright. It is accepted by itself.")
    assert said["House"].endswith("It is accepted by itself.")
    assert dict(engagement(rules))["Rule 1"].endswith("It is accepted by itself.")
    race = read('[[rule]]\nname = "Quick"\nfirst = 2\naccept = true\n')
    assert "nobody can accept by itself" in str(race.faults)
    assert "true or false" in str(read('[[rule]]\nname = "A"\naccept = "yes"\n').faults)
