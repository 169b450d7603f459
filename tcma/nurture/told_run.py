"""What publishing would do and did, as a vendor may read it: sums of what the journey's page tells, and nothing else.

However many drafts somebody tries, each number is put together from the same told ones (`overview.told_steps`),
so no two of them, and none beside the page, give a small one away.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from tcma.delivery.small_cells import hides_from
from tcma.nurture.overview import NO_COPY
from tcma.nurture.publishing import LEAVE, Becomes, Choices, DryRun, Group, Moved, Waiting
from tcma.nurture.told import UNTOLD, Untold, told_column
from tcma.nurture.told_table import Cell, margins
from tcma.permissions import Principal


@dataclass(frozen=True, slots=True)
class ToldRun:
    """A dry run with each number as somebody may read it; the sums are none of what is shown beside them."""

    groups: tuple[Group, ...]
    inside: int
    staying: int
    at_removed: int
    unfit: int
    removed: Mapping[str, int]
    resumable: int


NOTHING = ToldRun((), 0, 0, 0, 0, {}, 0)
"""What there is of a journey that nobody has entered."""


def told_run(principal: Principal, run: DryRun, here: Mapping[Cell, int]) -> ToldRun:
    """Return a dry run as somebody may read it who reads `here` of the same people on the journey's page."""

    def people(of: Callable[[Waiting], bool]) -> int:
        those = [w for w in run.waiting if of(w)]
        exact = sum(w.people for w in those)
        return _told_sum(run.waiting, those, here) if hides_from(principal) else exact

    def at(step: str, what: Becomes, version_no: int | None = None) -> int:
        whose = {None, version_no}
        return people(
            lambda w: w.step == step and w.becomes is what and whose <= {None, w.version_no}
        )

    fates = {True: Becomes.STAY, False: Becomes.REMOVED}
    return ToldRun(
        groups=tuple(
            replace(g, people=at(g.step, fates[g.kept], g.version_no)) for g in run.groups
        ),
        inside=people(lambda _: True),
        staying=people(lambda w: w.becomes is Becomes.STAY),
        at_removed=people(lambda w: w.becomes is Becomes.REMOVED),
        unfit=people(lambda w: w.becomes is Becomes.UNFIT),
        removed={step: at(step, Becomes.REMOVED) for step in run.removed},
        resumable=_resumable(principal, run.ended),
    )


def _told_sum(
    waiting: Collection[Waiting], those: Collection[Waiting], here: Mapping[Cell, int]
) -> int:
    """Return how many some of those inside are, by numbers that are told; else by all but the others."""
    found = _put_together(waiting, those, here)
    if isinstance(found, Untold):
        chosen = set(map(_cell, those))
        others = [w for w in waiting if _cell(w) not in chosen]
        whole, rest = (_put_together(waiting, each, here) for each in (waiting, others))
        if not isinstance(whole, Untold) and not isinstance(rest, Untold):
            found = whole - rest
    return found


def _put_together(
    waiting: Collection[Waiting], those: Collection[Waiting], here: Mapping[Cell, int]
) -> int:
    of: dict[Cell, set[Cell]] = {}
    for each in waiting:
        for key in margins(_cell(each)):
            of.setdefault(key, set()).add(_cell(each))
    left, people = set(map(_cell, those)), 0
    for key, cells in sorted(of.items(), key=lambda each: -len(each[1])):
        number = here.get(key, UNTOLD)
        if cells <= left and not isinstance(number, Untold):
            left -= cells
            people += number
    return UNTOLD if left else people


def _cell(of: Waiting) -> Cell:
    return of.version_id, of.step, of.copy or NO_COPY


def _resumable(principal: Principal, ended: Collection[Group]) -> int:
    """Return who had reached the end and could go on: whole steps, of one column for every draft."""
    column: dict[tuple[int, str], int] = {}
    for g in ended:
        column[g.version_no, g.step] = column.get((g.version_no, g.step), 0) + g.people
    seen = dict(zip(column, told_column(principal, list(column.values()))[0], strict=True))
    going = [g for g in ended if g.kept]
    if not hides_from(principal):
        return sum(g.people for g in going)
    parts = [seen[g.version_no, g.step] for g in going]
    whole = all(column[g.version_no, g.step] == g.people for g in going)
    dark = any(isinstance(each, Untold) for each in parts)
    return sum(parts) if whole and not dark else UNTOLD


def told_moved(principal: Principal, moved: Moved, seen: ToldRun, choices: Choices) -> Moved:
    """Return what publishing did as somebody may read it, who has read the dry run as `seen`."""
    if not hides_from(principal):
        return moved
    gone = {step: bool(choices.removed.get(step, LEAVE)) for step in seen.removed}
    told = Moved(
        stayed=seen.staying,
        jumped=_added(seen.removed[step] for step, jumps in gone.items() if jumps),
        left=_added(seen.removed[step] for step, jumps in gone.items() if not jumps),
        resumed=seen.resumable,
        untouched=seen.unfit if choices.inside else seen.inside,
    )
    for name in Moved.__slots__:
        happened = getattr(moved, name)
        setattr(told, name, (getattr(told, name) or UNTOLD) if happened else 0)
    return told


def _added(people: Iterable[int]) -> int:
    known = list(people)
    return UNTOLD if any(isinstance(each, Untold) for each in known) else sum(known)
