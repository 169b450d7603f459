"""Territory first, then who brought it, then the round; every answer explains itself."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcma.leads.routing.choosing import area_of, choose
from tcma.leads.routing.facts import Area, Candidate, Request

NORTH = Area("GB-N", "Northern England", "GB", ("LS", "FW"))
LEEDS = Area("GB-LS1", "Leeds centre", "GB", ("LS1",))
BRITAIN = Area("GB", "Britain", "GB")
GERMANY = Area("DE", "Germany", "DE")
AREAS = [NORTH, LEEDS, BRITAIN, GERMANY]


def partner(number, *areas, weight=1, credit=0, barred=""):
    kept = {"GB-N": credit}
    return Candidate(UUID(int=number), f"P{number}", frozenset(areas), weight, kept, barred)


def request(postcode="FW1 2AB", country="GB", source=None):
    return Request(country, postcode, UUID(int=source) if source else None)


@pytest.mark.parametrize(
    ("country", "postcode", "code"),
    [
        ("GB", "ls1 4ab", "GB-LS1"),
        ("GB", "LS9 1AA", "GB-N"),
        ("GB", "SW1A 1AA", "GB"),
        ("GB", "", "GB"),
        ("DE", "10115", "DE"),
        ("FR", "75001", None),
        ("", "LS1", None),
    ],
)
def test_the_most_specific_territory_wins(country, postcode, code):
    area = area_of(Request(country, postcode, None), AREAS)
    assert (area.code if area else None) == code


def test_the_partner_whose_page_brought_it_comes_first_where_it_works():
    choice = choose(request(source=2), AREAS, [partner(1, "GB-N", weight=9), partner(2, "GB-N")])
    assert choice.partner_id == UUID(int=2)
    assert choice.trace["rule"] == "source"
    assert choice.credits == {}


def test_a_page_outside_its_partners_territory_goes_to_who_works_there():
    choice = choose(request(source=2), AREAS, [partner(1, "GB-N"), partner(2, "DE")])
    assert choice.partner_id == UUID(int=1)
    why = {c["partner"]: c["why"] for c in choice.trace["candidates"]}
    assert why["P2"] == "does not work in Northern England"


def test_who_had_its_turn_is_passed_over_with_the_reason():
    turns = [partner(1, "GB-N", barred="had its turn (timed out)"), partner(2, "GB-N")]
    choice = choose(request(source=1), AREAS, turns)
    assert choice.partner_id == UUID(int=2)
    assert choice.trace["candidates"][0]["why"] == "had its turn (timed out)"


def test_nobody_to_take_it_is_said_not_guessed():
    choice = choose(request(country="FR", postcode="75001"), AREAS, [partner(1, "GB-N")])
    assert choice.partner_id is None
    assert choice.trace["rule"] == "none"


@settings(deadline=None)
@given(weights=st.lists(st.integers(1, 9), min_size=1, max_size=6), leads=st.integers(1, 200))
def test_the_round_keeps_every_partner_near_its_share(weights, leads):
    owed = dict.fromkeys(range(1, len(weights) + 1), 0)
    got = dict.fromkeys(owed, 0)
    for done in range(1, leads + 1):
        free = [partner(n, "GB-N", weight=w, credit=owed[n]) for n, w in enumerate(weights, 1)]
        choice = choose(request(), AREAS, free)
        owed = {p.int: amount for p, amount in choice.credits.items()}
        got[choice.partner_id.int] += 1
        for n, weight in enumerate(weights, 1):
            assert abs(got[n] - done * weight / sum(weights)) <= 2
        if len(set(weights)) == 1:
            assert max(got.values()) - min(got.values()) <= 1


def test_the_same_facts_give_the_same_trace():
    facts = (request(), AREAS, [partner(2, "GB-N", credit=3), partner(1, "GB-N")])
    assert choose(*facts) == choose(*facts)
