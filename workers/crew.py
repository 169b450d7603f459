"""Who sends in one time slice: hands for the installation's relays, and one for each sender with relays
of its own, so that a relay that is slow or dead holds back nobody's mail but its sender's.
"""

import contextlib
import math
import os
import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from tcma.delivery import running, trouble
from tcma.delivery.rules import INTENT
from tcma.errors import Unavailable
from tcma.jobs import Job
from workers.hand import ROOM_S, SLICE_S, Hand
from workers.lines import HANDS, LINES, ONE_GO_S, Lines
from workers.office import Office
from workers.runtime import Run

OWN_LINES = 4
"""Connections of one process to a sender's own relay: small providers let no more in at once."""
MOST_OWN = 6
"""Senders with relays of their own that one process sends for at a time; the others wait their turn."""
PROCESSORS = (
    len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
)
FIRST_CALL_S, CALLS_S = 0.05, 2.0
"""When a slice that has more to send than its lines send in one go calls for the first time, seconds; then after
twice that, until nobody has come for so long.
"""
LATE_S = 240.0
"""How long after a slice hands still begin while another is held up by its relay, seconds."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Crew:
    """The hands of a slice, by way."""

    office: Office
    run: Run
    end: float = field(default_factory=lambda: time.monotonic() + SLICE_S)
    _threads: dict[UUID | None, list[threading.Thread]] = field(default_factory=dict)
    _failures: list[Exception] = field(default_factory=list)
    _call_again: float = math.inf
    failed: bool = False
    """Whether a hand ended in the middle: what it held is in the journal."""

    def work(self) -> None:
        """Send by every way until nothing is due or the slice is over.

        Somebody who comes meanwhile gets a hand within the next look; while one hand is held up by
        its relay, the others go on beyond the slice. Raises what ended a hand of the installation's.
        """
        try:
            self._staff()
            while busy := self._busy():
                busy[0].join(min(ROOM_S, self._call_again))
                late = self.run.stopping() or time.monotonic() > self.end + LATE_S
                if self._busy() and not late:
                    self._staff()
                    self._call()
        finally:
            for thread in self._busy():
                thread.join()
        if self._failures:
            raise self._failures[0]

    def _busy(self) -> list[threading.Thread]:
        """The hands at work; a way without any is free to get one."""
        self._threads = {
            way: alive
            for way, threads in self._threads.items()
            if (alive := [each for each in threads if each.is_alive()])
        }
        return [each for threads in self._threads.values() for each in threads]

    def _staff(self) -> None:
        ways = self.office.ways()
        turn = int(time.monotonic() / SLICE_S) % max(1, len(ways))
        for way in ways[turn:] + ways[:turn]:  # where there are too many, each is the first once
            own = sum(each is not None for each in self._threads)
            if way not in self._threads and (way is None or own < MOST_OWN):
                self._threads[way] = self._begin(way)

    def _begin(self, way: UUID | None) -> list[threading.Thread]:
        """As many lines as have something to do for a while, shared by the hands."""
        most, hands = (LINES, HANDS) if way is None else (OWN_LINES, 1)
        each = max(1, min(INTENT, int(self.office.paces[way] * ONE_GO_S)))
        ids = [active.id for active in self.office.order(way)]
        with self.run.transaction() as work:
            due = running.due_up_to(work, ids, most * each)
        if way is None and due == most * each:
            self._call_again = FIRST_CALL_S
        count = max(1, min(most, -(-due // each)))
        lines = Lines(self.office, way, count=count, hands=min(hands, count))
        end = max(self.end, time.monotonic() + ONE_GO_S)
        threads = []
        for n in range(lines.hands):
            hand = Hand(self.office, self.run, end, lines)
            name = f"hand-{n}" if way is None else f"hand-{str(way)[-12:]}"
            threads.append(
                threading.Thread(target=self._work, args=(hand,), name=name, daemon=True)
            )
        for thread in threads:
            thread.start()
        return threads

    def _call(self) -> None:
        """Ring for another process where there is more than ours sends at once, until there are as many as
        processors: more are in each other's way where the relay is quick, and where it is slow the sweep
        brings them. A bell wakes one process of all, often one that is at work.
        """
        if self._call_again > CALLS_S:
            return
        with self.run.transaction() as work:
            if 1 + running.others_sending(work, self.office.worker) < PROCESSORS:
                work.wake(Job.MAILING_SEND)
                self._call_again *= 2
            else:
                self._call_again = math.inf

    def _work(self, hand: Hand) -> None:
        """A hand that fails leaves its leases to run out; the others go on."""
        way = hand.lines.way
        try:
            hand.work()
        except Exception as error:
            self.failed = True
            log.exception("hand failed", way=way and str(way))
            if way is None:
                self._failures.append(error)
            else:
                self._rest(way)

    def _rest(self, way: UUID) -> None:
        with contextlib.suppress(Unavailable), self.run.transaction() as work:
            trouble.note_trouble(work, [each.id for each in self.office.order(way)])
