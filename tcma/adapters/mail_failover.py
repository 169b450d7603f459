"""Several relays as one: the first that answers sends; one that did not rests for a while."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tcma.errors import Unavailable
from tcma.ports import EmailSender, EmailSenders, Journal, Outgoing, Result, SendResult

REST_S = 30.0
"""A relay that was away is not asked first again for so long."""
BROKE = (Result.UNSENT, Result.UNCERTAIN)
"""What a message gets when its relay stopped taking mail in the middle."""


@dataclass(slots=True)
class Relays:
    """Relays in the order in which they are wanted. A batch stays with the relay that took it; a
    relay that lets mail lie rests like one that was away, so that the next batch goes by another.
    """

    relays: Sequence[EmailSenders]
    rest: float = REST_S
    _away_until: dict[int, float] = field(default_factory=dict)
    _heard: dict[int, Unavailable | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, lines: int = 1) -> EmailSender:
        """Return lines to the first relay that gives any; Unavailable with what the last one said."""
        refused: Unavailable | None = None
        for number in self._order():
            try:
                opened = self.relays[number].open(lines)
            except Unavailable as error:
                refused = error
                self._note(number, time.monotonic() + self.rest, error)
            else:
                self._note(number, 0.0, None)
                return _Watched(opened, self, number)
        raise refused or Unavailable("No relay is configured.", code="relay.none")

    def heard(self) -> Mapping[int, Unavailable | None]:
        """Return what each relay that was asked answered the last time, by its place: None is well."""
        with self._lock:
            return dict(self._heard)

    def broke(self, number: int) -> None:
        """Let a relay rest that opened lines and then took no mail on them."""
        with self._lock:
            self._away_until[number] = time.monotonic() + self.rest

    def _order(self) -> list[int]:
        """Those that rest come last: better late than never."""
        now = time.monotonic()
        with self._lock:
            resting = {n for n, until in self._away_until.items() if until > now}
        return sorted(range(len(self.relays)), key=lambda n: (n in resting, n))

    def _note(self, number: int, until: float, said: Unavailable | None) -> None:
        with self._lock:
            self._away_until[number] = until
            self._heard[number] = said


@dataclass(slots=True)
class _Watched:
    """Lines to one relay of several, which tell when it breaks."""

    lines: EmailSender
    among: Relays
    number: int

    def send(self, batch: Iterable[Outgoing], journal: Journal) -> Iterator[SendResult]:
        """Deliver as the lines do."""
        for answer in self.lines.send(batch, journal):
            if answer.result in BROKE:
                self.among.broke(self.number)
            yield answer

    def close(self) -> None:
        """Say goodbye and drop the lines."""
        self.lines.close()
