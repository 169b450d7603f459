"""The trained score: as good as boosting where there is a signal, silent where there is none."""

from dataclasses import asdict

import numpy as np
import pytest

from tcma.errors import Invalid
from tcma.leads.trained.evaluation import evaluate
from tcma.leads.trained.features import plan_of
from tcma.leads.trained.measures import reliability
from tcma.leads.trained.table import Table, kind_of, target_of
from tests.domain.leads.trained.made import halves, leads, leaking

LEAKS = {"duration", "close_date", "Account no", "x7"}


@pytest.fixture(scope="module")
def parts():
    return halves(leaking(leads(2_400)))


@pytest.fixture(scope="module")
def found(parts):
    return evaluate(*parts, target="won")


def test_every_leaking_column_is_refused_and_no_other(found):
    assert set(found.refused_columns) == LEAKS
    assert set(found.set_aside) == {"Lead ID", "Message", "Vendor"}
    assert all(found.reasons.values())


def test_beside_leaking_columns_it_ranks_by_the_honest_ones(found):
    """That it keeps up with tuned trees there is shown by `test_parity`."""
    assert found.ranking_shown
    assert found.lift_10 > 2


def test_the_same_files_give_the_same_answer(parts, found):
    assert evaluate(*parts, target="won") == found


def test_a_semicolon_file_with_other_words_for_the_result_gives_the_same(parts, found):
    said = [
        Table({**p.columns, "won": ["yes" if w == "1" else "no" for w in p.columns["won"]]}, p.rows)
        for p in parts
    ]
    assert evaluate(*said, target="won") == found


@pytest.mark.parametrize("seed", [11])
def test_where_the_columns_tell_nothing_no_ranking_is_shown(seed):
    found = evaluate(*halves(leads(1_500, signal=0.0, seed=seed)), target="won")
    assert not found.ranking_shown
    assert "No ranking is shown" in found.why
    assert found.brier <= found.brier_of_rate + 0.005


def test_a_ranking_that_did_not_last_is_not_shown(parts):
    train, test = parts
    turned = {**test.columns, "won": [str(1 - int(w)) for w in test.columns["won"]]}
    found = evaluate(train, Table(turned, test.rows), target="won", drop=["x7"])
    assert not found.ranking_shown
    assert "has changed since" in found.why


def test_when_nothing_is_left_to_learn_from_it_says_so(parts):
    few = [
        Table({n: p.columns[n] for n in ("Lead ID", "Vendor", "x7", "won")}, p.rows) for p in parts
    ]
    found = evaluate(*few, target="won")
    assert (found.auc, found.ranking_shown) == (0.5, False)
    assert found.refused_columns == ("x7",)


def test_unseen_words_and_empty_columns_of_the_test_file_do_no_harm(parts):
    train, test = parts
    strange = {
        **test.columns,
        "Sector": ["space travel"] * test.rows,
        "Company size": [""] * test.rows,
        "Came": ["soon"] * test.rows,
    }
    found = evaluate(train, Table(strange, test.rows).without(["Town"]), target="won")
    assert 0.5 < found.auc < 1
    assert found.set_aside["Town"] == "the test file does not have it"


def test_what_it_says_is_what_comes():
    from tcma.leads.trained.learning import learn

    train, test = halves(leads(3_000, seed=5))
    train, test = (p.without(["Lead ID", "Message", "Vendor", "Town"]) for p in (train, test))
    y, came = (target_of(p.columns["won"], name="won") for p in (train, test))
    train, test = train.without(["won"]), test.without(["won"])
    learnt = learn(train, y, plan_of(train, {n: kind_of(n, c) for n, c in train.columns.items()}))
    groups = reliability(came, learnt.chances(test), bins=5)
    assert max(abs(g.said - g.came) for g in groups) < 0.08
    assert np.all((learnt.unseen_chance > 0) & (learnt.unseen_chance < 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "Won?"}, "has no column Won\\?"),
        ({"target": "Vendor"}, "one value only"),
        ({"target": "Sector"}, "not a yes or no"),
        ({"target": "won", "drop": ["Seats"]}, "no column Seats to drop"),
    ],
)
def test_misuse_is_said_with_what_to_do(parts, change, said):
    with pytest.raises(Invalid, match=said) as caught:
        evaluate(*parts, **change)
    assert caught.value.code.startswith("config.")
    assert caught.value.remedy


def test_too_few_results_to_learn_from_is_misuse(parts):
    train, test = parts
    with pytest.raises(Invalid, match="rows with a result"):
        evaluate(train.taking(np.arange(40)), test, target="won")


def test_the_answer_has_the_six_figures(found):
    wanted = {"auc", "brier", "average_precision", "lift_10", "refused_columns", "ranking_shown"}
    assert wanted <= set(asdict(found))
