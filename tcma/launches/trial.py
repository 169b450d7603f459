"""The rule by which one of two variants of a mail wins, and when the test gives up.

Half of those in the test get A, half B, drawn by lot. Whoever answers (a click or reply of a human,
never an open) is a coin that fell on A or on B: if the variants are equal, both sides are equally
likely, whatever the partner, its list and its hour. So the answers of all partners with the same two
variants are one row of coins, and the test of that row is exact.

Evidence against «equal» is the mixture likelihood ratio of Robbins (1970, Ann. Math. Stat. 41:1397)
with a Beta prior: B(m + a, m + b) / (B(m, m) · 2^-(a+b)) for a and b answers, m = `MIX`. It is a
non-negative martingale of mean 1 when the variants are equal, so (Ville 1939) it ever reaches
1 / `ERROR` with probability at most `ERROR`, however often somebody looks and whenever they stop.
That is why every launch may look at the common count at any time.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import lru_cache
from math import lgamma, log

from tcma.launches.hold_out import DRAWS, Group
from tcma.launches.rules import Area, Finding, Fix, Severity
from tcma.words import say

ERROR = 0.05
"""How often, at most, a winner is named though both are equal."""
MIX = 3
"""How sharp the prior is: answers of the better are thought of as up to about twice the other's."""
SHARES = (20, 30, 50)
"""Of a hundred people, how many are in the test; half get A, half B."""
WAITS = (4, 24, 72)
"""Hours after the last mail of the test has left until it gives up."""
USUAL_PERCENT = 3
"""So many of a hundred click a mail, if nothing is known."""
POWER, RATIO = 0.8, 2
"""A variant that is clicked `RATIO` times as often is found with this probability at `needed()`."""


class Arm(IntEnum):
    """Who gets what of a mail: the rest gets the winner."""

    REST = 0
    A = 1
    B = 2


def arm_of(drawn: int, share: int) -> Arm:
    """Return in which arm somebody with this draw is: the share says who is tested, the last bit what
    they get, so that a person is in the same arm of every partner's test, whatever its share.
    """
    if drawn * 100 >= share * DRAWS:
        return Arm.REST
    return Arm.B if drawn % 2 else Arm.A


def log_evidence(a: int, b: int) -> float:
    """Return the logarithm of the evidence of `a` and `b` answers against «both are equal»."""
    mixed = _log_beta(MIX + a, MIX + b) - _log_beta(MIX, MIX)
    return mixed + (a + b) * log(2)


def _log_beta(x: float, y: float) -> float:
    return lgamma(x) + lgamma(y) - lgamma(x + y)


def winner_of(a: int, b: int) -> Arm | None:
    """Return who has won with so many answers, None while nobody has."""
    if a == b or log_evidence(a, b) < -log(ERROR):
        return None
    return Arm.A if a > b else Arm.B


@lru_cache
def power(answers: int, ratio: float = RATIO) -> float:
    """Return with which probability the better one has won within so many answers, when it is
    answered `ratio` times as often; counted out coin by coin.
    """
    chance, won = ratio / (1 + ratio), 0.0
    open_: dict[int, float] = {0: 1.0}
    for n in range(1, answers + 1):
        fell: dict[int, float] = {}
        for better, p in open_.items():
            fell[better] = fell.get(better, 0.0) + p * (1 - chance)
            fell[better + 1] = fell.get(better + 1, 0.0) + p * chance
        open_ = {}
        for better, p in fell.items():
            match winner_of(better, n - better):
                case Arm.A:
                    won += p
                case None:
                    open_[better] = p
    return won


@lru_cache
def needed() -> int:
    """Return how many answers find a variant that is `RATIO` times as good with `POWER`."""
    answers = 10
    while power(answers) < POWER:
        answers += 5
    return answers


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of the test: `arm` goes to the rest, None while it waits."""

    arm: Arm | None
    words: str


@dataclass(frozen=True, slots=True)
class Pool:
    """What the two variants brought: answers of people, all partners together."""

    a: Group
    b: Group
    partners: int = 1


def judge(pool: Pool, *, now: datetime, ends_at: datetime) -> Verdict:
    """Return the verdict: a winner by evidence at any time; A when the time is up without one."""
    a, b = pool.a.did, pool.b.did
    won = winner_of(a, b)
    if won is not None:
        more, fewer = max(a, b), min(a, b)
        return Verdict(
            won,
            say(
                "{won} won: {more:,} of {more2:,} answers came to it. Were both equal, so "
                "clear a difference would come in at most {round} of 100 tests.",
                won=won.name,
                more=more,
                more2=more + fewer,
                round=round(ERROR * 100),
            ),
        )
    if now >= ends_at:
        return Verdict(
            Arm.A, say("No difference was found in {a:,} answers, so A went on.", a=a + b)
        )
    return Verdict(None, "")


def same_subject(a: str, b: str) -> list[Finding]:
    """Return what the preflight says of a second subject that is the first one again."""
    if a.strip().casefold() != b.strip().casefold():
        return []
    return [Finding(Area.CONTENT, Severity.STOP,
        say("A and B have the same subject: the test would compare a mail with itself."), Fix.DATE,
        say("Write another subject for B, or test nothing."))]  # fmt: skip


def findings(*, in_test: int, pooled: int, hours: int, rest: int) -> list[Finding]:
    """Return what the preflight says of a test with so many people; `pooled` are answers that other
    launches have brought to the same two variants.
    """
    if not rest:
        words = say("Everybody is in the test, so nobody is left who could get the winner.")
        return [Finding(Area.CONTENT, Severity.LOOK, words, Fix.DATE,
            say("Test on fewer, or not at all."))]  # fmt: skip
    if in_test < 2:
        words = say("Too few people for a test: A and B need one each at least.")
        return [Finding(Area.CONTENT, Severity.LOOK, words, Fix.DATE,
            say("Choose a longer list, or do not test."))]  # fmt: skip
    own = max(1, round(in_test * USUAL_PERCENT / 100))
    already = (say(" Launches that tested the same two have brought {pooled:,}, which count too.", pooled=pooled) if pooled else "")  # fmt: skip
    stop = say(
        "The rest gets the winner, or A when none is found within {hours} hours.", hours=hours
    )
    if own + pooled >= needed():
        words = say("{in_test:,} people test two variants.{already} {stop}", in_test=in_test, already=already, stop=stop)  # fmt: skip
        return [Finding(Area.CONTENT, Severity.GOOD, words)]
    people = say(
        "About {own:,} of the {in_test:,} people in the test will click.", own=own, in_test=in_test
    )
    words = say("{people} One that is clicked twice as often shows from about {needed} clicks on.{already} {stop}", people=people, needed=needed(), already=already, stop=stop)  # fmt: skip
    return [Finding(Area.CONTENT, Severity.LOOK, words, Fix.DATE,
        say("Test on more people, or leave it so."))]  # fmt: skip
