"""Points by rule: what a lead is has a limit, what it does fades; every point has its reason."""

import pytest

from tcma.leads.scoring import score

FULL = {
    "company": "Brackwater",
    "phone": "0113",
    "answers": {"Seats": "More than 200", "When": "This month"},
}


def points(*clicked):
    return score(company="", phone="", answers={}, clicked=clicked)


def test_each_point_has_its_reason():
    found = score(**FULL, clicked=[2.0])
    assert dict(found.reasons) == {
        "filled in the form": 40,
        "named the company": 12,
        "left a phone number": 10,
        "said “More than 200”": 20,
        "said “This month”": 20,
        "clicked 1×, last 2 days ago": 5,
    }


def test_what_somebody_is_cannot_fill_the_scale_alone():
    assert score(**FULL).points == 85
    assert score(**FULL, clicked=[0.0] * 9).points == 100


@pytest.mark.parametrize(
    ("ages", "more"),
    [((0,), 5), ((30,), 2), ((60,), 1), ((400,), 0), ((0, 0, 0, 0, 0), 15), ((), 0)],
)
def test_a_click_halves_with_each_month_and_clicks_have_a_cap(ages, more):
    assert points(*ages).points == points().points + more
