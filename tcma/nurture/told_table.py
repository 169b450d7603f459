"""People counted by several sides, with their sums, as a vendor may read them: what no sums give away."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import product

from tcma.delivery.small_cells import FEWEST, hides_from, is_few
from tcma.nurture.solving import given_away
from tcma.nurture.told import UNTOLD
from tcma.permissions import Principal

Cell = tuple[Hashable | None, ...]
"""Where a number stands, by each side; `None` is all of a side."""


def summed(cells: Mapping[Cell, int]) -> dict[Cell, int]:
    """Return the cells with their sums."""
    full: dict[Cell, int] = {}
    for cell, people in cells.items():
        for key in margins(cell):
            full[key] = full.get(key, 0) + people
    return full


def margins(cell: Cell) -> list[Cell]:
    """Return a cell and every sum it is in."""
    return list(product(*((at, None) for at in cell)))


def told_table(principal: Principal, cells: Mapping[Cell, int]) -> dict[Cell, int]:
    """Return the cells and their sums as somebody may read them. Of equal cells the earlier is hidden first,
    so the same order hides the same.
    """
    full = summed(cells)
    if not hides_from(principal):
        return full
    hidden = _hidden(full)
    return {key: UNTOLD if key in hidden else people for key, people in full.items()}


def _hidden(full: Mapping[Cell, int]) -> set[Cell]:
    """Return the small cells, and as many larger ones that in each line two are hidden, which are
    five people together, or none; and that no small one follows from all that is told. Where there is the
    least choice it is made first.
    """
    hidden = {key for key, people in full.items() if is_few(people)}
    lines = _lines(full)
    of: dict[Cell, list[Cell]] = {}
    for cell in full:
        if None not in cell:
            for key in margins(cell):
                of.setdefault(key, []).append(cell)
    while True:
        _hide_in_lines(full, hidden, lines)
        found = given_away(full, of, hidden) if hidden else None
        if found is None:
            return hidden
        beside = {key for total, parts in lines if found in parts for key in (total, *parts)}
        told = [key for key, people in full.items() if people and key not in hidden]
        near = [key for key in told if key in beside]
        hidden.add(min(near or told, key=lambda key: full[key]))


def _hide_in_lines(
    full: Mapping[Cell, int], hidden: set[Cell], lines: Sequence[tuple[Cell, list[Cell]]]
) -> None:
    while True:
        told = [(total, parts) for total, parts in lines if _gives_away(full, hidden, total, parts)]
        if not told:
            return
        choices = [[key for key in parts if full[key] and key not in hidden] for _, parts in told]
        least = min(range(len(told)), key=lambda no: len(choices[no]))
        hidden.add(min(choices[least], key=lambda key: full[key], default=told[least][0]))


def _gives_away(
    full: Mapping[Cell, int], hidden: Collection[Cell], total: Cell, parts: Sequence[Cell]
) -> bool:
    """Say whether a line tells what is hidden in it: one alone, or that all are few together."""
    dark = [key for key in parts if key in hidden]
    if total in hidden:
        return not dark
    return bool(dark) and (len(dark) == 1 or sum(full[key] for key in dark) < FEWEST)


def _lines(full: Mapping[Cell, int]) -> list[tuple[Cell, list[Cell]]]:
    """Return each line along a side, those of the sums too: its sum, and what it is the sum of."""
    lines: dict[tuple[int, Cell], list[Cell]] = {}
    for cell in full:
        for side, at in enumerate(cell):
            if at is not None:
                total = (*cell[:side], None, *cell[side + 1 :])
                lines.setdefault((side, total), []).append(cell)
    return [(total, parts) for (_, total), parts in lines.items()]
