"""The measures are those of the textbooks, ties and all."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from tcma.leads.trained.measures import area, average_precision, brier, drift, lift, reliability


@pytest.fixture(params=[0, 1, 2])
def rows(request):
    draw = np.random.default_rng(request.param)
    chance = np.round(draw.random(800), 1 + request.param)
    return (draw.random(800) < chance).astype(float), chance


def test_they_agree_with_a_second_source(rows):
    y, chance = rows
    assert area(y, chance).auc == pytest.approx(roc_auc_score(y, chance))
    assert average_precision(y, chance) == pytest.approx(average_precision_score(y, chance))
    assert brier(y, chance) == pytest.approx(brier_score_loss(y, chance))


def test_the_bounds_hold_what_repeated_draws_show():
    draw = np.random.default_rng(9)
    inside = 0
    for _ in range(200):
        y = (draw.random(300) < 0.3).astype(float)
        inside += (found := area(y, draw.normal(size=300))).low <= 0.5 <= found.high
    assert 180 <= inside <= 199


def test_the_best_tenth_counts_ties_in_part():
    y = np.array([1.0] * 10 + [0.0] * 90)
    assert lift(y, y) == pytest.approx(10)
    assert lift(y, np.zeros(100)) == pytest.approx(1)


def test_reliability_says_beside_what_came(rows):
    y, chance = rows
    groups = reliability(y, chance)
    assert sum(g.rows for g in groups) == 800
    assert all(abs(g.said - g.came) < 0.2 for g in groups)


def test_drift_is_zero_for_the_same_and_large_for_another_mix():
    same, other = np.array([50.0, 30, 20]), np.array([10.0, 20, 70])
    assert drift(same, same * 3) < 0.01
    assert drift(same, other) > 0.25
