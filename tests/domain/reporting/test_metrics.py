"""Formulas of the reports, to the minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcma.money import Money
from tcma.reporting.metrics import (
    Counts,
    Purse,
    cost_per,
    cost_per_lead,
    share,
    summed,
    used,
)


def gbp(minor):
    return Money(minor, "GBP")


@pytest.mark.parametrize(
    ("part", "whole", "bps"),
    [
        (0, 0, None),
        (1, 0, None),
        (0, 5, 0),
        (1, 3, 3333),
        (2, 3, 6667),
        (5, 5, 10_000),
        (1, 8, 1250),
    ],
)
def test_a_share_is_basis_points_half_up_or_nothing(part, whole, bps):
    assert share(part, whole) == bps


@pytest.mark.parametrize(
    ("cost", "count", "each"),
    [
        ((gbp(147_000),), 7, gbp(21_000)),
        ((gbp(100),), 3, gbp(33)),
        ((gbp(5),), 2, gbp(3)),
        ((), 3, None),
        ((gbp(100),), 0, None),
        ((gbp(100), Money(5, "USD")), 3, None),
        ((Money(1_000, "JPY"),), 3, Money(333, "JPY")),
    ],
)
def test_a_cost_is_divided_within_one_currency_or_not_at_all(cost, count, each):
    assert cost_per(cost, count) == each


def test_a_lead_costs_what_was_claimed_and_before_that_what_was_reserved():
    counts = Counts(leads=4)
    assert cost_per_lead(Purse(reserved=(gbp(800),)), counts) == gbp(200)
    both = Purse(reserved=(gbp(800),), claimed=(gbp(400),))
    assert cost_per_lead(both, counts) == gbp(100)


def test_delivered_is_sent_without_what_came_back():
    counts = Counts(sent=598, bounced=8) + Counts(sent=2)
    assert counts.delivered == 592


@given(st.lists(st.tuples(st.sampled_from(["EUR", "GBP", "USD"]), st.integers(-9, 9))))
def test_sums_keep_currencies_apart_and_lose_nothing(pairs):
    sums = summed(Money(minor, currency) for currency, minor in pairs)
    for currency in ("EUR", "GBP", "USD"):
        whole = sum(minor for code, minor in pairs if code == currency)
        assert sum(each.minor for each in sums if each.currency == currency) == whole
    assert [each.currency for each in sums] == sorted({each.currency for each in sums})


def test_purses_add_up_by_currency():
    total = Purse(paid=(gbp(5),)) + Purse(paid=(gbp(6), Money(1, "USD")))
    assert total.paid == (gbp(11), Money(1, "USD"))


def test_use_is_paid_of_granted():
    assert used(Purse(paid=(gbp(2_500),)), (gbp(10_000),)) == 2_500
    assert used(Purse(), ()) is None
