"""The sending lines of this process: claim, make, intend, send, acknowledge, without holding a
lock or a transaction while on the network.
"""

import itertools
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from tcma.adapters.journal import FileJournal
from tcma.db.work import Work
from tcma.delivery import claims
from tcma.delivery.actions import pause_mailing
from tcma.delivery.building import Broken, Builder, Material
from tcma.delivery.claims import Active, Claimed
from tcma.delivery.links import Links
from tcma.delivery.rules import (
    BATCH,
    INTENT,
    LEASE,
    PAUSE_WINDOW,
    MailingState,
    Reason,
    should_pause,
)
from tcma.errors import Conflict, Unavailable
from tcma.jobs import Job
from tcma.ports import EmailSender, Halt, Outgoing, Result, SendResult
from workers.runtime import Run

LINES = 8
SLICE_S = 20.0
LOOK_S = 0.5
ONE_GO_S = 1.0
"""A micro-batch is as large as a line sends in about this time: pause bites within two."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Office:
    """What the lines of one process share: journal, worker number, leases, what is active."""

    run: Run
    journal: FileJournal
    worker: int
    builder: Builder
    window: dict[int, deque[bool]] = field(default_factory=dict)
    _active: list[Active] = field(default_factory=list)
    _looked: float = float("-inf")
    _turn: int = 0
    _counter: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lease(self) -> int:
        """Return a lease nobody else has."""
        return self.worker << 32 | next(self._counter)

    def mailings(self) -> list[Active]:
        """Return the active mailings, looked up anew every half second."""
        with self._lock:
            if time.monotonic() - self._looked > LOOK_S:
                with self.run.transaction() as work:
                    self._active = claims.active_mailings(work)
                self._looked = time.monotonic()
            return list(self._active)

    def look_again(self) -> None:
        """Forget what was active: the next order is from the rows."""
        with self._lock:
            self._looked = float("-inf")

    def order(self) -> list[int]:
        """Return mailings to try: the most urgent first, round robin among equals."""
        active = self.mailings()
        with self._lock:
            self._turn += 1
            turn = self._turn
        tried = []
        for _, group in itertools.groupby(active, key=lambda each: each.priority):
            equals = [each.id for each in group]
            start = turn % len(equals)
            tried += equals[start:] + equals[:start]
        return tried

    def in_trouble(self, mailing_id: int) -> bool:
        """Say whether the relay refused this mailing the last time."""
        with self._lock:
            return any(each.id == mailing_id and each.trouble for each in self._active)

    def forget(self, mailing_id: int) -> None:
        """Take a mailing off the list until the next look."""
        with self._lock:
            self._active = [each for each in self._active if each.id != mailing_id]

    def refusals(self, mailing_id: int, answers: Sequence[SendResult]) -> str | None:
        """Count refusals in the last answers of a mailing; return why it must pause, if it must."""
        with self._lock:
            window = self.window.setdefault(mailing_id, deque(maxlen=PAUSE_WINDOW))
            window.extend(
                each.result is Result.REFUSED
                for each in answers
                if each.result in (Result.REFUSED, Result.SENT)
            )
            refused, seen = sum(window), len(window)
            if not should_pause(refused, seen):
                return None
            window.clear()
        return (
            f"We paused after {refused} of {seen} mails came back. That is too many for an honest "
            f"list. Look at the {refused}, then go on or cancel the rest"
        )


def open_office(run: Run) -> Office:
    """Lock a journal, then register this process; in this order a lease always has a journal."""
    services = run.services
    journal = FileJournal(services.journals)
    with run.transaction() as work:
        worker = claims.register_worker(
            work, host=socket.gethostname(), pid=os.getpid(), journal=journal.name
        )
    links = Links(signer=services.site.signer, public_url=services.site.public_url)
    return Office(run, journal, worker, Builder(files=services.files, links=links))


@dataclass(slots=True)
class _Batch:
    """The journal as a line sees it: knows what it began, refuses to begin when it must stop."""

    office: Office
    lease: int
    ids: frozenset[int]
    until: float
    stopping: Callable[[], bool]
    begun_ids: set[int] = field(default_factory=set)

    def begun(self, ids: Sequence[int]) -> None:
        """Write it down; Halt when the process ends or the lease was lost in a long sleep."""
        if self.stopping():
            raise Halt("the worker stops")
        if time.monotonic() > self.until:
            self._assert_again(ids)
        self.office.journal.begun(ids)
        self.begun_ids.update(ids)

    def answered(self, ids: Sequence[int]) -> None:
        """Write it down."""
        self.office.journal.answered(ids)

    def _assert_again(self, ids: Sequence[int]) -> None:
        with self.office.run.transaction() as work:
            held = claims.still_sending(work, list(self.ids - self.begun_ids), lease=self.lease)
        if not set(ids) <= set(held):
            raise Halt("the lease was lost")
        self.until = time.monotonic() + LEASE.total_seconds() / 2


@dataclass(slots=True)
class Line:
    """One thread's work: a connection and what it sends."""

    office: Office
    run: Run
    end: float
    sender: EmailSender | None = None
    pace: float = 4.0

    def work(self) -> None:
        """Send until nothing is due, the time slice is over, or the process stops."""
        try:
            while not self._over() and self._next():
                pass
        finally:
            self._hang_up()

    def _over(self) -> bool:
        return self.run.stopping() or time.monotonic() > self.end

    def _next(self) -> bool:
        """Claim from the first mailing that has something; False when none has."""
        for mailing_id in self.office.order():
            lease = self.office.lease()
            most = max(INTENT, min(BATCH, int(self.pace * 2)))
            with self.run.transaction() as work:
                claimed = claims.claim(work, mailing_id, lease=lease, most=most)
            if claimed:
                self._send_all(mailing_id, claimed, lease=lease)
                return True
            self.office.forget(mailing_id)
        return False

    def _send_all(self, mailing_id: int, claimed: list[Claimed], *, lease: int) -> None:
        rest = claimed
        try:
            if not self._dial(mailing_id):
                return
            while rest and not self.run.stopping():
                size = max(1, min(INTENT, int(self.pace * ONE_GO_S)))
                part, rest = rest[:size], rest[size:]
                if not self._send_part(mailing_id, part, lease=lease):
                    rest = part + rest
                    return
        finally:
            if rest:
                with self.run.transaction() as work:
                    claims.release(work, [each.id for each in rest], lease=lease)

    def _dial(self, mailing_id: int) -> bool:
        if self.sender is not None:
            return True
        try:
            self.sender = self.run.services.relay.open()
        except Unavailable as error:
            log.warning("relay away", reason=error.message)
            self._trouble(mailing_id)
            return False
        return True

    def _trouble(self, mailing_id: int) -> None:
        with self.run.transaction() as work:
            claims.note_trouble(work, [mailing_id])
        self.office.forget(mailing_id)

    def _send_part(self, mailing_id: int, part: list[Claimed], *, lease: int) -> bool:
        """Send a micro-batch; False when this mailing must not go on now."""
        self.office.journal.preparing([each.id for each in part])
        intended, material = self._intend(mailing_id, part, lease=lease)
        if not intended or material is None:
            return self._still_runs(mailing_id)
        made = self.office.builder.make(material, intended, now=self.run.services.clock.now())
        outgoing = [each for each in made if isinstance(each, Outgoing)]
        broken = [each for each in made if isinstance(each, Broken)]
        if broken:
            _patiently(self.run, lambda work: _give_up(work, broken, lease=lease))
        attempts = {each.id: each.attempt for each in part}
        begun = time.monotonic()
        answers = self._on_the_wire(outgoing, lease=lease)
        took = max(time.monotonic() - begun, 1e-4)
        self.pace = 0.5 * self.pace + 0.5 * len(answers) / took
        self._acknowledge(mailing_id, answers, attempts, lease=lease)
        return self._judge(mailing_id, answers)

    def _intend(
        self, mailing_id: int, part: list[Claimed], *, lease: int
    ) -> tuple[list[Claimed], Material | None]:
        ids = [each.id for each in part]

        def read(work: Work, numbers: list[int]) -> tuple[list[Claimed], Material | None]:
            rows = [each for each in part if each.id in numbers]
            if not rows:
                return [], None
            return rows, self.office.builder.read(work.session, mailing_id, rows)

        try:
            with self.run.transaction() as work:
                return read(work, claims.intend(work, ids, lease=lease))
        except Unavailable:  # the commit's answer may be lost: the rows know
            return _patiently(
                self.run, lambda work: read(work, claims.still_sending(work, ids, lease=lease))
            )

    def _still_runs(self, mailing_id: int) -> bool:
        with self.run.transaction() as work:
            runs = claims.mailing_state(work, mailing_id) == MailingState.RUNNING
        if not runs:
            self.office.forget(mailing_id)
        return runs

    def _on_the_wire(self, batch: list[Outgoing], *, lease: int) -> list[SendResult]:
        half = time.monotonic() + LEASE.total_seconds() / 2
        ids = frozenset(each.id for each in batch)
        journal = _Batch(self.office, lease, ids, half, self.run.stopping)
        answers: dict[int, SendResult] = {}
        sender = self.sender
        if sender is not None:
            try:
                for answer in sender.send(batch, journal):
                    answers[answer.id] = answer
            except Exception:
                log.exception("line failed")
                self._hang_up()
        for each in batch:
            if each.id not in answers:
                known = Result.UNCERTAIN if each.id in journal.begun_ids else Result.UNSENT
                answers[each.id] = SendResult(each.id, known)
        return list(answers.values())

    def _acknowledge(
        self, mailing_id: int, answers: list[SendResult], attempts: dict[int, int], *, lease: int
    ) -> None:
        _patiently(self.run, lambda work: claims.acknowledge(work, answers, attempts, lease=lease))
        why = self.office.refusals(mailing_id, answers)
        if why:
            try:
                with self.run.transaction() as work:
                    pause_mailing(work, mailing_id, reason=why)
                    work.wake(Job.LAUNCH_SETTLE, mailing_id=mailing_id)
            except Conflict:
                log.info("paused meanwhile", mailing_id=mailing_id)

    def _judge(self, mailing_id: int, answers: list[SendResult]) -> bool:
        results = {each.result for each in answers}
        if results & {Result.UNSENT, Result.UNCERTAIN}:
            self._hang_up()
            if not self.run.stopping():
                self._trouble(mailing_id)
            return False
        if Result.SENT in results and self.office.in_trouble(mailing_id):
            with self.run.transaction() as work:
                claims.note_health(work, mailing_id)
            self.office.look_again()
        return True

    def _hang_up(self) -> None:
        if self.sender is not None:
            self.sender.close()
            self.sender = None


def _give_up(work: Work, broken: Sequence[Broken], *, lease: int) -> None:
    for each in broken:
        claims.fail(work, [each.id], lease=lease, reason=Reason.RENDER, words=each.why)


def _patiently(run: Run, step: Callable[[Work], T]) -> T:
    """Repeat one transaction until the database answers, or the process must end."""
    while True:
        try:
            with run.transaction() as work:
                return step(work)
        except Unavailable:
            if run.stopping():
                raise
            log.warning("database away, answers are kept in the journal")
            time.sleep(LOOK_S)
