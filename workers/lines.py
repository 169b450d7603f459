"""The lines of one way to its relays, and whose turn it is on them.

The hands of a way share its lines: one is on them while the others talk to the database. So the interpreter
goes from thread to thread once for a batch and not with each packet, which cost a third of a worker.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from uuid import UUID

from tcma.delivery.rules import BATCH, INTENT
from tcma.ports import EmailSender
from workers.office import Office

LINES = 8
"""Connections of one process to the relay: as many messages are in doubt at most."""
HANDS = 2
"""Threads that share them: one talks to the relay while the other talks to the database."""
ONE_GO_S = 1.0
"""What all hands of a way have taken leaves in about this time, and one mail for each line at least:
pause bites within two, and a relay that takes seconds for a mail takes one from each line.
"""


@dataclass(slots=True)
class Lines:
    """Up to `count` lines to the relays of a way, opened when somebody sends. A batch has them all."""

    office: Office
    way: UUID | None = None
    count: int = 1
    hands: int = 1
    _pace: float = 0.0
    _sender: EmailSender | None = None
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def dial(self) -> None:
        """Open the lines unless they are; Unavailable where no relay answers."""
        if self._sender is None:
            with self._turn:
                if self._sender is None:
                    self._sender = self.office.open_lines(self.way, self.count)

    @contextmanager
    def turn(self) -> Iterator[EmailSender | None]:
        """Have the lines to oneself; None when whoever had them before hung up."""
        with self._turn:
            yield self._sender

    def ahead(self) -> AbstractContextManager[object]:
        """Have the lines before anything is taken for them, unless the hands' batches leave so soon that
        what is taken ahead waits for no more than its share of `ONE_GO_S`.
        """
        if self.pace * ONE_GO_S < self.hands * self.count:
            return self._turn
        return nullcontext()

    def hang_up(self) -> None:
        """Drop the lines; whoever sends next opens others."""
        with self._turn:
            sender, self._sender = self._sender, None
            if sender is not None:
                sender.close()

    def leave(self) -> None:
        """One hand has ended; the last one hangs up."""
        with self._turn:
            self.hands -= 1
            if not self.hands:
                self.hang_up()

    @property
    def pace(self) -> float:
        """Messages a second on all the lines."""
        return self._pace or self.office.paces[self.way] * self.count

    def went(self, count: int, seconds: float) -> None:
        """Note how long a batch was on the lines."""
        self._pace = 0.5 * self.pace + 0.5 * count / seconds
        self.office.paces[self.way] = self._pace / self.count

    def some(self, *, begins: bool) -> int:
        """How many a hand sends before it looks who else waits; of a mailing that begins here a few."""
        if begins:
            return self.count
        seconds = 2 if self._pace else 1  # others share what we cannot judge
        return self._share(BATCH, seconds)

    def at_once(self) -> int:
        """How many make a batch."""
        return self._share(INTENT, ONE_GO_S)

    def _share(self, most: int, seconds: float) -> int:
        """What a hand sends in so many seconds, up to `most` for each line; one for each line at least."""
        lines, pace = self.count / self.hands, self.pace / self.hands
        return max(self.count, min(int(most * lines), int(pace * seconds)))
