"""The people of a launch who get nothing, so that what the mail itself did can be measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt
from uuid import UUID

from tcma.launches.rules import Area, Finding, Fix, Severity
from tcma.words import joined, say, say_n

SHARES = (0, 5, 10, 20)
"""Of a hundred, how many may be held out."""
TOO_FEW = 50
"""Fewer held out than this tell only a very large difference."""
Z = 1.959964
"""95 of 100 intervals hold the truth."""
DRAWS = 1 << 16


def draw(campaign_id: UUID, address_hash: bytes, part: int) -> int:
    """Return a number from 0 to below `DRAWS`, for ever the same for a person and a campaign.

    Parts are independent of each other; `launches.drawing` is the same in SQL.
    """
    mark = sha256(campaign_id.bytes + address_hash).digest()
    return int.from_bytes(mark[2 * part : 2 * part + 2])


def is_held_out(drawn: int, percent: int) -> bool:
    """Say whether somebody with this number is held out."""
    return drawn * 100 < percent * DRAWS


def findings(percent: int, *, held: int, sendable: int) -> list[Finding]:
    """Return what the preflight says: how many are held out, and whether they are enough to tell."""
    if not percent or not sendable:
        return []
    said = say_n(
        "{n} person gets nothing, to measure what the mail does.",
        "{n} people get nothing, to measure what the mail does.",
        held,
    )
    if held >= TOO_FEW:
        return [Finding(Area.AUDIENCE, Severity.GOOD, said)]
    return [
        Finding(
            Area.AUDIENCE, Severity.LOOK,
            joined(said, say("So few tell only a very large difference; {too_few} or more would tell more.", too_few=TOO_FEW)),
            Fix.DATE, say("Hold out a larger share, or nobody."),
        )
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """So many of so many people did it."""

    did: int
    people: int

    @property
    def rate(self) -> float:
        """The share that did."""
        return self.did / self.people if self.people else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % score interval of the share (Wilson 1927, JASA 22:209)."""
        if not self.people:
            return 0.0, 1.0
        n, p = self.people, self.rate
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Lift:
    """What one outcome was among those who got the mail, and among those held out."""

    name: str
    sent: Group
    held: Group

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the difference of the shares (Newcombe 1998, Stat. Med. 17:873,
        method 10: both score intervals, joined).
        """
        (low_s, high_s), (low_h, high_h) = self.sent.interval, self.held.interval
        p, q = self.sent.rate, self.held.rate
        return (
            p - q - sqrt((p - low_s) ** 2 + (high_h - q) ** 2),
            p - q + sqrt((high_s - p) ** 2 + (q - low_h) ** 2),
        )

    @property
    def is_told(self) -> bool:
        """Whether the difference is larger than chance explains."""
        low, high = self.interval
        return bool(self.sent.people and self.held.people) and (low > 0 or high < 0)

    @property
    def words(self) -> str:
        """The finding in a sentence, per 100 people."""
        low, high = self.interval
        if not self.held.people or not self.sent.people:
            return say("{name}: nothing to compare yet.", name=self.name)
        if not self.is_told:
            return say(
                "{name}: too few people to tell. The mail may have brought anything from "
                "{hundredth} to {hundredth2} per 100 people.",
                name=self.name,
                hundredth=hundredth(low),
                hundredth2=hundredth(high),
            )
        least, most = (hundredth(each) for each in sorted((abs(low), abs(high))))
        if low > 0:
            return say(
                "{name}: the mail brought {least} to {most} more per 100 people.",
                name=self.name,
                least=least,
                most=most,
            )
        return say(
            "{name}: the mail brought {least} to {most} fewer per 100 people.",
            name=self.name,
            least=least,
            most=most,
        )


def hundredth(share: float) -> str:
    """Return a share as so many of a hundred, with one place: «−2.1»."""
    return f"{share * 100:.1f}".replace("-", "−")


def told(lifts: Sequence[Lift]) -> str:
    """Return the finding of all outcomes together in one heading."""
    if any(lift.is_told and lift.interval[0] > 0 for lift in lifts):
        return say("The mail made a difference")
    if any(lift.is_told for lift in lifts):
        return say("Those who got nothing answered more")
    return say("Too few to tell yet")
