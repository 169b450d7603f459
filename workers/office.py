"""What the sending hands of one process share: journal, worker number, leases, which mailing next,
and the relays of senders that have their own.

A *way* is whose relays carry a mailing: None for the installation's, else the domain with its own.
Pace, rest and trouble are kept for each way, so none waits for another's relay.
"""

import itertools
import os
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog

from tcma.adapters.journal import FileJournal
from tcma.adapters.mail_failover import Relays
from tcma.delivery import claims, running
from tcma.delivery.building import Builder
from tcma.delivery.links import Links
from tcma.delivery.rules import PAUSE_WINDOW, refusals_words, should_pause
from tcma.delivery.running import Active
from tcma.errors import Unavailable
from tcma.ports import EmailSender, Result, SendResult
from tcma.senders import relays
from tcma.senders.relay_rules import OwnRelays
from workers.runtime import Run

LOOK_S = 0.5
FIRST_PACE = 4.0
"""Messages a second that a line is taken for until it has been measured."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class OwnWay:
    """A sender's own relays as this process knows them, with what is written of each already."""

    kept: OwnRelays
    relays: Relays
    noted: dict[UUID, str]


@dataclass(slots=True)
class Office:
    """What the lines of one process share: journal, worker number, leases, what is active."""

    run: Run
    journal: FileJournal
    worker: int
    builder: Builder
    window: dict[int, tuple[datetime | None, deque[bool]]] = field(default_factory=dict)
    """By mailing since when its answers are counted, and whether each of the last was a refusal."""
    paces: defaultdict[UUID | None, float] = field(
        default_factory=lambda: defaultdict(lambda: FIRST_PACE)
    )
    """Messages a second that a line of ours sent the last time, by way."""
    _active: list[Active] = field(default_factory=list)
    _resumed: dict[int, datetime | None] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)
    _waits: frozenset[UUID | None] = frozenset()
    _own_ways: dict[UUID, OwnWay] = field(default_factory=dict)
    _looked: float = float("-inf")
    _turn: int = 0
    _counter: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lease(self) -> int:
        """Return a lease nobody else has."""
        return self.worker << 32 | next(self._counter)

    def mailings(self) -> list[Active]:
        """Return the active mailings, looked up anew every half second by one hand: meanwhile the
        others go on by what was known.
        """
        with self._lock:
            looks = time.monotonic() - self._looked > LOOK_S
            if looks:
                self._looked = time.monotonic()
        if looks:
            with self.run.transaction() as work:
                active = running.active_mailings(work)
            with self._lock:
                self._active = active
                self._begun &= {each.id for each in active}
                self._resumed |= {each.id: each.resumed_at for each in active}
                self._waits = frozenset(each.way for each in active if each.lanes)
        with self._lock:
            return list(self._active)

    def look_again(self) -> None:
        """Forget what was active: the next order is from the rows."""
        with self._lock:
            self._looked = float("-inf")

    def waits_for_room(self, way: UUID | None) -> bool:
        """Say whether the last look found mail for destinations that get only so much a second."""
        with self._lock:
            return way in self._waits

    def ways(self) -> list[UUID | None]:
        """Return the ways by which mail is due, the most urgent first."""
        return list(dict.fromkeys(each.way for each in self.mailings()))

    def order(self, way: UUID | None) -> list[Active]:
        """Return mailings of one way to try: the most urgent first, round robin among equals that begins
        with those nothing was claimed of here: whoever launches beside hundreds has a first mail soon.
        """
        active = [each for each in self.mailings() if each.way == way]
        with self._lock:
            self._turn += 1
            turn = self._turn
            begun = set(self._begun)
        tried = []
        for _, group in itertools.groupby(active, key=lambda each: each.priority):
            equals = list(group)
            start = turn % len(equals)
            equals = equals[start:] + equals[:start]
            tried += sorted(equals, key=lambda each: each.id in begun)
        return tried

    def begins(self, mailing_id: int) -> bool:
        """Say whether a mailing begins here, and note that it has: a few of it go before more of others."""
        with self._lock:
            begins = mailing_id not in self._begun
            self._begun.add(mailing_id)
            return begins

    def in_trouble(self, mailing_id: int) -> bool:
        """Say whether the relay refused this mailing the last time."""
        with self._lock:
            return any(each.id == mailing_id and each.trouble for each in self._active)

    def open_lines(self, way: UUID | None, count: int) -> EmailSender:
        """Open lines to whose relays they are; Unavailable when none of them answers.

        What a sender's own relays answered is written down where it is news.
        """
        if way is None:
            return self.run.services.relay.open(count)
        own = self._own_way(way)
        try:
            return own.relays.open(count)
        finally:
            self._write_news(own)

    def troubled(self, mailing_id: int, way: UUID | None) -> list[int]:
        """Return the mailings that wait when lines broke under one: with relays of its own all of
        the sender's, so that a dead relay is not tried once for each.
        """
        with self._lock:
            mine = [e.id for e in self._active if way is not None and e.way == way]
        return list({mailing_id, *mine})

    def _own_way(self, way: UUID) -> OwnWay:
        with self.run.transaction() as work:
            kept = relays.set_of(work, way)
        with self._lock:
            known = self._own_ways.get(way)
            if known is None or known.kept != kept:
                made = self.run.services.own_relays(kept)
                away = {each.id: "away" for each in kept.relays if each.is_away}
                known = self._own_ways[way] = OwnWay(kept, made, away)
        return known

    def _write_news(self, own: OwnWay) -> None:
        """Write what relays answered, when it is not what stands there already."""
        heard = own.relays.heard()
        said = {each.id: heard[n] for n, each in enumerate(own.kept.relays) if n in heard}
        news = {
            number: error
            for number, error in said.items()
            if (error is None) != (number not in own.noted)
        }
        if not news:
            return
        try:
            with self.run.transaction() as work:
                relays.note(work, news)
        except Unavailable:
            return  # it is news the next time as well
        for number, error in news.items():
            if error is None:
                own.noted.pop(number, None)
            else:
                own.noted[number] = error.code

    def forget(self, mailing_id: int) -> None:
        """Take a mailing off the list until the next look."""
        with self._lock:
            self._active = [each for each in self._active if each.id != mailing_id]

    def refusals(self, mailing_id: int, answers: Sequence[SendResult]) -> str | None:
        """Count refusals in the last answers of a mailing; return why it must pause, if it must.

        What was on its way when it paused is not counted again after somebody let it go on.
        """
        with self._lock:
            since, window = self.window.get(mailing_id, (None, deque(maxlen=PAUSE_WINDOW)))
            if since != (resumed := self._resumed.get(mailing_id)):
                since, window = resumed, deque(maxlen=PAUSE_WINDOW)
            self.window[mailing_id] = since, window
            window.extend(
                each.result is Result.REFUSED
                for each in answers
                if each.result in (Result.REFUSED, Result.SENT)
            )
            refused, seen = sum(window), len(window)
            if not should_pause(refused, seen):
                return None
            window.clear()
        return refusals_words(refused, seen)


def open_office(run: Run) -> Office:
    """Lock a journal, then register this process; in this order a lease always has a journal."""
    services = run.services
    journal = FileJournal(services.journals)
    with run.transaction() as work:
        worker = claims.register_worker(
            work, host=socket.gethostname(), pid=os.getpid(), journal=journal.name
        )
    links = Links.of(services.site)
    return Office(run, journal, worker, Builder(files=services.files, links=links))
