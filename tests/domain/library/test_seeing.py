"""Who sees a campaign: rules as data, each with yes or no, and nobody sees more by another way."""

from datetime import date

import pytest

from tcma.errors import Forbidden, Invalid, LimitReached, NotFound
from tcma.library import copies, queries, saved_filters, seeing
from tcma.library.visibility import Facts, clean, judged, sees
from tests import builders

TODAY = date(2026, 11, 24)
GOLD = Facts(
    tier="gold",
    kind="msp",
    territories=frozenset({"GB-N"}),
    language="en",
    role="owner",
    certifications={"Span": date(2026, 11, 24), "Ward": date(2026, 11, 23), "Keep": None},
    today=TODAY,
)


@pytest.mark.parametrize(
    ("rules", "shown"),
    [
        ({}, True),
        ({"tier": ["gold", "platinum"]}, True),
        ({"tier": ["platinum"]}, False),
        ({"kind": ["msp"], "territory": ["DE"]}, False),
        ({"territory": ["DE", "GB-N"]}, True),
        ({"language": ["de"]}, False),
        ({"role": ["seller"]}, False),
        ({"certification": ["Span"]}, True),
        ({"certification": ["Ward"]}, False),
        ({"certification": ["Ward", "Keep"]}, True),
        ({"certification": ["Never heard"]}, False),
    ],
)
def test_every_rule_must_hold_and_a_lapsed_certification_does_not(rules, shown):
    assert sees(rules, GOLD) is shown


def test_each_rule_says_what_it_asks_and_what_is_there():
    tier, badge = judged({"tier": ["platinum"], "certification": ["Ward"]}, GOLD, {"gold": "Gold"})
    assert (tier.holds, tier.asks, tier.has) == (False, "platinum", "Gold")
    assert badge.has == "Keep, Span, Ward (ended 23 November 2026)"
    assert clean({"tier": ["gold", "", " gold "], "colour": ["red"]}) == {"tier": ["gold"]}


@pytest.fixture
def world(db):
    with db() as work:
        vendor = builders.a_vendor(work)
        campaign = builders.a_campaign(work, vendor)
        alice = builders.alice(work, builders.a_partner(work, vendor))
        vera = builders.vera(work, vendor)
    return campaign, alice, vera


def test_a_campaign_for_others_is_not_found_by_any_way_and_comes_back_with_its_rule(db, world):
    campaign, alice, vera = world
    with db(vera) as work:
        seeing.set_visibility(work, "cloud-migration", {"certification": ["Span"]})
        (told,) = seeing.explained(work, alice.partner_id, role="owner", names={})
    assert (told.sees, told.lines[0].asks, told.lines[0].has) == (False, "Span", "none")
    where = {"vendor_slug": "corbelane", "slug": "cloud-migration"}
    with db(alice) as work:
        assert queries.library_for(work.session, alice, today=TODAY) == []
        with pytest.raises(NotFound):
            queries.campaign_card(work.session, alice, today=TODAY, **where)
        with pytest.raises(NotFound):
            copies.copy_of(work, campaign.campaign_id)
    with db(vera) as work:
        assert queries.library_for(work.session, vera)
        seeing.set_visibility(work, "cloud-migration", {})
    with db(alice) as work:
        assert queries.campaign_card(work.session, alice, today=TODAY, **where)
    with db(alice) as work, pytest.raises(Forbidden):
        seeing.set_visibility(work, "cloud-migration", {})


def test_a_person_keeps_views_of_the_library(db, world):
    _, alice, vera = world
    with db(alice) as work:
        kept = saved_filters.save_filter(work, "  Paid   ones ", "f=paid&sort=time&csrf_token=x&q=")
        assert kept == "f=paid&sort=time"
        saved_filters.save_filter(work, "Paid ones", "f=fresh")
        assert saved_filters.saved_filters(work) == [("Paid ones", "f=fresh")]
        for name, query in (("", "f=paid"), ("Nothing", "other=1")):
            with pytest.raises(Invalid):
                saved_filters.save_filter(work, name, query)
        for number in range(11):
            saved_filters.save_filter(work, f"View {number}", "f=paid")
        with pytest.raises(LimitReached):
            saved_filters.save_filter(work, "One more", "f=paid")
        saved_filters.forget_filter(work, "Paid ones")
        assert len(saved_filters.saved_filters(work)) == 11
    with db(vera) as work:
        assert saved_filters.saved_filters(work) == []
