"""Nurture: start a lead's journey, carry out due steps, wake who waited, stop those who answered."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

import structlog

from tcma.db.work import Work
from tcma.delivery.queries import message_facts
from tcma.errors import TcmaError, Unavailable
from tcma.jobs import Job
from tcma.nurture import actions, queries, recycled
from tcma.nurture.by_date import begin_by_calendar, begin_by_dates
from tcma.nurture.mailings import ensure_mailing
from tcma.nurture.rules import Exit
from tcma.nurture.starters import starters, version_of
from tcma.nurture.stepping import Stepped, step_due, step_late, step_these
from workers.runtime import Run, apart, runs, together

log = structlog.get_logger(__name__)
MOST_BATCHES = 50
MOST_AT_ONCE = 10
"""Steps without a wait between them, such as a mail after a branch, are taken in one go."""


_swept: list[UUID] = []
_given_back: list[UUID] = []
"""Down to which lead this process has looked, among the fresh and among those given back, where more wait
than a page; empty at the end.
"""
_stopped: list[UUID] = []
"""Up to which lead it has looked for those that ended."""


@runs(Job.NURTURE_ENROL)
def enrol(run: Run, lead_id: str = "", contact_id: str = "") -> None:
    """Start the journey of one lead, of one person's, or of those whose wake-up was lost; its first mail
    at once.
    """
    with run.transaction() as work:
        if lead_id:
            waiting = [UUID(lead_id)]
        elif contact_id:
            waiting = [*queries.not_enrolled(work.session, work.now, contact_id=int(contact_id))]
        else:
            waiting = [
                *_next_waiting(partial(queries.not_enrolled, work.session, work.now), _swept),
                *_next_waiting(partial(recycled.not_entered, work.session, work.now), _given_back),
            ]
    apart(run, [partial(_enrol, run, each) for each in waiting])


def _enrol(run: Run, lead_id: UUID) -> None:
    with run.transaction() as work:
        entered = actions.enrol(work, lead_id)
    if entered is None:
        return
    for _ in range(MOST_AT_ONCE):
        if not _batch(run, partial(step_these, run_ids=[entered])).looked_at:
            break


def _next_waiting(look: Callable[..., Sequence[UUID]], swept: list[UUID]) -> list[UUID]:
    """Return the newest that wait, and the page after where the last look ended: those who may not
    enter stay, and must not hide the others.
    """
    newest = list(look())
    if len(newest) < queries.SWEPT:
        return newest
    place = min([newest[-1], *swept])
    further = look(before=place)
    swept[:] = further[-1:] if len(further) == queries.SWEPT else []
    return [*newest, *further]


def _next_to_stop(work: Work) -> Sequence[UUID]:
    """Return the page after where the last look ended, else the first: those whose journey does not end
    with what they did stay, and must not hide the others.
    """
    page = queries.to_stop(work.session, work.now, after=_stopped[-1] if _stopped else None)
    _stopped[:] = page[-1:] if len(page) == queries.STOPPED else []
    return page


@runs(Job.NURTURE_BEGIN)
def begin(run: Run) -> None:
    """Let people begin whose day has come, at each partner that agreed; what fails at one fails in the end,
    when the others have begun.
    """
    with run.transaction() as work:
        agreed = [starter.copy_id for starter in starters(work.session)]
    apart(run, [partial(_begin_at, run, each) for each in agreed])


def _begin_at(run: Run, copy_id: UUID) -> None:
    """Let the people of one partner's copy begin, page by page."""
    after: int | None = 0
    while after is not None and not run.stopping():
        with run.transaction() as work:
            starter = next(starters(work.session, copy_id=copy_id), None)
            if starter is None:  # changed its mind, or was stopped, since the page before
                return
            version = version_of(work, starter)
            start = version.journey.start
            if start is not None and start.by_date:
                after = begin_by_dates(work, starter, version, after).after
            else:
                after = begin_by_calendar(work, starter, version).after


@runs(Job.NURTURE_ADVANCE)
def advance(run: Run) -> None:
    """Carry out due steps batch by batch; what cannot be done now is tried again later.

    When a batch cannot be written, its runs are taken one by one, so that only the odd one waits.
    What was missed comes after what is due, a little each time (`nurture.late`).
    """
    failed: set[int] = set()
    _until_none_is_due(run, step_due, failed)
    _until_none_is_due(run, step_late, failed)


def _until_none_is_due(run: Run, step: Callable[..., Stepped], failed: set[int]) -> None:
    for _ in range(MOST_BATCHES):
        if run.stopping():
            return
        try:
            out = _batch(run, partial(step, not_these=sorted(failed)), failed)
        except Unavailable:
            raise
        except Exception:
            log.exception("a batch of steps cannot be written")
            _singly(run, failed, late=step is step_late)
            continue
        if not out.looked_at:
            return


def _singly(run: Run, failed: set[int], *, late: bool) -> None:
    with run.transaction() as work:
        found = queries.due(work.session, work.now, late=late)
    due = [each for each in found if each not in failed]
    for run_id in due:
        try:
            _batch(run, partial(step_these, run_ids=[run_id]), failed)
        except Unavailable:
            raise
        except Exception as error:
            log.exception("a step cannot be written", run=run_id)
            _failed(run, run_id, type(error).__name__)
            failed.add(run_id)


def _batch(run: Run, step: Callable[[Work], Stepped], failed: set[int] | None = None) -> Stepped:
    """Take one batch of steps; then, holding nothing, make the mailings that were missing."""
    with run.transaction() as work:
        out = step(work)
    broken = dict(out.broken)
    for run_id, mail in out.unmade:
        try:
            with run.transaction() as work:
                ensure_mailing(work, run_id, mail)
        except Unavailable as error:
            broken[run_id] = error.message
        except Exception as error:
            log.exception("a mail cannot be made", run=run_id, mail=mail)
            broken[run_id] = str(error) if isinstance(error, TcmaError) else type(error).__name__
    for run_id, reason in broken.items():
        _failed(run, run_id, reason)
    if failed is not None:
        failed.update(broken)
    return out


def _failed(run: Run, run_id: int, reason: str) -> None:
    log.warning("step failed", run=run_id, reason=reason)
    with run.transaction() as work:
        actions.fail(work, run_id, reason=reason)


@runs(Job.NURTURE_STOP)
def stop(
    run: Run, lead_id: str = "", contact_id: str = "", message_id: str = "", why: str = ""
) -> None:
    """End or wake the runs of a lead or contact that answered; without one, look for all who did.

    A message names its contact: whoever clicked in it, unsubscribed, complained or bounced.
    """
    with run.transaction() as work:
        if message_id:
            contact_id = str(message_facts(work.session, int(message_id)).contact_id)
        if lead_id or contact_id:
            actions.stop_answered(
                work,
                lead_id=UUID(lead_id) if lead_id else None,
                contact_id=int(contact_id) if contact_id else None,
                why=Exit(why) if why in set(Exit) else None,
            )
            return
        answered = _next_to_stop(work)
        looks = (
            queries.clicked_and_waiting,
            queries.filled_and_waiting,
            queries.on_pages_and_waiting,
        )
        waiting = [each for found in looks for each in found(work.session, work.now)]
    apart(run, [
        partial(together, run, answered, _stop_lead),
        partial(together, run, waiting, actions.wake_of_message),
        partial(_end_outlived, run),
    ])  # fmt: skip


def _stop_lead(work: Work, lead_id: UUID) -> None:
    actions.stop_answered(work, lead_id=lead_id, contact_id=None)


def _end_outlived(run: Run) -> None:
    for _ in range(MOST_BATCHES):
        with run.transaction() as work:
            if not actions.end_outlived(work) or run.stopping():
                return
