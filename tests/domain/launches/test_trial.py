"""The rule of a test: exact against every sequence of coins, right however often one looks."""

from datetime import UTC, datetime, timedelta
from math import comb, exp, isclose
from random import Random

import pytest

from tcma.launches.hold_out import DRAWS, Group
from tcma.launches.rules import Severity
from tcma.launches.trial import (
    ERROR,
    MIX,
    POWER,
    SHARES,
    Arm,
    Pool,
    arm_of,
    findings,
    judge,
    log_evidence,
    needed,
    power,
    winner_of,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def pool(a, b, people=1_000, partners=1):
    return Pool(Group(a, people), Group(b, people), partners)


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_the_evidence_is_a_martingale_of_mean_one_when_both_are_equal(n):
    mean = sum(comb(n, a) * exp(log_evidence(a, n - a)) / 2**n for a in range(n + 1))
    assert isclose(mean, 1.0, rel_tol=1e-9)


def test_looking_after_every_answer_names_a_winner_among_equals_rarely_enough():
    assert 2 * power(1_500, ratio=1) <= ERROR


def test_coins_thrown_by_hand_come_to_the_same_power():
    coins, found = Random(7), 0
    for _ in range(4_000):
        a = b = 0
        for _ in range(60):
            if coins.random() < 2 / 3:
                a += 1
            else:
                b += 1
            if (won := winner_of(a, b)) is not None:
                found += won is Arm.A
                break
    assert found / 4_000 == pytest.approx(power(60), abs=0.025)


def test_what_is_needed_is_what_the_power_says_and_no_more():
    assert power(needed()) >= POWER > power(needed() - 5)


def test_fewer_than_ten_answers_never_decide():
    assert MIX == 3
    assert winner_of(9, 0) is None
    assert winner_of(10, 0) is Arm.A
    assert winner_of(0, 10) is Arm.B


@pytest.mark.parametrize(
    ("a", "b", "hours", "arm", "words"),
    [
        (3, 2, 0, None, ""),
        (3, 12, 0, None, ""),
        (4, 22, 0, Arm.B, "B won: 22 of 26 answers came to it."),
        (22, 4, 30, Arm.A, "A won: 22 of 26"),
        (30, 38, 24, Arm.A, "No difference was found in 68 answers, so A went on."),
        (0, 0, 24, Arm.A, "No difference was found in 0 answers"),
    ],
)
def test_a_winner_by_evidence_at_any_time_and_a_when_the_time_is_up(a, b, hours, arm, words):
    verdict = judge(pool(a, b), now=NOW + timedelta(hours=hours), ends_at=NOW + timedelta(hours=24))
    assert verdict.arm is arm
    assert verdict.words.startswith(words)


def test_whoever_is_in_the_test_of_several_partners_is_in_the_same_arm_whatever_their_shares():
    for drawn in range(0, DRAWS, 7):
        arms = {arm_of(drawn, share) for share in SHARES} - {Arm.REST}
        assert len(arms) <= 1, drawn


def test_half_of_the_test_gets_a_and_half_b():
    drawn = [arm_of(n, 30) for n in range(0, DRAWS, 7)]
    shares = [drawn.count(arm) / len(drawn) for arm in (Arm.A, Arm.B, Arm.REST)]
    assert shares == pytest.approx([0.15, 0.15, 0.7], abs=0.001)


@pytest.mark.parametrize(
    ("in_test", "pooled", "rest", "severity", "words"),
    [
        (40, 0, 90, Severity.LOOK, "About 1 of the 40 people in the test will click."),
        (40, 23, 90, Severity.LOOK, "have brought 23, which count too"),
        (40, 500, 90, Severity.GOOD, "40 people test two variants."),
        (5_000, 0, 90, Severity.GOOD, "within 24 hours"),
        (1, 0, 3, Severity.LOOK, "Too few people for a test"),
        (60, 0, 0, Severity.LOOK, "Everybody is in the test"),
    ],
)
def test_the_preflight_says_when_people_are_too_few_to_tell(in_test, pooled, rest, severity, words):
    (one,) = findings(in_test=in_test, pooled=pooled, rest=rest, hours=24)
    assert one.severity is severity
    assert words in one.message
