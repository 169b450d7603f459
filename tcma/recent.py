"""What this process made lately, by what it was made of; bounded by number and by memory."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
Made = TypeVar("Made")
MB = 1 << 20


class Recent(Generic[Made]):
    """At most `most` results, which with their marks weigh at most `octets`; the longest unused makes
    room. What is heavier alone is not kept. Safe between threads.
    """

    def __init__(self, most: int, octets: int) -> None:
        self._most, self._octets = most, octets
        self._kept: OrderedDict[Hashable, tuple[Made, int]] = OrderedDict()
        self._lock = threading.Lock()
        self.octets = 0

    def get(self, mark: Hashable) -> Made | None:
        """Return what was kept under `mark`."""
        with self._lock:
            kept = self._kept.get(mark)
            if kept is None:
                return None
            self._kept.move_to_end(mark)
            return kept[0]

    def keep(self, mark: Hashable, made: Made) -> Made:
        """Keep and return `made`."""
        weighs = weight((mark, made))
        with self._lock:
            self._drop(mark)
            if weighs <= self._octets:
                self._kept[mark] = made, weighs
                self.octets += weighs
            while len(self._kept) > self._most or self.octets > self._octets:
                self._drop(next(iter(self._kept)))
        return made

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()
            self.octets = 0

    def _drop(self, mark: Hashable) -> None:
        _, weighed = self._kept.pop(mark, (None, 0))
        self.octets -= weighed


def recalled(
    *, most: int, octets: int, by: Callable[..., Hashable] | None = None
) -> Callable[[Callable[P, Made]], Callable[P, Made]]:
    """Have a function of hashable values remember what it returned lately; `.kept` is its `Recent`.

    `functools.lru_cache` for values of any size. `by` names a call by less than all it was given, such
    as a digest: what it was given is not kept then.
    """

    def named(make: Callable[P, Made]) -> Callable[P, Made]:
        kept = Recent[Made](most, octets)

        @wraps(make)
        def recall(*args: P.args, **kwargs: P.kwargs) -> Made:
            mark = by(*args, **kwargs) if by else (args, tuple(kwargs.items()))
            made = kept.get(mark)
            return kept.keep(mark, make(*args, **kwargs)) if made is None else made

        recall.kept = kept  # type: ignore[attr-defined]
        return recall

    return named


def weight(thing: object) -> int:
    """Return the octets that a value holds in memory: texts, bytes, collections, dataclasses and decoded
    pictures to the bottom, what stands in it twice once; what else there is counts for itself.
    """
    total, seen, left = 0, set[int](), [thing]
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        total += sys.getsizeof(each) + _pixels(each)
        left += _parts(each)
    return total


def _parts(thing: Any) -> list[object]:
    if isinstance(thing, Mapping):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, tuple | list | set | frozenset):
        return [*thing]
    if is_dataclass(thing) and not isinstance(thing, type):
        return [getattr(thing, each.name) for each in fields(thing)]
    return []


def _pixels(thing: Any) -> int:
    """What a picture of Pillow has decoded: it keeps four octets for each pixel in colour."""
    bands = getattr(thing, "getbands", None)
    if bands is None:
        return 0
    width, height = thing.size
    return int(width * height) * (1 if len(bands()) == 1 else 4)
