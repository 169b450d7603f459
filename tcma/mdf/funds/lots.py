"""First in, first out: which of the money that came in is spent, and which ran out of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Lot:
    """Money that came in together, in minor units, and the last day it may be planned with."""

    minor: int
    last: date


def expired(lots: Sequence[Lot], left: int, still: Callable[[date], bool]) -> int:
    """Return what of `left` is over, the oldest money having been spent first.

    `still` says whether a last day has not passed. Money that came back from a closed plan is the
    youngest of its lots: what was set aside first is not lost for having waited.
    """
    gone, young = 0, left
    for lot in reversed(lots):
        part = min(lot.minor, young)
        young -= part
        if not still(lot.last):
            gone += part
    return gone
