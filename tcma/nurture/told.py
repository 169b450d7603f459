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


def told_sum(principal: Principal, total: int, *, bare: bool) -> int:
    """Return the sum of a column as somebody may read it; `bare` as `told_column` says."""
    return UNTOLD if bare and hides_from(principal) else told(principal, total)
