"""What a vendor reads of people inside journeys: no number of fewer than five (`delivery.small_cells`).

The people are the partners' contacts. Besides each small number the next larger of its column is hidden
while it could be told from a sum. Whoever is not the vendor's reads everything.
"""

from collections.abc import Sequence
from typing import Self

from tcma.delivery.small_cells import FEWEST, hidden_of, hides_from, is_few
from tcma.permissions import Principal

SOME = "some"
"""What stands instead of a number, which may be a larger one that would give a small one away."""


class Untold(int):
    """A number of people that is not told: it counts as the largest that is few, whatever it is."""

    __slots__ = ()

    def __new__(cls) -> Self:
        """Return the one value there is."""
        return super().__new__(cls, FEWEST - 1)

    def __str__(self) -> str:
        return SOME


UNTOLD = Untold()


def told(principal: Principal, people: int) -> int:
    """Return a number that stands alone as somebody may read it."""
    return UNTOLD if hides_from(principal) and is_few(people) else people


def told_column(principal: Principal, column: Sequence[int]) -> tuple[list[int], bool]:
    """Return numbers that have a sum beside them, and whether that may not be told either."""
    if not hides_from(principal):
        return list(column), False
    hidden, bare = hidden_of(column)
    return [UNTOLD if no in hidden else people for no, people in enumerate(column)], bare


def told_part(principal: Principal, part: int, whole: int) -> int:
    """Return how many of a number that is told are so, as somebody may read it: nothing where the part or
    the rest is small, or the number is not told.
    """
    if not part or not hides_from(principal):
        return part
    hidden = isinstance(part, Untold) or isinstance(whole, Untold)
    return UNTOLD if hidden or is_few(part) or is_few(whole - part) else part
