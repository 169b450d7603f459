"""What publishing would do, as a vendor may read it: no number of fewer than five people, and no sum of such."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tcma.nurture.publishing import DryRun, Group, Moved
from tcma.nurture.told import UNTOLD, Untold, told
from tcma.nurture.told_table import told_table
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
    """Return a dry run as somebody may read it: by what becomes of people, and by the step they are at."""
    cells = {(_becomes(g), (g.version_no, g.step)): g.people for g in run.groups}
    if run.unfit:
        cells["unfit", (0, "")] = run.unfit
    seen = told_table(principal, cells)
    removed: dict[str, int] = {}
    groups = tuple(replace(g, people=seen[_becomes(g), (g.version_no, g.step)]) for g in run.groups)
    for group in groups:
        if not group.kept:
            before = removed.get(group.step, 0)
            hidden = isinstance(group.people, Untold) or isinstance(before, Untold)
            removed[group.step] = UNTOLD if hidden else before + group.people
    return ToldRun(
        groups=groups,
        inside=seen.get((None, None), 0),
        staying=seen.get(("stay", None), 0),
        at_removed=seen.get(("removed", None), 0),
        unfit=seen.get(("unfit", None), 0),
        removed=removed,
        resumable=told(principal, run.resumable),
    )


def _becomes(group: Group) -> str:
    return "stay" if group.kept else "removed"


def told_moved(principal: Principal, moved: Moved) -> Moved:
    """Return what publishing did as somebody may read it, who has read the dry run."""
    cells = {
        ("stay", "stayed"): moved.stayed,
        ("removed", "jumped"): moved.jumped,
        ("removed", "left"): moved.left,
        ("unfit", "untouched"): moved.untouched,
    }
    seen = told_table(principal, cells)
    parts = {name: seen[becomes, name] for becomes, name in cells}
    return Moved(**parts, resumed=told(principal, moved.resumed))
