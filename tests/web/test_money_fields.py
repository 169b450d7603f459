"""M4: what a person types into a field of money is a sum as that reader writes sums, or is refused there."""

import ast
from types import SimpleNamespace

import pytest
from flask import g

from tcma.errors import Invalid
from tcma.mdf.rules import positive
from tcma.money import Money
from tcma.web.money_words import money_of
from tests.architecture.sources import name_of, python_files, tree_of

READ = {
    "en-GB": {"1,234.50": 123_450, "1234.5": 123_450, "12": 1_200},
    "de-DE": {"1.234,50": 123_450, "1234,5": 123_450, "1.234": 123_400},
    "fr-FR": {"1\u202f234,50": 123_450, "1 234,5": 123_450, "12": 1_200},
    "es-ES": {"1.234,50": 123_450, "1234,5": 123_450, "1.234": 123_400},
    "ja-JP": {"1,234.50": 123_450, "1,234": 123_400, "12": 1_200},
}
ASKED_ABOUT = {
    "en-GB": ["1.234,50", "1,5", "1'234.50"],
    "de-DE": ["1,234.50", "1.5", "1'234,50"],
    "fr-FR": ["1,234.50", "1.5", "1.234,50"],
    "es-ES": ["1,234.50", "1.5", "1'234,50"],
    "ja-JP": ["1.234,50", "1,5", "1'234.50"],
}
"""Written as another reader writes it: told how it was understood, and counted when sent again."""
NO_SUM = ["", "ten", "NaN", "nan", "inf", "-inf", "1e3", "1E18", "0x10", "1..5", "1,2,3,4.5",
          "0.005", "0,005", str(10**18), "-", "+", "£", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
          "1/3", "5 EUR", "9" * 400]  # fmt: skip


@pytest.fixture
def typed(rehearsal):
    """What a field of a reader gives for a text in pounds."""

    def read(text, locale):
        with rehearsal.app.test_request_context():
            g.locale = locale
            return money_of(SimpleNamespace(data=text, name="amount"), "GBP")

    return read


@pytest.mark.parametrize("locale", READ)
def test_m4_a_sum_is_read_as_the_reader_writes_it_and_as_nobody_else_does(typed, locale):
    for text, minor in READ[locale].items():
        assert typed(text, locale) == Money(minor, "GBP")
    for text in ASKED_ABOUT[locale]:
        with pytest.raises(Invalid) as asked:
            typed(text, locale)
        assert asked.value.code == "money.read", text
        assert "Send it again" in asked.value.fields["amount"]


@pytest.mark.parametrize("locale", READ)
def test_m4_what_is_no_sum_is_refused_at_its_field_in_every_locale(typed, locale):
    for text in NO_SUM:
        with pytest.raises(Invalid) as refused:
            typed(text, locale)
        assert refused.value.fields["amount"], text


@pytest.mark.parametrize("locale", READ)
def test_m4_nothing_and_less_than_nothing_are_numbers_and_no_sums(typed, locale):
    for text in ("0", "-1"):
        with pytest.raises(Invalid) as refused:
            positive(typed(text, locale), "GBP", "amount")
        assert refused.value.fields["amount"]


OTHERWISE = {
    "tcma/web/money_words.py": "reads what was typed",
    "tcma/web/public/approve.py": "sends back the sum that the page showed, in a hidden field",
    "tcma/web/console/paper_forms.py": "fills a field with what was read from a paper",
}


def test_m4_every_field_of_money_is_read_in_that_one_place():
    reading = {
        name_of(path)
        for path in python_files("tcma/web")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"parse", "exactly"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "Money"
    }
    assert reading == set(OTHERWISE)
