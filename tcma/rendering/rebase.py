"""A partner's words on a new version, three ways: the vendor's before, the vendor's now, the partner's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tcma.rendering.fits import BUILT_FONTS
from tcma.rendering.slots import SlotSource, check
from tcma.rendering.source import CampaignSource


class Merge(StrEnum):
    """What becomes of one slot."""

    UPDATED = "updated"
    """The partner changed nothing, the vendor did: the vendor's new text stands there."""
    KEPT = "kept"
    """The partner's own, and the vendor changed nothing there."""
    BOTH = "both"
    """Both changed it: the partner chooses."""
    UNFIT = "unfit"
    """The partner's own no longer fits what the slot takes now."""
    LOCKED = "locked"
    """The vendor keeps it now: the partner's own goes."""
    GONE = "gone"
    """The slot is no longer there: the partner's own goes."""


ASKED = (Merge.BOTH, Merge.UNFIT)
TOLD = (Merge.LOCKED, Merge.GONE)
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """One slot: `before` and `theirs` are the vendor's, `mine` the partner's own (None: none)."""

    key: str
    label: str
    merge: Merge
    before: Any
    theirs: Any
    mine: Any
    problem: str = ""

    @property
    def may_keep(self) -> bool:
        """May the partner's own stay?"""
        return self.merge in (Merge.KEPT, Merge.BOTH)


def rebased(
    old: CampaignSource,
    new: CampaignSource,
    values: Mapping[str, Any],
    *,
    language: str,
    fonts: Path = BUILT_FONTS,
) -> tuple[Rebased, ...]:
    """Return what becomes of every slot that either side changed, the vendor's order first."""
    was = {slot.key: slot for slot in old.slots}
    now = {slot.key: slot for slot in new.slots}
    wrong = {p.slot: p.message for p in check(new.slots, _known(now, values), language=language,
                                              fonts=fonts)}  # fmt: skip
    found = [
        _one(key, was.get(key), now.get(key), values.get(key), language, wrong.get(key, ""))
        for key in [*now, *(key for key in values if key not in now)]
    ]
    return tuple(each for each in found if each is not None)


def settled(found: tuple[Rebased, ...], choices: Mapping[str, str]) -> dict[str, Any]:
    """Return the partner's values on the new version. Unless chosen otherwise, what may stay stays."""
    return {
        each.key: each.mine
        for each in found
        if each.mine is not None and each.may_keep and choices.get(each.key, MINE) == MINE
    }


def _known(now: Mapping[str, SlotSource], values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if k in now and now[k].editable}


def _one(  # noqa: PLR0913, PLR0917 - one slot from three sides
    key: str,
    was: SlotSource | None,
    now: SlotSource | None,
    mine: Any,
    language: str,
    problem: str,
) -> Rebased | None:
    before = was.default(language) if was else None
    theirs = now.default(language) if now else None
    shown = now or was
    merge = _merge(now, mine, changed=before != theirs, same=mine == theirs, problem=problem)
    if merge is None:
        return None
    return Rebased(
        key=key,
        label=shown.label if shown else key,
        merge=merge,
        before=before,
        theirs=theirs,
        mine=mine,
        problem=problem if merge is Merge.UNFIT else "",
    )


def _merge(
    now: SlotSource | None, mine: Any, *, changed: bool, same: bool, problem: str
) -> Merge | None:
    if mine is None:
        return Merge.UPDATED if now and changed else None
    if now is None:
        return Merge.GONE
    if same and not now.change_required:
        return None
    if not now.editable:
        return Merge.LOCKED
    if problem:
        return Merge.UNFIT
    return Merge.BOTH if changed else Merge.KEPT
