"""What partners did with their leads becomes weight: reckoned exactly, within a floor and a cap, with why.

A rate of few leads means little, so each is drawn toward that of all by as many as `BELIEVED`. Weights
are hundredths of a fair share and their sum is a hundred times the number of partners: whoever stays
at or below `most` gets no more than that many hundredths of what an even round would give it.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction

from tcma.leads.routing.rules import Measure, Performance
from tcma.recent import MB, recalled

BELIEVED = 5
"""Leads by which a partner counts as being like all."""
EVEN = 100
HOUR = 60
FASTEST, SLOWEST = Fraction(2), Fraction(1, 2)
"""How much more or less than all speed can make of a partner."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a partner did with leads in the days before one: how many it was asked about and has
    answered or let pass, how many it accepted and in how many minutes half of those, how many closed
    and how many of them were won.
    """

    asked: int = 0
    accepted: int = 0
    minutes: int = 0
    closed: int = 0
    won: int = 0

    @property
    def told(self) -> list[int]:
        """The same as numbers, as a trace keeps them."""
        return list(astuple(self))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A weight in hundredths of a fair share, and why in words."""

    weight: int
    why: str


@recalled(most=512, octets=8 * MB)
def weighed(records: tuple[Record | None, ...], by: Performance) -> tuple[Weighed, ...]:
    """Return the weight of each of a pool's partners. Same numbers, same weights, to the last one.

    Their sum is 100 for each partner, and none is below `by.least` or above `by.most`.
    """
    known = [record or Record() for record in records]
    ratios = [Fraction(0)] * len(known)
    for measure in by.by:
        for n, ratio in enumerate(_RATIOS[measure](known)):
            ratios[n] += ratio / len(by.by)
    shares = _within(ratios, by.least, by.most)
    return tuple(
        Weighed(weight, _why(record, known, weight, by))
        for record, weight in zip(known, _whole(shares), strict=True)
    )


def _accepts(records: Sequence[Record]) -> list[Fraction]:
    return _rates([(r.accepted, r.asked) for r in records])


def _wins(records: Sequence[Record]) -> list[Fraction]:
    return _rates([(r.won, r.closed) for r in records])


def _rates(counts: Sequence[tuple[int, int]]) -> list[Fraction]:
    """Return each rate as a multiple of that of all."""
    did, of = (sum(each) for each in zip(*counts, strict=True))
    if not did:
        return [Fraction(1)] * len(counts)
    all_of = Fraction(did, of)
    return [(mine + BELIEVED * all_of) / (seen + BELIEVED) / all_of for mine, seen in counts]


def _speed(records: Sequence[Record]) -> list[Fraction]:
    """Return how fast each accepts, as a multiple of the middle one; an hour more or less says little."""
    usual = _usual(records)
    found = []
    for r in records:
        ratio = Fraction(usual + HOUR, r.minutes + HOUR) if r.accepted else Fraction(1)
        ratio = min(max(ratio, SLOWEST), FASTEST)
        found.append((ratio * r.accepted + BELIEVED) / (r.accepted + BELIEVED))
    return found


def _usual(records: Sequence[Record]) -> int:
    times = sorted(r.minutes for r in records if r.accepted)
    return times[(len(times) - 1) // 2] if times else 0


_RATIOS = {Measure.ACCEPTS: _accepts, Measure.SPEED: _speed, Measure.WINS: _wins}


def _within(ratios: Sequence[Fraction], least: int, most: int) -> list[Fraction]:
    """Share a hundred for each among all by their ratios, nobody below `least` or above `most`.

    What one may not have goes to the others by their ratios: whoever breaks the nearer bound is held
    there first, so that nobody is held who need not be.
    """
    total = Fraction(EVEN * len(ratios))
    held: dict[int, Fraction] = {}
    while len(held) < len(ratios):
        free = [n for n in range(len(ratios)) if n not in held]
        rest, whole = total - sum(held.values()), sum(ratios[n] for n in free)
        fair = {n: rest * ratios[n] / whole for n in free}
        kept = {n: min(max(share, Fraction(least)), Fraction(most)) for n, share in fair.items()}
        over = sum(kept[n] - fair[n] for n in free)
        if over == 0:
            held |= kept
        else:
            held |= {n: kept[n] for n in free if (kept[n] - fair[n]) * over > 0}
    return [held[n] for n in range(len(ratios))]


def _whole(shares: Sequence[Fraction]) -> list[int]:
    """Round to whole numbers of the same sum: the largest remainders go up."""
    down = [int(share) for share in shares]
    missing = EVEN * len(shares) - sum(down)
    by_rest = sorted(range(len(shares)), key=lambda n: (down[n] - shares[n], n))
    for n in by_rest[:missing]:
        down[n] += 1
    return down


def _why(record: Record, all_of: Sequence[Record], weight: int, by: Performance) -> str:
    return f"weight {weight} of {EVEN}: {numbers(record, all_of, by)}{held(weight, by)}"


def numbers(record: Record, all_of: Sequence[Record], by: Performance) -> str:
    """Return what counted for a partner beside the same of all, in words."""
    parts = []
    if Measure.ACCEPTS in by.by:
        asked, accepted = sum(r.asked for r in all_of), sum(r.accepted for r in all_of)
        parts.append(
            f"accepted {record.accepted} of {record.asked}, all together {accepted} of {asked}"
        )
    if Measure.SPEED in by.by:
        mine = (
            f"half of them within {record.minutes} minutes" if record.accepted else "none to time"
        )
        parts.append(f"{mine}, the middle one {_usual(all_of)}")
    if Measure.WINS in by.by:
        closed, won = sum(r.closed for r in all_of), sum(r.won for r in all_of)
        parts.append(f"won {record.won} of {record.closed}, all together {won} of {closed}")
    return "; ".join(parts)


def held(weight: int, by: Performance) -> str:
    """Return in words that a bound holds a weight; empty when none does."""
    if weight >= by.most:
        return f"; {by.most} at most"
    return f"; {by.least} at least" if weight <= by.least else ""
