"""What numbers that are told give of those that are not, all of them together: sums as equations, solved."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from tcma.delivery.small_cells import is_few

T = TypeVar("T")
PRIME = (1 << 61) - 1
"""Equations are solved modulo this: exact, in whole numbers that stay small."""
Row = dict[T, int]


def given_away(
    full: Mapping[T, int], of: Mapping[T, Collection[T]], hidden: Collection[T]
) -> T | None:
    """Return the first small number that the told ones give, None where they give none.

    `of` says of each number which cells it is the sum of; a cell is the sum of itself.
    """
    dark = {key: frozenset(cell for cell in of[key] if cell in hidden) for key in full}
    told = {cells for key, cells in dark.items() if cells and key not in hidden}
    solved = _solved(sorted(told, key=len))
    few = (key for key, people in full.items() if is_few(people))
    return next((key for key in few if not _rest(solved, dict.fromkeys(dark[key], 1))), None)


def _solved(sums: Iterable[Collection[T]]) -> dict[T, Row[T]]:
    """Return the equations by a cell that each of them alone has first."""
    rows: dict[T, Row[T]] = {}
    for cells in sums:
        row = _rest(rows, dict.fromkeys(cells, 1))
        if row:
            first, by = next(iter(row.items()))
            turned = pow(by, -1, PRIME)
            rows[first] = {cell: n * turned % PRIME for cell, n in row.items()}
    return rows


def _rest(rows: Mapping[T, Row[T]], row: Row[T]) -> Row[T]:
    """Return what is left of a sum when all equations are taken from it; nothing of one they give."""
    while True:
        first = next((cell for cell in row if cell in rows), None)
        if first is None:
            return row
        times = row[first]
        for cell, n in rows[first].items():
            left = (row.get(cell, 0) - times * n) % PRIME
            if left:
                row[cell] = left
            else:
                row.pop(cell, None)
