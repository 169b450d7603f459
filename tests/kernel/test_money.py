"""Money is counted in minor units of one currency, and parts always make the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcma.errors import Invalid
from tcma.money import Money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1350", "GBP", 135_000),
        ("1,350.00", "GBP", 135_000),
        ("1.350,00", "EUR", 135_000),
        ("1 350,5", "EUR", 135_050),
        ("1\u202f350,50", "EUR", 135_050),
        ("1'350.50", "CHF", 135_050),
        ("1350", "JPY", 1_350),
        ("1.234", "KWD", 1_234),
        ("4,800", "GBP", 480_000),
        ("1.350", "EUR", 135_000),
        ("1,350,000", "GBP", 135_000_000),
        ("1,350", "JPY", 1_350),
        ("-5", "GBP", -500),
        (" 0.05 ", "USD", 5),
    ],
)
def test_what_people_type_is_read_with_the_currencys_digits(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("0.005", "GBP"), ("1.5", "JPY"), ("NaN", "GBP"), ("Infinity", "GBP"), ("", "GBP"),
        ("ten", "GBP"), ("1e18", "GBP"), ("10000000000000000000", "GBP")
    ],
)  # fmt: skip
def test_what_is_no_exact_sum_is_refused(text, currency):
    with pytest.raises(Invalid):
        Money.parse(text, currency)


def test_currencies_never_mix():
    with pytest.raises(Invalid, match="cannot be added"):
        Money(1, "GBP") + Money(1, "EUR")
    with pytest.raises(Invalid):
        assert Money(1, "GBP") < Money(2, "EUR")
    with pytest.raises(Invalid, match="not a currency"):
        Money(1, "GPB")


def test_a_float_is_not_money():
    with pytest.raises(TypeError):
        Money(1.5, "GBP")


@given(minor=st.integers(0, 10**12), weights=st.lists(st.integers(0, 100), min_size=1))
def test_parts_sum_to_the_whole_and_keep_their_order_of_size(minor, weights):
    if not sum(weights):
        return
    parts = Money(minor, "EUR").allocate(weights)
    assert sum(p.minor for p in parts) == minor
    for weight, part in zip(weights, parts, strict=True):
        assert abs(part.minor - minor * weight / sum(weights)) < 1


@given(minor=st.integers(0, 10**10), share=st.integers(0, 10_000))
def test_a_share_and_its_rest_differ_from_the_whole_by_rounding_only(minor, share):
    whole = Money(minor, "GBP")
    assert abs((whole.share(share) + whole.share(10_000 - share)).minor - minor) <= 1


def test_half_a_penny_goes_up():
    assert Money(1, "GBP").share(5_000) == Money(1, "GBP")
