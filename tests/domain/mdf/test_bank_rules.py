"""Which accounts a bank file can name, by table."""

from datetime import date

import pytest

from tcma.errors import Invalid
from tcma.mdf.payments.bank_rules import Account, bank_day, checked


def entry(**fields):
    return Account(**{"holder": "Brightwater IT Ltd", "country": "GB"} | fields)


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({"iban": "gb29 nwbk 6016 1331 9268 19"}, ("GB", "GB29NWBK60161331926819", "", "")),
        ({"iban": "DK50-0040-0440-1162-43"}, ("DK", "DK5000400440116243", "", "")),
        ({"number": "3192 6819", "bank_code": "60-16-13"}, ("GB", "", "31926819", "601613")),
        (
            {"country": "us", "number": "123456789", "bank_code": "021000021"},
            ("US", "", "123456789", "021000021"),
        ),
    ],
)
def test_an_account_is_stored_bare(fields, stored):
    account = checked(entry(**fields))
    assert (account.country, account.iban, account.number, account.bank_code) == stored


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({}, "iban", "Write the IBAN"),
        ({"iban": "GB29NWBK60161331926818"}, "iban", "check digits"),
        ({"iban": "GB29NWBK6016133192681"}, "iban", "another length"),
        ({"iban": "US29NWBK60161331926819"}, "iban", "has no IBANs"),
        ({"iban": "hello"}, "iban", ""),
        ({"number": "31926819", "bank_code": "6016"}, "bank_code", "Sort code has 6"),
        (
            {"country": "US", "number": "1", "bank_code": "021000022"},
            "bank_code",
            "check digit of this routing number",
        ),
        ({"country": "DE", "number": "1", "bank_code": "2"}, "iban", "ask for an IBAN"),
        ({"iban": "DK5000400440116243", "bic": "NWBK"}, "bic", "no BIC"),
        ({"iban": "DK5000400440116243", "holder": "  "}, "holder", "Write the name"),
        ({"iban": "DK5000400440116243", "holder": "x" * 71}, "holder", "at most 70"),
    ],
)
def test_a_wrong_account_is_refused_at_its_field(fields, field, words):
    with pytest.raises(Invalid) as refused:
        checked(entry(**fields))
    assert words in refused.value.fields[field]


def test_a_page_shows_only_the_end_of_an_account():
    assert checked(entry(iban="GB29NWBK60161331926819")).masked == "GB29…6819"
    assert checked(entry(number="31926819", bank_code="601613")).masked == "…6819"


@pytest.mark.parametrize(
    ("day", "pays"),
    [
        (date(2026, 3, 6), date(2026, 3, 6)),
        (date(2026, 3, 7), date(2026, 3, 9)),
        (date(2026, 3, 8), date(2026, 3, 9)),
        (date(2026, 3, 9), date(2026, 3, 9)),
    ],
)
def test_no_bank_pays_at_a_weekend(day, pays):
    assert bank_day(day) == pays
