"""One person, two campaigns: seen together, joined by hand or by rule, with both requests as they came."""

import pytest
from sqlalchemy import select, text

from tcma.errors import Conflict, Forbidden
from tcma.leads import actions, by_hand, joining, offers, points, same_person
from tcma.leads.models import Lead, LeadCapture
from tcma.leads.routing.reading import read
from tcma.leads.routing.words import engagement
from tcma.library.compiling import publish_page
from tcma.library.copy_queries import page_by_path
from tests.builders import a_campaign, a_copy, alice, mira
from tests.domain.leads.conftest import captured, rules_are

JOINS = "[person]\njoins = true\n"


@pytest.fixture
def ask_elsewhere(db, ground):
    """The same form of another campaign: of the same partner, or of another."""
    pages = {}

    def asked(number=50, *, partner=None, address="ida@brackwater.example", **more):
        partner = partner or ground.first
        with db() as work:
            if partner not in pages:
                campaign = a_campaign(work, ground.vendor_id, slug="ai-ready-data")
                pages[partner] = publish_page(work, a_copy(work, partner, campaign)).path
            page = page_by_path(work.session, pages[partner])
            return captured(work, page, number, address, more)

    return asked


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


def lead_of(db, lead_id):
    with db() as work:
        return work.session.get_one(Lead, lead_id)


def others(db, who, lead_id):
    ref = lead_of(db, lead_id).ref
    with db(who) as work:
        return [(o.ref, o.joined, o.can_join) for o in same_person.others(work.session, who, ref)]


def join(db, who, lead_id, into):
    with db(who) as work:
        joining.join(work, work.session.get_one(Lead, lead_id), work.session.get_one(Lead, into))


def test_without_a_rule_two_campaigns_are_two_leads_that_are_seen_together(
    db, ground, ask, ask_elsewhere, manager
):
    first, second = ask().lead_id, ask_elsewhere().lead_id
    assert first != second
    assert others(db, manager, first) == [(lead_of(db, second).ref, False, True)]
    assert others(db, ground.sam, first) == []
    with db() as work:
        offers.route(work, first)
        offers.route(work, second)
        for offer in work.session.scalars(text("SELECT id FROM lead_offer")).all():
            actions.accept(work, offer, by="Sam")
    assert others(db, ground.sam, first) == [(lead_of(db, second).ref, False, True)]


def test_joined_by_hand_both_requests_stay_as_they_came(db, ground, ask, ask_elsewhere, manager):
    first = ask(answers={"Seats": "20"}, phone="").lead_id
    second = ask_elsewhere(answers={"Seats": "500", "When": "This month"}, phone="+44 113 496 0199")
    with db() as work:
        raw = {c.external_id: c.raw for c in work.session.scalars(select(LeadCapture))}
    join(db, manager, second.lead_id, first)
    kept, gone = lead_of(db, first), lead_of(db, second.lead_id)
    assert (gone.state, gone.loss_reason, gone.joined_id) == ("lost", "joined", first)
    assert (kept.answers, kept.phone) == (
        {"Seats": "20", "When": "This month"}, "+44 113 496 0199",
    )  # fmt: skip
    with db() as work:
        rows = work.session.scalars(select(LeadCapture)).all()
        assert {c.lead_id for c in rows} == {first, second.lead_id}
        assert {c.external_id: c.raw for c in rows} == raw
        kept = work.session.get_one(Lead, first)
        assert points.deeds_of(work.session, [kept], now=work.now)[first]["ask"] == [0.0]
    assert others(db, manager, first) == [(gone.ref, True, False)]


def test_what_the_two_say_together_may_be_what_a_rule_waits_for(
    db, ground, ask, ask_elsewhere, manager
):
    big = '[sticky]\nsource = "never"\n[[rule]]\nname = "Big"\nif = { answer = { Seats = ["500"] } }\n'
    rules_are(db, ground, big)
    first, second = ask().lead_id, ask_elsewhere(answers={"Seats": "500"}).lead_id
    with db() as work:
        assert offers.route(work, first) is None
    assert lead_of(db, first).state == "unassigned"
    join(db, manager, second, first)
    assert lead_of(db, first).state == "new"
    with db() as work:
        assert offers.route(work, first) in {ground.first, ground.second}


def test_two_people_two_partners_or_a_closed_one_are_not_joined(
    db, ground, ask, ask_elsewhere, manager
):
    first = ask().lead_id
    somebody = ask_elsewhere(51, address="bea@brackwater.example").lead_id
    with pytest.raises(Conflict, match="not two leads of one person"):
        join(db, manager, somebody, first)
    with pytest.raises(Conflict, match="not two leads of one person"):
        join(db, manager, first, first)
    with db() as work:
        work.session.execute(
            text("UPDATE lead SET source_partner_id = :p, address_hash = (SELECT address_hash FROM"
                 " lead WHERE id = :a) WHERE id = :b"),
            {"p": ground.second, "a": first, "b": somebody},
        )  # fmt: skip
    with pytest.raises(Conflict, match="two partners' words"):
        join(db, manager, somebody, first)
    with db(manager) as work:
        by_hand.dismiss(work, work.session.get_one(Lead, somebody), reason="spam")
    same = ask_elsewhere(52).lead_id
    with db(manager) as work:
        by_hand.dismiss(work, work.session.get_one(Lead, first), reason="spam")
    with pytest.raises(Conflict, match="has closed"):
        join(db, manager, same, first)
    with db() as work:
        seller = alice(work, ground.second)
    with pytest.raises(Forbidden):
        join(db, seller, same, first)


def test_by_rule_a_second_campaign_joins_the_open_lead(db, ground, ask, ask_elsewhere):
    rules_are(db, ground, JOINS)
    first = ask().lead_id
    done = ask_elsewhere(answers={"When": "This month"})
    assert (done.lead_id, done.is_new) == (first, False)
    assert ask_elsewhere(53, address="bea@brackwater.example").is_new
    with db() as work:
        assert len(work.session.scalars(
            select(LeadCapture).where(LeadCapture.lead_id == first)
        ).all()) == 2  # fmt: skip
    assert lead_of(db, first).answers["When"] == "This month"


def test_by_rule_another_partners_words_are_no_ground_to_join(db, ground, ask, ask_elsewhere):
    rules_are(db, ground, JOINS)
    first = ask().lead_id
    assert ask_elsewhere(partner=ground.second).lead_id != first


def test_the_rule_is_read_told_and_refused_when_it_says_nothing():
    assert read(JOINS).rules.joins
    assert ("The same person" in str(engagement(read(JOINS).rules))) is True
    assert not read("").rules.joins
    assert "joins is true or false" in str(read('[person]\njoins = "yes"\n').faults)
