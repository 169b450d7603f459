"""The sending hands of this process: claim, intend, make, send, acknowledge, without holding a
lock or a transaction while on the network.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar
from uuid import UUID

import structlog

from tcma.db.work import Work
from tcma.delivery import claims, trouble
from tcma.delivery.actions import pause_mailing
from tcma.delivery.building import Broken, Material
from tcma.delivery.claims import Active, Claimed
from tcma.delivery.rules import ALONE_FROM, BATCH, INTENT, LEASE, MailingState, Reason
from tcma.errors import Conflict, Unavailable
from tcma.jobs import Job
from tcma.ports import EmailSender, Outgoing, Result, SendResult
from workers.office import LOOK_S, Office, Page
from workers.runtime import Run

LINES = 8
"""Connections of one process to the relay: as many messages are in doubt at most."""
HANDS = 2
"""Threads that share them: one talks to the relay while the other talks to the database."""
SLICE_S = 20.0
ONE_GO_S = 1.0
"""A micro-batch is as large as a hand sends in about this time, and one mail for each line at least:
pause bites within two, and a relay that takes seconds for a mail takes one from each line.
"""
ROOM_S = 0.25
"""How long a hand waits for a destination that has had enough for now."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(slots=True)
class Answered:
    """A micro-batch that is over, not yet written into its rows."""

    answers: list[SendResult]
    broken: list[Broken]
    later: dict[int, int]

    def write(self, work: Work, *, lease: int, domain_id: UUID | None) -> None:
        """Acknowledge it: fenced by the lease, so that twice is as good as once."""
        for each in self.broken:
            claims.fail(work, [each.id], lease=lease, reason=Reason.RENDER, words=each.why)
        claims.acknowledge(work, self.answers, self.later, lease=lease, domain_id=domain_id)


@dataclass(slots=True)
class Hand:
    """One thread's work: some lines to the relays of one way, and what it sends on them."""

    office: Office
    run: Run
    end: float
    lines: int = 1
    way: UUID | None = None
    sender: EmailSender | None = None
    pace: float = 0.0
    over: Answered | None = None
    domain_id: UUID | None = None
    """Whose pace the claimed mailing keeps."""

    def work(self) -> None:
        """Send until nothing is due, the time slice is over, or the process stops."""
        try:
            while not self._over() and (self._next() or self._room_later()):
                pass
        finally:
            self._hang_up()

    def _over(self) -> bool:
        return self.run.stopping() or time.monotonic() > self.end

    def _room_later(self) -> bool:
        """Wait until destinations that have had their mails of this second take more."""
        if not self.office.waits_for_room(self.way):
            return False
        time.sleep(ROOM_S)
        self.office.look_again()
        return True

    def _next(self) -> bool:
        """Claim from the first mailing that has something; False when none has."""
        for active in self.office.order(self.way):
            lease = self.office.lease()
            claimed = self._claimed(active, lease=lease)
            if claimed:
                self.domain_id = active.domain_id
                self._send_all(active.id, claimed, lease=lease)
                return True
            self.office.forget(active.id)
        return False

    def _claimed(self, active: Active, *, lease: int) -> list[Claimed]:
        """Claim what a hand sends in a while, of a mailing that begins here a few before that."""
        some = int(self._pace() * (2 if self.pace else 1))  # others share what we cannot judge
        most = max(self.lines, min(BATCH * self.lines, some))
        portions = [self.lines, most] if self.office.begins(active.id) else [most]
        claimed: list[Claimed] = []
        while portions and not claimed:  # the few may all be nobody's to send
            with self.run.transaction() as work:
                claimed = claims.claim_within(work, active, lease=lease, most=portions.pop(0))
        return claimed

    def _pace(self) -> float:
        return self.pace or self.office.paces[self.way] * self.lines

    def _send_all(self, mailing_id: int, claimed: list[Claimed], *, lease: int) -> None:
        rest = sorted(claimed, key=_goes_alone)
        try:
            if not self._dial(mailing_id):
                return
            while rest and not self.run.stopping():
                size = max(self.lines, min(INTENT * self.lines, int(self._pace() * ONE_GO_S)))
                part = list(takewhile(lambda each: not _goes_alone(each), rest[:size])) or rest[:1]
                rest = rest[len(part) :]
                if not self._send_part(mailing_id, part, lease=lease):
                    rest = part + rest
                    return
        finally:
            self._settle(lease=lease)
            if rest:
                with self.run.transaction() as work:
                    claims.release(work, [each.id for each in rest], lease=lease)

    def _dial(self, mailing_id: int) -> bool:
        if self.sender is not None:
            return True
        try:
            self.sender = self.office.open_lines(self.way, self.lines)
        except Unavailable as error:
            log.warning("relay away", reason=error.message, way=self.way and str(self.way))
            self._trouble(mailing_id)
            return False
        return True

    def _trouble(self, mailing_id: int) -> None:
        stuck = self.office.troubled(mailing_id, self.way)
        with self.run.transaction() as work:
            trouble.note_trouble(work, stuck)
        for each in stuck:
            self.office.forget(each)

    def _send_part(self, mailing_id: int, part: list[Claimed], *, lease: int) -> bool:
        """Send a micro-batch; False when this mailing must not go on now."""
        try:
            self.office.journal.preparing([each.id for each in part])
        except OSError as error:  # no journal, no sending: nobody's attempt is used up
            log.warning("the journal cannot be written", reason=str(error))
            self._settle(lease=lease)
            self._trouble(mailing_id)
            return False
        intended, material = self._intend(mailing_id, part, lease=lease)
        if not intended or material is None:
            return self._goes_on(mailing_id, part, lease=lease)
        begun = time.monotonic()
        over = self._on_the_wire(intended, material, lease=lease)
        took = max(time.monotonic() - begun, 1e-4)
        self.pace = 0.5 * self._pace() + 0.5 * len(over.answers) / took
        self.office.paces[self.way] = self.pace / self.lines
        self.over = over
        why = self.office.refusals(mailing_id, over.answers)
        if why:
            self._settle(lease=lease)
            self._pause(mailing_id, why)
        return self._judge(mailing_id, over.answers, lease=lease)

    def _intend(
        self, mailing_id: int, part: list[Claimed], *, lease: int
    ) -> tuple[list[Claimed], Material | None]:
        """Acknowledge the batch before and commit to this one, in one transaction."""
        ids = [each.id for each in part]
        over, self.over = self.over, None

        def step(
            work: Work, mine: Callable[..., list[int]]
        ) -> tuple[list[Claimed], Material | None]:
            if over:
                over.write(work, lease=lease, domain_id=self.domain_id)
            numbers = set(mine(work, ids, lease=lease))
            rows = [each for each in part if each.id in numbers]
            if not rows:
                return [], None
            return rows, self.office.builder.read(work.session, mailing_id, rows)

        try:
            with self.run.transaction() as work:
                return step(work, claims.intend)
        except Unavailable:  # the commit's answer may be lost: the rows know
            return _patiently(self.run, lambda work: step(work, claims.still_sending))

    def _settle(self, *, lease: int) -> None:
        """Acknowledge what is over and was not acknowledged with the next intent."""
        over, self.over = self.over, None
        if over:
            _patiently(
                self.run, lambda work: over.write(work, lease=lease, domain_id=self.domain_id)
            )

    def _pause(self, mailing_id: int, why: str) -> None:
        try:
            with self.run.transaction() as work:
                pause_mailing(work, mailing_id, reason=why)
                work.wake(Job.LAUNCH_SETTLE, mailing_id=mailing_id)
        except Conflict:
            log.info("paused meanwhile", mailing_id=mailing_id)

    def _goes_on(self, mailing_id: int, part: list[Claimed], *, lease: int) -> bool:
        """False when the intent was denied to `part`, which is then free again: the mailing
        stopped or another hand has just left the relay alone.
        """
        with self.run.transaction() as work:
            freed = claims.release(work, [each.id for each in part], lease=lease)
            runs = claims.mailing_state(work, mailing_id) == MailingState.RUNNING
        if freed or not runs:
            self.office.forget(mailing_id)
        return runs and not freed

    def _on_the_wire(
        self, intended: Sequence[Claimed], material: Material, *, lease: int
    ) -> Answered:
        half = time.monotonic() + LEASE.total_seconds() / 2
        ids = frozenset(each.id for each in intended)
        page = Page(self.office, lease, ids, half, self.run.stopping)
        broken: list[Broken] = []
        answers: dict[int, SendResult] = {}
        sender = self.sender
        if sender is not None:
            try:
                for answer in sender.send(self._made(intended, material, broken), page):
                    answers[answer.id] = answer
            except Exception:
                log.exception("lines failed")
                self._hang_up()
        unmade = {each.id for each in broken}
        for number in ids - answers.keys() - unmade:
            known = Result.UNCERTAIN if number in page.begun_ids else Result.UNSENT
            answers[number] = SendResult(number, known)
        later = {each.id: each.later for each in intended}
        return Answered(list(answers.values()), broken, later)

    def _made(
        self, intended: Sequence[Claimed], material: Material, broken: list[Broken]
    ) -> Iterator[Outgoing]:
        """Make each message when a line has room for it."""
        now = self.run.services.clock.now()
        for each in self.office.builder.make(material, intended, now=now):
            if isinstance(each, Broken):
                broken.append(each)
            else:
                yield each

    def _judge(self, mailing_id: int, answers: list[SendResult], *, lease: int) -> bool:
        results = {each.result for each in answers}
        if results & {Result.UNSENT, Result.UNCERTAIN}:
            self._settle(lease=lease)
            self._hang_up()
            if not self.run.stopping():
                self._trouble(mailing_id)
            return False
        if Result.SENT in results and self.office.in_trouble(mailing_id):
            with self.run.transaction() as work:
                trouble.note_health(work, mailing_id)
            self.office.look_again()
        return True

    def _hang_up(self) -> None:
        if self.sender is not None:
            self.sender.close()
            self.sender = None


def _goes_alone(each: Claimed) -> bool:
    return each.attempt >= ALONE_FROM


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
