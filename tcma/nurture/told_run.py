"""What publishing would do, as a vendor may read it: no number of fewer than five people, and no sum of such."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tcma.nurture.publishing import DryRun, Group, Moved
from tcma.nurture.told import UNTOLD, Untold, told, told_column, told_sum
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


def told_run(principal: Principal, run: DryRun) -> ToldRun:
    """Return a dry run as somebody may read it: those who stay and those at a step that is gone are two columns."""
    groups: dict[Group, int] = {}
    sums = []
    for kept in (True, False):
        side = [group for group in run.groups if group.kept is kept]
        cells, bare = told_column(principal, [group.people for group in side])
        groups |= dict(zip(side, cells, strict=True))
        sums.append(told_sum(principal, sum(group.people for group in side), bare=bare))
    unfit = told(principal, run.unfit)
    removed: dict[str, int] = {}
    for group, people in groups.items():
        if not group.kept:
            before = removed.get(group.step, 0)
            hidden = isinstance(people, Untold) or isinstance(before, Untold)
            removed[group.step] = UNTOLD if hidden else before + people
    parts = (*sums, unfit)
    return ToldRun(
        groups=tuple(replace(group, people=groups[group]) for group in run.groups),
        inside=UNTOLD if any(isinstance(each, Untold) for each in parts) else run.inside,
        staying=sums[0],
        at_removed=sums[1],
        unfit=unfit,
        removed=removed,
        resumable=told(principal, run.resumable),
    )


def told_moved(principal: Principal, moved: Moved) -> Moved:
    """Return what publishing did as somebody may read it."""
    return Moved(
        stayed=told(principal, moved.stayed),
        jumped=told(principal, moved.jumped),
        left=told(principal, moved.left),
        resumed=told(principal, moved.resumed),
        untouched=told(principal, moved.untouched),
    )
