"""The sending hands of this process: take, make, send, acknowledge, without holding a row or a transaction
while on the network.

Most messages are taken by the micro-batch, claim and intent in one. What may have killed a worker, or is counted
by a rule, is claimed first and intended part by part.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TypeVar

import structlog

from tcma.db.work import Work
from tcma.delivery import claims, trouble
from tcma.delivery.actions import pause_mailing
from tcma.delivery.claims import Claimed
from tcma.delivery.rules import ALONE_FROM, MailingState
from tcma.delivery.running import Active
from tcma.errors import Conflict, Unavailable
from tcma.jobs import Job
from workers.lines import ONE_GO_S, Lines
from workers.microbatch import Answered, Taken, put_on_wire, unsent
from workers.office import LOOK_S, Office
from workers.runtime import Run

SLICE_S = 20.0
ROOM_S = 0.25
"""How long a hand waits for a destination that has had enough for now."""

log = structlog.get_logger(__name__)
T = TypeVar("T")


class NoJournalError(Exception):
    """The journal cannot be written: without it nothing is begun."""


@dataclass(slots=True)
class Hand:
    """One thread's work: it sends on the lines of a way, in turn with the other hands of it."""

    office: Office
    run: Run
    end: float
    lines: Lines
    over: Answered | None = None

    def work(self) -> None:
        """Send until nothing is due, the time slice is over, or the process stops."""
        try:
            while not self._over() and (self._next() or self._room_later()):
                pass
        finally:
            self.lines.leave()

    def _over(self) -> bool:
        return self.run.stopping() or time.monotonic() > self.end

    def _room_later(self) -> bool:
        """Wait until destinations that have had their mails of this second take more."""
        if not self.office.waits_for_room(self.lines.way):
            return False
        time.sleep(ROOM_S)
        self.office.look_again()
        return True

    def _next(self) -> bool:
        """Send some of the first mailing that has something; False when none has."""
        for active in self.office.order(self.lines.way):
            if not self._dial(active.id):
                return True
            begins = self.office.begins(active.id)
            if self._take_some(active, begins=begins) or self._claim_some(active, begins=begins):
                return True
            self.office.forget(active.id)
        return False

    def _take_some(self, active: Active, *, begins: bool) -> bool:
        """Take and send one micro-batch after the other; False when there was none to take."""
        left, came, goes_on = self.lines.some(begins=begins), False, True
        try:
            while left > 0 and goes_on and not self.run.stopping():
                with self.lines.ahead():
                    taken = self._taken(active, most=min(left, self.lines.at_once()))
                    if not taken.rows and not taken.skipped:
                        break
                    came = True
                    left -= len(taken.rows)  # the few that go first may all be nobody's to send
                    goes_on = not taken.rows or self._send(active, taken)
        except NoJournalError as full:
            self._settle()
            self._without_journal(active.id, full)
            return True
        finally:
            self._settle()
        return came

    def _taken(self, active: Active, *, most: int) -> Taken:
        """Acknowledge the batch before and take the next, in one transaction.

        The journal names it before the commit does: whoever finds it in hand knows that it was being made.
        """
        lease = self.office.lease()
        over, self.over = self.over, None

        def anew(work: Work) -> list[Claimed]:
            found = claims.within(claims.take, work, active, lease=lease, most=most)
            self._prepare([each for each in found if not each.skipped])
            return found

        def step(work: Work, take: Callable[[Work], list[Claimed]]) -> Taken:
            if over:
                over.write(work)
            found = take(work)
            rows = [each for each in found if not each.skipped]
            return self._with_material(work, active, rows, lease, skipped=len(found) - len(rows))

        try:
            with self.run.transaction() as work:
                return step(work, anew)
        except Unavailable:  # the commit's answer may be lost: the rows know
            kept = partial(claims.taken_by, lease=lease)
            return _patiently(self.run, lambda work: step(work, kept))
        except NoJournalError:  # rolled back, and with it what the batch before was answered
            self.over = over
            raise

    def _with_material(
        self, work: Work, active: Active, rows: list[Claimed], lease: int, *, skipped: int = 0
    ) -> Taken:
        material = self.office.builder.read(work.session, active.id, rows) if rows else None
        return Taken(lease, active.domain_id, time.monotonic(), rows, material, skipped)

    def _prepare(self, rows: Sequence[Claimed]) -> None:
        try:
            if rows:
                self.office.journal.preparing([each.id for each in rows])
        except OSError as error:
            raise NoJournalError(str(error)) from error

    def _without_journal(self, mailing_id: int, why: Exception) -> None:
        """No journal, no sending: nobody's attempt is used up."""
        log.warning("the journal cannot be written", reason=str(why))
        self._trouble(mailing_id)

    def _claim_some(self, active: Active, *, begins: bool) -> bool:
        """Claim what is left by a take, and send it part by part; False when nothing was to claim."""
        lease = self.office.lease()
        claimed: list[Claimed] = []
        portions = [self.lines.some(begins=True)] * begins + [self.lines.some(begins=False)]
        while portions and not claimed:  # the few that go first may all be nobody's to send
            with self.run.transaction() as work:
                claimed = claims.within(
                    claims.claim, work, active, lease=lease, most=portions.pop(0)
                )
        if claimed:
            self._send_claimed(active, claimed, lease=lease)
        return bool(claimed)

    def _send_claimed(self, active: Active, claimed: list[Claimed], *, lease: int) -> None:
        rest = sorted(claimed, key=_goes_alone)
        try:
            while rest and not self.run.stopping():
                size = self.lines.at_once()
                part = list(takewhile(lambda each: not _goes_alone(each), rest[:size])) or rest[:1]
                rest = rest[len(part) :]
                with self.lines.ahead():
                    goes_on = self._send_part(active, part, lease=lease)
                if not goes_on:
                    rest = part + rest
                    return
        finally:
            self._settle()
            if rest:
                with self.run.transaction() as work:
                    claims.release(work, [each.id for each in rest], lease=lease)

    def _dial(self, mailing_id: int) -> bool:
        """Have open lines; False where no relay answers, which the mailing then waits for."""
        try:
            self.lines.dial()
        except Unavailable as error:
            way = self.lines.way
            log.warning("relay away", reason=error.message, way=way and str(way))
            self._trouble(mailing_id)
            return False
        return True

    def _trouble(self, mailing_id: int) -> None:
        stuck = self.office.troubled(mailing_id, self.lines.way)
        with self.run.transaction() as work:
            trouble.note_trouble(work, stuck)
        for each in stuck:
            self.office.forget(each)

    def _send_part(self, active: Active, part: list[Claimed], *, lease: int) -> bool:
        """Send a part of what was claimed; False when this mailing must not go on now."""
        try:
            self._prepare(part)
        except NoJournalError as full:
            self._settle()
            self._without_journal(active.id, full)
            return False
        taken = self._intend(active, part, lease=lease)
        if not taken.rows:
            return self._goes_on(active.id, part, lease=lease)
        return self._send(active, taken)

    def _send(self, active: Active, taken: Taken) -> bool:
        """Send a micro-batch in its turn; False when this mailing must not go on now."""
        with self.lines.turn() as sender:
            begun = time.monotonic()
            if sender is None or begun - taken.at > ONE_GO_S:
                self.over = unsent(taken)  # whoever hung up or held them up has said why
                return False
            over = self.over = put_on_wire(self.office, sender, taken, stopping=self.run.stopping)
            if over.failed or over.is_cut:
                self._hang_up(active.id, over)
        self.lines.went(len(over.answers), max(time.monotonic() - begun, 1e-4))
        why = self.office.refusals(active.id, over.answers)
        if why:
            self._settle()
            self._pause(active.id, why)
        return self._judge(active.id, over)

    def _intend(self, active: Active, part: list[Claimed], *, lease: int) -> Taken:
        """Acknowledge the batch before and commit to this one, in one transaction."""
        ids = [each.id for each in part]
        over, self.over = self.over, None

        def step(work: Work, mine: Callable[..., list[int]]) -> Taken:
            if over:
                over.write(work)
            numbers = set(mine(work, ids, lease=lease))
            rows = [each for each in part if each.id in numbers]
            return self._with_material(work, active, rows, lease)

        try:
            with self.run.transaction() as work:
                return step(work, claims.intend)
        except Unavailable:  # the commit's answer may be lost: the rows know
            return _patiently(self.run, lambda work: step(work, claims.still_sending))

    def _settle(self) -> None:
        """Acknowledge what is over and was not acknowledged with the next intent."""
        over, self.over = self.over, None
        if over:
            _patiently(self.run, over.write)

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

    def _judge(self, mailing_id: int, over: Answered) -> bool:
        if over.failed or over.is_cut:
            return False
        if over.was_taken and self.office.in_trouble(mailing_id):
            with self.run.transaction() as work:
                trouble.note_health(work, mailing_id)
            self.office.look_again()
        return True

    def _hang_up(self, mailing_id: int, over: Answered) -> None:
        """Drop the lines and have the mailing wait, before anybody opens others for more of it."""
        self.lines.hang_up()
        if over.is_cut:
            self._settle()
            if not self.run.stopping():
                self._trouble(mailing_id)


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
