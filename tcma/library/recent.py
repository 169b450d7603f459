"""What this process made lately, by what it was made of or its hash."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Recent(Generic[Made]):
    """At most `most` results; the longest unused one makes room. Safe between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, mark: Hashable) -> Made | None:
        """Return what was kept under `mark`."""
        with self._lock:
            made = self._kept.get(mark)
            if made is not None:
                self._kept.move_to_end(mark)
            return made

    def keep(self, mark: Hashable, made: Made) -> Made:
        """Keep and return `made`."""
        with self._lock:
            self._kept[mark] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
