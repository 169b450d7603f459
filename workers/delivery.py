"""Sends what is due, brings back what dead workers left, sweeps what nobody announced."""

import threading
from functools import partial
from pathlib import Path

import structlog

from tcma.adapters.journal import dead_journal, journals_in
from tcma.db.work import Work
from tcma.delivery import budgets, claims, recovery, running
from tcma.delivery.actions import finish_tests
from tcma.delivery.rules import MessageState
from tcma.jobs import Job
from workers.crew import Crew
from workers.office import Office, open_office
from workers.runtime import Run, apart, once, runs, together

log = structlog.get_logger(__name__)
LARGEST_JOURNAL = 32 * 1024 * 1024  # bytes; between two slices nothing in it is needed


class _House:
    """One office per process; who rings while it works is heard by its next order, and once more when
    it is done.
    """

    def __init__(self) -> None:
        self.busy = threading.Lock()
        self.rung = threading.Event()
        self.office: Office | None = None

    def hear(self) -> None:
        """Have the office look anew: an answer to a person does not wait out its half second."""
        if (office := self.office) is not None:
            office.look_again()


_house = _House()


@runs(Job.MAILING_SEND)
def send(run: Run, **ids: str) -> None:
    """Send what is due, for one time slice; rings again when something is left."""
    del ids
    _house.rung.set()
    while _house.rung.is_set() and not run.stopping():
        if not _house.busy.acquire(blocking=False):
            _house.hear()
            return
        try:
            _house.rung.clear()
            worked = _due(run, most=1) > 0
            left = worked and _slice(run)
        finally:
            _house.busy.release()
        with run.transaction() as work:
            if left and not run.stopping():
                work.wake(Job.MAILING_SEND)
            elif worked:
                work.wake(Job.LAUNCH_SETTLE)
        if left:
            return


def _slice(run: Run) -> bool:
    """Put as many hands and lines to work as are worth it; say whether due messages are left."""
    office = _living_office(run)
    office.look_again()
    crew = Crew(office, run)
    try:
        crew.work()
    finally:
        if crew.failed or run.stopping():
            close_office(run)
    return not run.stopping() and _due(run, most=1) > 0


def _due(run: Run, *, most: int) -> int:
    with run.transaction() as work:
        active = running.active_mailings(work)
        return running.due_up_to(work, [each.id for each in active], most) if active else 0


def _living_office(run: Run) -> Office:
    office = _house.office
    if office is not None and office.run.services is not run.services:
        _house.office = office = None
    if office is not None:
        with run.transaction() as work:
            alive = claims.say_alive(work, office.worker)
        if alive and office.journal.size() < LARGEST_JOURNAL:
            return office
        close_office(run)
    _house.office = open_office(run)
    return _house.office


def close_office(run: Run) -> None:
    """Leave in good order: the worker has ended, and its journal is not needed.

    All its hands have ended: what one that failed left in hand is settled by the journal. Without the
    database the office stays, and so does what the journal says.
    """
    office = _house.office
    if office is None:
        return
    told = office.journal.told()
    with run.transaction() as work:
        said = recovery.Told(told.prepared, told.begun, told.answered)
        counts = recovery.replay(work, office.worker, said)
    _house.office = None
    office.journal.close()
    if counts:
        log.warning("left in hand, settled by the journal", **_named(counts))


@runs(Job.MESSAGE_RECOVER)
def recover(run: Run, **ids: str) -> None:
    """Replay the journals of dead workers of this data folder; give back expired leases."""
    del ids
    folder = run.services.journals
    returned = [
        partial(once, run, do) for do in (recovery.release_expired, recovery.cancel_stragglers)
    ]
    apart(run, [*returned, *(partial(_replay, run, folder, name) for name in journals_in(folder))])


def _replay(run: Run, folder: Path, name: str) -> None:
    with dead_journal(folder, name) as told:
        if told is None:
            return
        said = recovery.Told(told.prepared, told.begun, told.answered)
        with run.transaction() as work:
            counts = recovery.replay_journal(work, name, said)
        if counts:
            log.warning("dead worker replayed", journal=name, **_named(counts))


def _named(counts: dict[MessageState, int]) -> dict[str, int]:
    return {state.name.lower(): count for state, count in counts.items()}


@runs(Job.MESSAGE_SWEEP)
def sweep(run: Run, **ids: str) -> None:
    """Doubt what lost hosts were sending, resend once where the stream says so, hold what came back
    too often.
    """
    del ids
    with run.transaction() as work:
        running = budgets.running(work.session)
        suspects = budgets.suspects(work.session, now=work.now)
    apart(run, [
        partial(once, run, finish_tests),
        partial(once, run, _settle_doubt),
        partial(together, run, running, budgets.pause_if_spent),
        partial(together, run, suspects, budgets.hold_if_spent),
    ])  # fmt: skip


def _settle_doubt(work: Work) -> None:
    doubtful = recovery.doubt_lost(work)
    again = recovery.resend_once(work)
    if doubtful or again:
        log.warning("sweep", doubtful=doubtful, sent_again=again)
