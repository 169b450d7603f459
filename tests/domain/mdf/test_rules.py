"""Days, sums and sentences by which requests and claims are judged."""

from datetime import UTC, date, datetime

import pytest

from tcma.errors import Invalid
from tcma.mdf.deadlines import end_of_day, in_time
from tcma.mdf.judging import versions
from tcma.mdf.reasons import REASON_WORDS, Reason
from tcma.mdf.rules import (
    CLAIM_MOVES,
    COLLECTED,
    PROOF_WORDS,
    REQUEST_MOVES,
    ActivityKind,
    ClaimState,
    ProofKind,
    RequestState,
    positive,
)
from tcma.mdf.words import spoken_share
from tcma.money import Money
from tcma.rendering.source import ACTIVITIES


def gbp(minor):
    return Money(minor, "GBP")


@pytest.mark.parametrize(
    ("zone", "now", "still"),
    [
        ("Europe/London", "2026-05-24T22:59:59+00:00", True),
        ("Europe/London", "2026-05-24T23:00:00+00:00", False),
        ("UTC", "2026-05-24T23:59:59+00:00", True),
        ("UTC", "2026-05-25T00:00:00+00:00", False),
        ("Pacific/Auckland", "2026-05-24T11:59:59+00:00", True),
        ("Pacific/Auckland", "2026-05-24T12:00:00+00:00", False),
        ("America/Los_Angeles", "2026-05-25T06:59:59+00:00", True),
        ("America/Los_Angeles", "2026-05-25T07:00:00+00:00", False),
    ],
)
def test_the_last_second_of_the_last_day_counts_in_the_vendors_zone(zone, now, still):
    assert in_time(datetime.fromisoformat(now), date(2026, 5, 24), zone) is still


def test_a_day_on_which_clocks_change_ends_at_its_own_midnight():
    assert end_of_day(date(2026, 3, 29), "Europe/London") == datetime(2026, 3, 29, 23, tzinfo=UTC)
    assert end_of_day(date(2026, 10, 25), "Europe/London") == datetime(2026, 10, 26, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "amount",
    [gbp(0), gbp(-1), gbp(10**18), Money(100, "EUR")],
)
def test_a_sum_that_cannot_be_booked_is_refused_at_its_field(amount):
    with pytest.raises(Invalid) as refused:
        positive(amount, "GBP", "amount")
    assert refused.value.fields["amount"]


@pytest.mark.parametrize("typed", ["0.005", "NaN", "1e18", "inf", "", "ten", "1.234.567,001"])
def test_m4_what_is_no_amount_is_refused_before_it_is_money(typed):
    with pytest.raises(Invalid):
        Money.parse(typed, "GBP")


def test_every_state_and_reason_has_its_moves_and_words():
    assert set(REQUEST_MOVES) == set(RequestState)
    assert set(CLAIM_MOVES) == set(ClaimState)
    assert set(REASON_WORDS) == set(Reason)
    standard = versions.read_one(versions.standard())
    assert set(ActivityKind) <= set(standard.activities)
    assert set(PROOF_WORDS) == set(ProofKind)
    assert set(COLLECTED) <= set(ProofKind)
    assert set(ACTIVITIES) <= set(ActivityKind)


def test_a_share_is_spoken_with_its_digits():
    assert spoken_share(5_000) == "50%"
    assert spoken_share(3_333) == "33.33%"
