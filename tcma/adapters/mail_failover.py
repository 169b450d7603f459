"""Several relays as one: the first that answers sends; one that did not rests for a while."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tcma.errors import Unavailable
from tcma.ports import EmailSender, EmailSenders

REST_S = 30.0
"""A relay that was away is not asked first again for so long."""


@dataclass(slots=True)
class Relays:
    """Relays in the order in which they are wanted. A batch stays with the relay that took it."""

    relays: Sequence[EmailSenders]
    rest: float = REST_S
    _away_until: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, lines: int = 1) -> EmailSender:
        """Return lines to the first relay that gives any; Unavailable with what the last one said."""
        refused: Unavailable | None = None
        for number in self._order():
            try:
                opened = self.relays[number].open(lines)
            except Unavailable as error:
                refused = error
                self._note(number, time.monotonic() + self.rest)
            else:
                self._note(number, 0.0)
                return opened
        raise refused or Unavailable("No relay is configured.", code="relay.none")

    def _order(self) -> list[int]:
        """Those that rest come last: better late than never."""
        now = time.monotonic()
        with self._lock:
            resting = {n for n, until in self._away_until.items() if until > now}
        return sorted(range(len(self.relays)), key=lambda n: (n in resting, n))

    def _note(self, number: int, until: float) -> None:
        with self._lock:
            self._away_until[number] = until
