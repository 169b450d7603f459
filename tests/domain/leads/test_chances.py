"""A lead is judged as it comes and when it changes; who sees the chance is the vendor's choice."""

import pytest
from sqlalchemy import select, text

from tcma.leads import ageing, chances, forgetting, offers, queries, routing_versions
from tcma.leads.models import Lead, LeadChance, LeadOffer, ScoreModel
from tcma.leads.rules import LeadState
from tcma.words import in_language
from tests.builders import mira
from tests.domain.leads.test_scores import closed, learnt

LARGE, SMALL = {"Company size": "over 500"}, {"Company size": "1 to 50"}
BY_CHANCE = (
    '[sticky]\nsource = "never"\n[[rule]]\nname = "Likely"\nif = { chance = 50 }\n'
    'partners = ["ridgeline"]\n[[rule]]\nname = "Others"\npartners = ["fenwright"]\n'
)


@pytest.fixture
def manager(db, ground):
    with db() as work:
        return mira(work, ground.vendor_id)


@pytest.fixture
def model(db, ground):
    """A score that was learnt and beats the points."""
    closed(db, ground, 900)
    made = learnt(db, ground)
    assert made.shown
    return made


def chance(db, lead_id, who=None):
    with db(who) if who else db() as work:
        return chances.chance_of(work.session, lead_id, work.principal)


def test_a_lead_has_its_chance_when_it_comes_and_another_when_it_says_more(db, ask, model, manager):
    lead = ask(1, answers={}).lead_id
    before = chance(db, lead, manager)
    ask(2, answers=LARGE)
    after = chance(db, lead, manager)
    assert after.percent > before.percent
    assert after.reasons[0] == "Company size “over 500” speaks for it"
    assert in_language(after.reasons[0], "de") == "Company size „over 500“ spricht dafür"


def test_without_a_model_in_use_points_must_do(db, ask, ground, manager):
    closed(db, ground, 500, signal=False)
    assert not learnt(db, ground).shown
    lead = ask(1, answers=LARGE).lead_id
    assert chance(db, lead, manager) is None
    with db() as work:
        assert work.session.scalars(select(LeadChance)).all() == []


def test_a_card_that_cannot_be_read_keeps_nobody_from_asking(db, ask, ground, manager):
    with db() as work:
        work.session.add(
            ScoreModel(
                vendor_id=ground.vendor_id, no=1, shown=True, card={}, table={}, made_at=work.now
            )
        )
    lead = ask(1, answers=LARGE).lead_id
    assert chance(db, lead, manager) is None
    with db(manager) as work:
        assert queries.leads(work.session, work.principal).rows[0].score > 0


def test_partners_see_it_where_the_vendor_says_so(db, ask, ground, model, manager):
    lead = ask(1, answers=LARGE).lead_id
    with db() as work:
        offers.route(work, lead)
    holder = ground.alice
    assert chance(db, lead, manager) is not None
    assert chance(db, lead, holder) is None
    with db(holder) as work:
        assert not chances.judges(work.session, work.principal)
        assert queries.leads(work.session, work.principal, sort="chance").rows[0].chance is None
    with db(manager) as work:
        chances.share(work, shown=True)
    assert chance(db, lead, holder) == chance(db, lead, manager)
    with db(holder) as work:
        assert chances.judges(work.session, work.principal)
        assert queries.leads(work.session, work.principal).rows[0].chance > 50


def test_a_list_begins_with_the_likeliest_page_by_page(db, ask, ground, model, manager):
    for number in range(60):
        size = (LARGE, SMALL)[number % 2]
        ask(number, address=f"ida@firm{number}.example", answers=size)
    found, after = [], None
    while True:
        with db(manager) as work:
            asked = ageing.Asked(facet="unassigned", now=work.now, by="chance")
            page = ageing.leads(work.session, work.principal, asked, after=after)
        found += [row.chance for row in page.rows]
        after = page.next
        if after is None:
            break
    assert len(found) > 60
    assert found == sorted(found, reverse=True)


def test_routing_rules_ask_for_a_chance(db, ask, ground, model, manager):
    with db(manager) as work:
        routing_versions.publish(work, BY_CHANCE, valid_from=work.now.date(), note="")
    likely = ask(1, address="ida@one.example", answers=LARGE).lead_id
    other = ask(2, address="ida@two.example", answers=SMALL).lead_id
    with db() as work:
        work.session.execute(text("UPDATE lead SET state = 'lost' WHERE ref LIKE 'LEAD-T-%'"))
        assert offers.route(work, likely) == ground.second
        assert offers.route(work, other) == ground.first
        trace = work.session.scalar(select(LeadOffer.trace).where(LeadOffer.lead_id == other))
    assert trace["tried"][0]["why"].startswith("not asked: its chance is ")
    assert trace["request"]["chance"] < 50
    unjudged = ask(3, address="ida@three.example", answers=LARGE).lead_id
    with db() as work:
        work.session.execute(text("DELETE FROM lead_chance"))
        assert offers.route(work, unjudged) == ground.first


def test_a_lead_that_no_rule_took_is_routed_when_the_score_says_it_is_likely(
    db, ask, ground, manager
):
    with db(manager) as work:
        routing_versions.publish(
            work, BY_CHANCE.partition('[[rule]]\nname = "Others"')[0],
            valid_from=work.now.date(), note="",
        )  # fmt: skip
    likely = ask(1, address="ida@one.example", answers=LARGE).lead_id
    other = ask(2, address="ida@two.example", answers=SMALL).lead_id
    with db() as work:
        assert [offers.route(work, each) for each in (likely, other)] == [None, None]
    closed(db, ground, 900)
    assert learnt(db, ground).shown
    with db() as work:
        states = [work.session.get_one(Lead, each).state for each in (likely, other)]
        assert states == [LeadState.NEW, LeadState.UNASSIGNED]
        assert offers.route(work, likely) == ground.second


def test_open_leads_are_judged_anew_by_the_next_model(db, ask, ground, model, manager):
    lead = ask(1, answers=LARGE).lead_id
    learnt(db, ground)
    with db() as work:
        kept = work.session.get(LeadChance, lead)
        assert kept.model_id == work.session.scalar(chances.newest_model(ground.vendor_id)).id


def test_who_is_forgotten_leaves_no_answer_in_the_reasons(db, ask, model, manager):
    lead = ask(1, answers=LARGE).lead_id
    assert "over 500" in str(chance(db, lead, manager).reasons)
    with db() as work:
        contact_id = work.session.get_one(Lead, lead).contact_id
        forgetting.forget(work, contact_id, "ida@brackwater.example")
    assert chance(db, lead, manager).reasons == ()
