"""People counted by two sides, with their sums, as a vendor may read them: what no sum of a row or a column gives away."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

from tcma.delivery.small_cells import FEWEST, hides_from, is_few
from tcma.nurture.told import UNTOLD
from tcma.permissions import Principal

A = TypeVar("A", bound=Hashable)
B = TypeVar("B", bound=Hashable)
Cell = tuple[A | None, B | None]
"""Where a number stands; `None` is all of a side."""


def summed(cells: Mapping[tuple[A, B], int]) -> dict[Cell[A, B], int]:
    """Return the cells with their sums."""
    full: dict[Cell[A, B], int] = {}
    for (one, other), people in cells.items():
        for key in ((one, other), (one, None), (None, other), (None, None)):
            full[key] = full.get(key, 0) + people
    return full


def told_table(principal: Principal, cells: Mapping[tuple[A, B], int]) -> dict[Cell[A, B], int]:
    """Return the cells and their sums as somebody may read them. Of equal cells the earlier is hidden first,
    so the same order hides the same.
    """
    full = summed(cells)
    if not hides_from(principal):
        return full
    hidden = _hidden(full)
    return {key: UNTOLD if key in hidden else people for key, people in full.items()}


def _hidden(full: Mapping[Cell[A, B], int]) -> set[Cell[A, B]]:
    """Return the small cells, and as many larger ones that in each row and column two are hidden, which are
    five people together, or none. Where there is the least choice it is made first.
    """
    hidden = {key for key, people in full.items() if is_few(people)}
    lines = _lines(full)
    while True:
        told = [(total, parts) for total, parts in lines if _gives_away(full, hidden, total, parts)]
        if not told:
            return hidden
        choices = [[key for key in parts if full[key] and key not in hidden] for _, parts in told]
        least = min(range(len(told)), key=lambda no: len(choices[no]))
        hidden.add(min(choices[least], key=lambda key: full[key], default=told[least][0]))


def _gives_away(
    full: Mapping[Cell[A, B], int],
    hidden: Collection[Cell[A, B]],
    total: Cell[A, B],
    parts: Sequence[Cell[A, B]],
) -> bool:
    """Say whether a row or column tells what is hidden in it: one alone, or that all are few together."""
    dark = [key for key in parts if key in hidden]
    if total in hidden:
        return not dark
    return bool(dark) and (len(dark) == 1 or sum(full[key] for key in dark) < FEWEST)


def _lines(full: Mapping[Cell[A, B], int]) -> list[tuple[Cell[A, B], list[Cell[A, B]]]]:
    """Return each row and column, those of the sums too: its sum, and what it is the sum of."""
    lines: dict[tuple[bool, Cell[A, B]], list[Cell[A, B]]] = {}
    for one, other in full:
        if other is not None:
            lines.setdefault((True, (one, None)), []).append((one, other))
        if one is not None:
            lines.setdefault((False, (None, other)), []).append((one, other))
    return [(total, parts) for (_, total), parts in lines.items()]
