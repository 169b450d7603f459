"""Points tried before they are published: tests beside the rules, and how past leads would stand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from tcma.leads.scoring.adding import Known, score
from tcma.leads.scoring.document import Deed, Has, Points, Trial
from tcma.toml_document import Tried

BANDS = ((0, 19), (20, 39), (40, 59), (60, 79), (80, 100))


@dataclass(frozen=True, slots=True)
class Case:
    """A past lead: its reference, its company, and what is known of it."""

    ref: str
    company: str
    known: Known


@dataclass(frozen=True, slots=True)
class Move:
    """A lead whose points would be others."""

    ref: str
    company: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Shift:
    """How past leads stand by the rules in force and by changed ones.

    `bands` are (lowest, highest, leads before, leads after); `asked` are (who asks for points, how
    many, leads that have them before, after); `moves` begin with the largest.
    """

    leads: int
    mean_before: float
    mean_after: float
    bands: tuple[tuple[int, int, int, int], ...]
    asked: tuple[tuple[str, int, int, int], ...]
    moves: tuple[Move, ...]


def tried(points: Points) -> list[Tried]:
    """Run every test of a document."""
    return [_tried(points, one) for one in points.trials]


def _tried(points: Points, one: Trial) -> Tried:
    found = score(points, known_of(one.lead))
    told = ", ".join(f"{part.name} {part.points}" for part in found.parts) or "no rule gave any"
    ok = one.least <= found.points <= one.most
    if ok:
        return Tried(one.name, True, f"{found.points} points: {told}.", one.line)
    wanted = f"{one.least}" if one.least == one.most else f"{one.least} to {one.most}"
    words = f"{found.points} points, not {wanted}: {told}."
    return Tried(one.name, False, words, one.line)


def known_of(lead: Any) -> Known:
    """Return what a test's made-up lead tells; a domain in `address` is its own company's."""
    told = {
        Has.COMPANY: lead.get("company"),
        Has.PHONE: lead.get("phone"),
        Has.POSTCODE: lead.get("postcode"),
        Has.COMPANY_ADDRESS: lead.get("address"),
    }
    answers = cast("dict[str, Any]", lead.get("answers", {}))
    return Known(
        country=str(lead.get("country", "")),
        postcode=str(lead.get("postcode", "")),
        campaign=str(lead.get("campaign", "")),
        domain=str(lead.get("address", "")).rpartition("@")[2].casefold(),
        has=frozenset(name.value for name, value in told.items() if value),
        answers={question: str(answer) for question, answer in answers.items()},
        did={deed.value: tuple(lead.get(deed, ())) for deed in Deed},
    )


def shift(
    before: Points, after: Points, cases: Sequence[Case], asks: Sequence[tuple[str, int]] = ()
) -> Shift:
    """Count past leads by both; `asks` are (who, points) that rules for routing ask for."""
    pairs = [(score(before, c.known).points, score(after, c.known).points) for c in cases]
    was, will = Counter(b for b, _ in pairs), Counter(a for _, a in pairs)
    moves = [
        Move(case.ref, case.company, b, a)
        for case, (b, a) in zip(cases, pairs, strict=True)
        if a != b
    ]
    return Shift(
        leads=len(cases),
        mean_before=_mean(was),
        mean_after=_mean(will),
        bands=tuple((low, high, _within(was, low, high), _within(will, low, high))
                    for low, high in BANDS),
        asked=tuple((who, n, _within(was, n, 100), _within(will, n, 100)) for who, n in asks),
        moves=tuple(sorted(moves, key=lambda m: -abs(m.after - m.before))),
    )  # fmt: skip


def _within(counted: Counter[int], low: int, high: int) -> int:
    return sum(n for points, n in counted.items() if low <= points <= high)


def _mean(counted: Counter[int]) -> float:
    total = counted.total()
    return sum(points * n for points, n in counted.items()) / total if total else 0.0
