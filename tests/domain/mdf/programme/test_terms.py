"""Deadlines in words: every form, over holidays, leap days, month ends, moved weekends; refused otherwise."""

from datetime import date, datetime, time

import pytest

from tcma.errors import Invalid
from tcma.mdf.programme.conditions import Facts, read_condition
from tcma.mdf.programme.days import WorkCalendar, add_months
from tcma.mdf.programme.terms import read_span, read_term

ENGLAND = WorkCalendar("Europe/London", "GB-ENG")
KNOWN = {
    "activity start": date(2026, 12, 31),
    "activity end": date(2026, 11, 20),
    "approval": date(2026, 1, 31),
    "invoice": date(2024, 2, 29),
}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        (
            "10 working days before activity start",
            date(2026, 12, 15),
        ),  # Christmas, Boxing Day moved
        ("10 business days before the start of the activity", date(2026, 12, 15)),
        ("at least 10 days before activity start", date(2026, 12, 21)),
        ("6 weeks before activity start", date(2026, 11, 19)),
        ("before activity start", date(2026, 12, 30)),
        ("45 days after activity end", date(2027, 1, 4)),
        ("within 30 days after quarter end", date(2027, 1, 30)),
        ("4 weeks after end of the quarter", date(2027, 1, 28)),
        ("end of month", date(2026, 11, 30)),
        ("end of the next month", date(2026, 12, 31)),
        ("1 month after approval", date(2026, 2, 28)),
        ("1 year after invoice date", date(2025, 2, 28)),
        ("end of week of activity start", date(2027, 1, 3)),
        ("2 months after half-year end, or the next working day", date(2027, 3, 1)),
        ("36 days after activity end or the previous working day", date(2026, 12, 24)),
        ("2026-12-15", date(2026, 12, 15)),
        ("5 working days after 2026-12-24", date(2027, 1, 5)),
    ],
)
def test_a_deadline_in_words_is_one_day(words, day):
    assert read_term(words).day(KNOWN, ENGLAND) == day


def test_a_deadline_counts_from_what_has_happened_only():
    assert read_term("14 days after decision").day(KNOWN, ENGLAND) is None


@pytest.mark.parametrize(
    ("starts", "quarter_end"),
    [
        (1, date(2026, 12, 31)),
        (2, date(2027, 1, 31)),
        (7, date(2026, 12, 31)),
        (12, date(2026, 11, 30)),
    ],
)
def test_quarters_follow_the_year_of_the_programme(starts, quarter_end):
    assert read_term("quarter end").day(KNOWN, ENGLAND, starts) == quarter_end


@pytest.mark.parametrize(
    "words",
    ["soon", "", "10 working weeks after approval", "2026-02-30", "5 days after lunch",
     "99999 days after approval", "5 fortnights before activity start", "10 days approval start"],
)  # fmt: skip
def test_what_is_no_deadline_is_refused_with_examples(words):
    with pytest.raises(Invalid) as refused:
        read_term(words)
    assert "10 working days before activity start" in refused.value.remedy


def test_a_length_is_a_number_and_a_unit():
    assert read_span("10 working days").words == "10 working days"
    assert read_span("1 month").shift(date(2028, 1, 31), ENGLAND, 1) == date(2028, 2, 29)
    with pytest.raises(Invalid):
        read_span("a while")


@pytest.mark.parametrize(
    ("region", "day", "why"),
    [
        ("GB-ENG", date(2026, 12, 28), "Boxing Day (observed)"),
        ("GB-ENG", date(2026, 12, 26), "Boxing Day"),
        ("GB-SCT", date(2026, 1, 2), "New Year Holiday"),
        ("GB-ENG", date(2026, 1, 2), ""),
        ("DE-BY", date(2026, 1, 6), "Epiphany"),
        ("DE", date(2026, 1, 6), ""),
        ("AE", date(2026, 11, 29), "weekend"),  # a Sunday; Friday is worked since 2022
        ("AE", date(2026, 11, 27), ""),
        ("SA", date(2026, 11, 27), "weekend"),  # a Friday
        ("SA", date(2026, 11, 29), ""),
        ("CN", date(2026, 2, 14), ""),  # a Saturday worked before the spring festival
        ("XECB", date(2026, 4, 3), "Good Friday"),
        ("", date(2026, 12, 25), ""),
    ],
)
def test_each_region_has_its_own_days_off(region, day, why):
    assert WorkCalendar("UTC", region).why_closed(day) == why


def test_a_programme_names_its_own_days_and_weekend():
    own = WorkCalendar(
        "UTC", "GB-ENG", frozenset({4, 5}), frozenset({date(2026, 12, 24)}), frozenset({date(2026, 12, 25)})
    )  # fmt: skip
    assert own.why_closed(date(2026, 12, 24)) == "closed by the programme"
    assert own.is_working(date(2026, 12, 25))
    assert not own.is_working(date(2026, 11, 27))
    assert own.is_working(date(2026, 11, 29))


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/London", date(2026, 3, 29), "2026-03-29T23:00:00+00:00"),  # 23 hours long
        ("Europe/London", date(2026, 10, 25), "2026-10-26T00:00:00+00:00"),  # 25 hours long
        ("Pacific/Auckland", date(2026, 5, 24), "2026-05-24T12:00:00+00:00"),
        ("America/Sao_Paulo", date(2028, 2, 29), "2028-03-01T03:00:00+00:00"),
    ],
)
def test_a_day_ends_on_the_clocks_of_its_zone(zone, day, end):
    assert WorkCalendar(zone).end_of(day) == datetime.fromisoformat(end)


def test_a_day_may_end_at_an_hour():
    closes = WorkCalendar("Europe/Berlin", day_ends=time(17))
    day = date(2026, 7, 1)
    assert closes.in_time(datetime.fromisoformat("2026-07-01T17:00:00+02:00"), day)
    assert not closes.in_time(datetime.fromisoformat("2026-07-01T17:00:01+02:00"), day)


def test_months_end_on_the_last_day_they_have():
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)


FACTS = {
    "audience": ["partners", "End customers"],
    "total": "5000.01",
    "issued": "2026-03-01",
    "sponsored": True,
    "note": "",
}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ('audience includes "end-customers"', True),
        ('audience includes "press"', False),
        ('tier in ["gold", "silver"] and total > 5000', True),
        ("total > 5000.01", False),
        ("total >= 5000.01 and total = 5000.010", True),
        ("issued >= 2026-02-28 and issued < 2026-03-01", False),
        ("sponsored", True),
        ("not sponsored or not (tier is 'gold')", False),
        ("sponsored is true", True),
        ("missing_fact is true", False),
        ("missing_fact > 5", False),
        ("note is missing and partner.country is stated", True),
        ('partner.country is not "DE"', True),
        ('tier not in ["gold"]', False),
    ],
)
def test_a_condition_compares_facts_with_values(condition, holds):
    facts = Facts((FACTS, {"tier": "Gold", "partner": {"country": "GB"}}))
    assert read_condition(condition)(facts) is holds
    assert set(facts.read) <= set(read_condition(condition).names)


@pytest.mark.parametrize(
    "text",
    ["audience includes end customers", "total >", "(a", "a $ b", "", "[", "and", "a is", "not",
     "__import__('os')", "(" * 40 + "a" + ")" * 40],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(Invalid) as refused:
        read_condition(text)
    assert refused.value.remedy
