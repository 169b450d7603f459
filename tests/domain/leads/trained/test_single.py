"""One lead at once and a whole table are judged alike, whatever stands in the cells."""

import json
import random

import numpy as np
import pytest

from tcma.leads.trained.features import plan_of
from tcma.leads.trained.learning import learn_card
from tcma.leads.trained.scorecard import from_json
from tcma.leads.trained.single import card_of, judge
from tcma.leads.trained.table import Kind, kind_of, table_of
from tests.domain.leads.trained.made import leads


@pytest.fixture(scope="module")
def kept():
    table = leads(1_500)
    y = np.array([float(c) for c in table.columns["won"]])
    table = table.without(["won"])
    kinds = {name: kind_of(name, cells) for name, cells in table.columns.items()}
    unused = {Kind.ID, Kind.TEXT, Kind.CONSTANT}
    used = table.without([name for name, kind in kinds.items() if kind in unused])
    plan = plan_of(used, kinds)
    assert {type(one).__name__ for one in plan} == {"Numbers", "Levels", "Days"}
    return json.loads(json.dumps(learn_card(used, y, plan).card.as_json()))


def facts_of(draw):
    return {
        "Came": draw.choice(["2026-03-02", "2025-12-31", "", "soon"]),
        "Company size": draw.choice(["1", "12", "48.5", "90000", "-3", "", "n/a", "many", "1,250", "12,5"]),
        "Sector": draw.choice(["dental", "school", "zoo", "", " law "]),
        "Town": f"town {draw.randrange(200)}",
        "Visits": draw.choice(["0", "3", "11", ""]),
        "Asked for a check": draw.choice(["Yes", "No", "-"]),
    }  # fmt: skip


def test_both_give_the_same_chance(kept):
    card, whole = card_of(kept), from_json(kept)
    draw = random.Random(7)
    for _ in range(300):
        facts = facts_of(draw)
        [wanted] = whole.chances(table_of([facts])).tolist()
        assert judge(card, facts).chance == pytest.approx(wanted, abs=1e-9), facts


def test_a_reason_tells_its_column_how_the_cell_was_read_and_its_side(kept):
    said = judge(card_of(kept), {"Sector": "school", "Company size": "3"}).reasons
    sector = next(each for each in said if each["name"] == "Sector")
    assert sector == {"name": "Sector", "for": False, "is": "said", "text": "school"}
    size = next(each for each in said if each["name"] == "Company size")
    assert (size["is"], size["low"], size["for"]) == ("span", None, False)


@pytest.mark.parametrize("broken", [{}, {"weights": [1.0]}, {"columns": None}])
def test_a_card_that_cannot_be_read_says_so(kept, broken):
    with pytest.raises((KeyError, TypeError, ValueError)):
        card_of(kept | broken if broken else {})


def test_judging_one_takes_far_less_than_a_millisecond(kept):
    from time import perf_counter

    card, draw = card_of(kept), random.Random(1)
    many = [facts_of(draw) for _ in range(500)]
    began = perf_counter()
    for facts in many:
        judge(card, facts)
    assert (perf_counter() - began) / len(many) < 0.001
