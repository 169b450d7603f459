"""Leads that several are asked about at once: one has it, the others hear of it, the time runs out."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, text

from tcma.errors import Conflict, NotFound
from tcma.leads import actions, by_hand, offers, queries, races, routing_versions, telling
from tcma.leads.deciding import rules_of
from tcma.leads.models import Lead, LeadOffer
from tcma.leads.routing.choosing import choose, standard
from tcma.leads.routing.reading import read
from tcma.leads.routing.trying import FIRST, Case, facts_of, replayed, tried, what_if
from tcma.leads.routing.words import engagement, sentences
from tcma.leads.rules import LeadState, OfferState
from tests.builders import a_partner, alice, mira
from tests.domain.leads.test_routing_faults import at_once, waiting
from tests.domain.leads.test_routing_rules import ALL, AREAS, OSIER, asks, rules

RACE = (
    '[sticky]\nsource = "never"\n[[rule]]\nname = "Quick"\nfirst = 2\nhours = 2\n'
    'most_percent = 40\nneed = { territory = true }\n[[rule]]\nname = "In turn"\n'
)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("first = 1", "from 2 to 50"),
        ("hours = 2", "write first, too"),
        ("first = 3\nhours = 99", "working hours"),
        ("first = 3\nweight = { osier = 2 }", "weights mean nothing"),
    ],
)
def test_a_document_says_what_is_wrong_with_a_race(line, said):
    found = read(f'[[rule]]\nname = "Quick"\n{line}\n')
    assert said in " ".join(fault.words for fault in found.faults)


def test_those_with_the_fewest_leads_lately_are_asked_and_the_trace_says_why_others_are_not():
    partners = [replace(c, lately=n) for c, n in zip(ALL, (3, 1, 2), strict=True)]
    choice = choose(asks(), AREAS, partners, rules(RACE.replace("40", "100")))
    assert choice.several == (UUID(int=2), UUID(int=3))
    assert (choice.partner_id, choice.hours) == (None, 2)
    why = {c["partner"]: c["why"] for c in choice.trace["candidates"] if not c["in"]}
    assert why == {"Fenwright": "2 others had fewer leads lately"}


def test_who_had_its_share_is_not_asked_and_a_race_that_was_run_is_not_run_again():
    partners = [replace(c, lately=n) for c, n in zip(ALL, (6, 2, 2), strict=True)]
    choice = choose(asks(), AREAS, partners, rules(RACE))
    assert choice.several == (UUID(int=2), UUID(int=3))
    again = choose(asks(passed=("Quick",)), AREAS, partners, rules(RACE))
    assert (again.several, again.trace["rule_name"]) == ((), "In turn")
    assert again.trace["tried"][0]["why"] == "several were asked, and nobody took it in time"


def test_what_if_tests_and_replay_decide_a_race_as_it_was_decided():
    trial = RACE + '[[test]]\nname = "Race"\nlead = { country = "GB", postcode = "LS1" }\n'
    [good] = tried(rules(trial + 'gets = "first"\nrule = "Quick"\n'), AREAS, ALL)
    [bad] = tried(rules(trial + 'gets = "osier"\n'), AREAS, ALL)
    assert (good.ok, bad.ok) == (True, False)
    facts = facts_of(asks(), AREAS, ALL)
    assert replayed(facts, rules(RACE)) == choose(asks(), AREAS, ALL, rules(RACE))
    outcome = what_if(rules(RACE), [Case("L-1", "Brackwater", facts, "Osier")])
    assert [(c.after, c.why) for c in outcome.changes] == [(FIRST, "“Quick”, 2 at once")]


def test_a_race_is_read_out_in_a_plain_sentence():
    told = dict(sentences(rules(RACE)))["Quick"]
    assert told.startswith("Every lead goes to up to 2 at once of the partners that work in the")
    assert (
        "The first to take it has it, within 2 working hours; then the next rule is asked." in told
    )
    assert any("goes to up to 2 at once" in words for _, words in engagement(rules(RACE)))
    assert OSIER.name not in str(engagement(rules(RACE)))


@pytest.fixture
def race(db, ground):
    """Rules with a race in force; `race()` is a lead that was routed by them."""
    with db(mira_of(db, ground)) as work:
        source = RACE.replace("most_percent = 40\n", "")
        routing_versions.publish(work, source, valid_from=work.now.date(), note="")

    def run(**facts):
        [lead_id] = waiting(db, ground, 1, **facts)
        with db() as work:
            assert offers.route(work, lead_id) is None
        return lead_id

    return run


def mira_of(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


def offers_of(db, lead_id):
    with db() as work:
        rows = work.session.scalars(
            select(LeadOffer).where(LeadOffer.lead_id == lead_id).order_by(LeadOffer.id)
        )
        return {row.partner_id: row for row in rows}


def test_of_two_who_are_asked_the_first_has_it_and_the_other_hears_of_it(db, ground, race):
    lead_id = race()
    both = offers_of(db, lead_id)
    assert set(both) == {ground.first, ground.second}
    assert len({row.answer_by for row in both.values()}) == 1
    with db(ground.alice) as work:
        [seen] = races.races(work.session, ground.alice)
        assert (seen.others, seen.company) == (1, "Brackwater Joinery")
        assert queries.leads(work.session, ground.alice).rows == []  # not hers yet
    with db(mira_of(db, ground)) as work:
        [row] = queries.leads(work.session, work.principal, facet="offered").rows
        assert (row.asked, row.answer_by) == (2, both[ground.first].answer_by)
    with db() as work:
        other = alice(work, ground.second)
        assert telling.tell(work) == 2
    with db(ground.sam) as work:
        ref = races.claim(work, both[ground.first].id)
    with db(other) as work, pytest.raises(Conflict, match="faster"):
        races.claim(work, both[ground.second].id)
    with db(ground.sam) as work:
        view = queries.lead_view(work.session, ground.sam, ref)
        assert (view.masked, view.row.state) == (False, LeadState.ACCEPTED)
    with db(other) as work, pytest.raises(NotFound):
        queries.lead_view(work.session, other, ref)
    with db() as work:
        assert (telling.tell_gone(work), telling.tell_gone(work)) == (1, 0)
        gone = "SELECT count(*) FROM message_body WHERE subject = 'The lead Brackwater Joinery is taken'"
        assert work.session.scalar(text(gone)) == 1
    assert offers_of(db, lead_id)[ground.second].state == OfferState.GONE


def test_of_twenty_who_press_at_once_exactly_one_has_it(db, ground):
    with db(mira_of(db, ground)) as work:
        source = '[sticky]\nsource = "never"\n[[rule]]\nname = "Quick"\nfirst = 20\n'
        routing_versions.publish(work, source, valid_from=work.now.date(), note="")
    with db() as work:
        for _ in range(18):
            a_partner(work, ground.vendor_id, territories=("GB-N",))
    [lead_id] = waiting(db, ground, 1)
    with db() as work:
        offers.route(work, lead_id)
    ids = [row.id for row in offers_of(db, lead_id).values()]
    assert len(ids) == 20

    def press(offer_id):
        with db() as work:
            actions.accept(work, offer_id, by="Sam")
        return offer_id

    done = at_once(*[lambda each=each: press(each) for each in ids])
    [winner] = [each for each in done if not isinstance(each, Conflict)]
    states = {row.id: row.state for row in offers_of(db, lead_id).values()}
    assert states.pop(winner) == OfferState.ACCEPTED
    assert set(states.values()) == {OfferState.GONE}


def test_a_race_that_nobody_takes_goes_on_to_the_next_rule_when_its_time_is_over(db, ground, race):
    lead_id = race()
    first, second = offers_of(db, lead_id).values()
    with db() as work:
        actions.decline(work, first.id, by="Sam", reason="no_capacity")
    with db() as work:
        assert work.session.get_one(Lead, lead_id).state == LeadState.OFFERED
        assert actions.expire(work, second.id)
    with db() as work:
        assert work.session.get_one(Lead, lead_id).state == LeadState.NEW
        # who declined is not asked again; who let the time pass is, in turn
        assert offers.route(work, lead_id) == second.partner_id
    with db() as work:
        turn = queries.turns(work.session, lead_id)[-1]
        assert (turn.epoch, turn.trace["rule_name"]) == (2, "In turn")
        facts, version = (
            turn.trace,
            routing_versions.version(
                work.session, mira(work, ground.vendor_id), turn.trace["version"], work.now
            ),
        )
        again = replayed(facts, rules_of(version.source))
        assert again.trace["tried"] == turn.trace["tried"]


def test_a_stranger_cannot_claim_what_it_was_not_asked_about(db, ground, race):
    both = offers_of(db, race())
    with db(ground.sam) as work, pytest.raises(NotFound):
        races.claim(work, both[ground.second].id)


def test_the_desk_gives_a_raced_lead_to_one_and_the_race_is_over(db, ground, race):
    lead_id = race()
    with db(mira_of(db, ground)) as work:
        by_hand.assign(work, work.session.get_one(Lead, lead_id), ground.second)
    with db() as work:
        assert races.races(work.session, ground.alice) == []
        assert work.session.get_one(Lead, lead_id).partner_id == ground.second


def test_past_leads_are_asked_what_if_once_however_many_were_asked(db, ground, race):
    race()
    boss = mira_of(db, ground)
    with db(boss) as work:
        [one] = routing_versions.past_cases(
            work.session, ground.vendor_id, standard(), now=work.now
        )
    assert one.got == FIRST
