"""A micro-batch: taken, on the wire, answered."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from tcma.db.work import Work
from tcma.delivery import claims
from tcma.delivery.building import Broken, Material
from tcma.delivery.claims import Claimed
from tcma.delivery.rules import LEASE, Reason
from tcma.ports import EmailSender, Halt, Outgoing, Result, SendResult
from workers.office import Office

NO_ANSWER = (Result.UNSENT, Result.UNCERTAIN)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Taken:
    """What may go on the wire, its intent committed: the messages of one lease and what they are made of, and
    how many were skipped instead. `domain_id` is whose pace their mailing keeps; `at` is when, by the
    monotonic clock.
    """

    lease: int
    domain_id: UUID | None
    at: float
    rows: Sequence[Claimed] = ()
    material: Material | None = None
    skipped: int = 0


@dataclass(slots=True)
class Answered:
    """What is over and not yet written into its rows; `failed` when the lines did, with no answer of theirs."""

    taken: Taken
    answers: Sequence[SendResult]
    broken: Sequence[Broken] = ()
    failed: bool = False

    @property
    def is_cut(self) -> bool:
        """Say whether a message has no answer: its line has broken, or was told to stop."""
        return any(each.result in NO_ANSWER for each in self.answers)

    @property
    def was_taken(self) -> bool:
        """Say whether the relay took any of it."""
        return any(each.result is Result.SENT for each in self.answers)

    def write(self, work: Work) -> None:
        """Acknowledge it: fenced by the lease, so that twice is as good as once."""
        lease, domain_id = self.taken.lease, self.taken.domain_id
        for each in self.broken:
            claims.fail(work, [each.id], lease=lease, reason=Reason.RENDER, words=each.why)
        later = {each.id: each.later for each in self.taken.rows}
        claims.acknowledge(work, self.answers, later, lease=lease, domain_id=domain_id)


def put_on_wire(
    office: Office, sender: EmailSender, taken: Taken, *, stopping: Callable[[], bool]
) -> Answered:
    """Make each message when a line has room for it, and hand it over; what has no answer is in doubt
    when it had begun, else unsent.
    """
    half = taken.at + LEASE.total_seconds() / 2
    ids = frozenset(each.id for each in taken.rows)
    page = Page(office, taken.lease, ids, half, stopping)
    broken: list[Broken] = []
    answers: dict[int, SendResult] = {}
    failed = False
    try:
        for answer in sender.send(_made(office, taken, broken), page):
            answers[answer.id] = answer
    except Exception:
        log.exception("lines failed")
        failed = True
    for number in ids - answers.keys() - {each.id for each in broken}:
        known = Result.UNCERTAIN if number in page.begun_ids else Result.UNSENT
        answers[number] = SendResult(number, known)
    return Answered(taken, list(answers.values()), broken, failed)


def unsent(taken: Taken) -> Answered:
    """Return the answers of what was taken and never came on the wire."""
    return Answered(taken, [SendResult(each.id, Result.UNSENT) for each in taken.rows])


def _made(office: Office, taken: Taken, broken: list[Broken]) -> Iterator[Outgoing]:
    if taken.material is None:
        return
    now = office.run.services.clock.now()
    for each in office.builder.make(taken.material, taken.rows, now=now):
        if isinstance(each, Broken):
            broken.append(each)
        else:
            yield each


@dataclass(slots=True)
class Page:
    """The journal as the lines of one batch see it: knows what it began, refuses to begin when it must stop."""

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
        try:
            self.office.journal.begun(ids)
        except OSError as error:  # no journal, no sending
            raise Halt(f"the journal cannot be written: {error}") from error
        self.begun_ids.update(ids)

    def answered(self, ids: Sequence[int]) -> None:
        """Write it down; if that fails, the acknowledgement to come still knows."""
        with contextlib.suppress(OSError):
            self.office.journal.answered(ids)

    def _assert_again(self, ids: Sequence[int]) -> None:
        with self.office.run.transaction() as work:
            held = claims.still_sending(work, list(self.ids - self.begun_ids), lease=self.lease)
        if not set(ids) <= set(held):
            raise Halt("the lease was lost")
        self.until = time.monotonic() + LEASE.total_seconds() / 2
