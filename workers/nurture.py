"""Nurture: start a lead's sequence, move those who are due, stop those who answered."""

from uuid import UUID

import structlog

from tcma.delivery.queries import message_facts
from tcma.errors import TcmaError
from tcma.jobs import Job
from tcma.nurture import actions, queries
from tcma.nurture.actions import Step
from tcma.nurture.mailings import ensure_mailing
from tcma.nurture.rules import Exit
from workers.runtime import Run, runs

log = structlog.get_logger(__name__)
MOST_BATCHES = 50


@runs(Job.NURTURE_ENROL)
def enrol(run: Run, lead_id: str = "") -> None:
    """Start the sequence of one lead, or of those whose wake-up was lost."""
    with run.transaction() as work:
        waiting = [UUID(lead_id)] if lead_id else list(queries.not_enrolled(work.session))
    for each in waiting:
        with run.transaction() as work:
            actions.enrol(work, each)


@runs(Job.NURTURE_ADVANCE)
def advance(run: Run) -> None:
    """Claim due runs, decide each, make the mailings they need, then write the steps."""
    for _ in range(MOST_BATCHES):
        if run.stopping():
            return
        with run.transaction() as work:
            claimed = actions.claim_due(work)
        if not claimed:
            return
        for run_id in claimed:
            _one(run, run_id)


def _one(run: Run, run_id: int) -> None:
    try:
        step = _decide(run, run_id)
        if step is not None:
            with run.transaction() as work:
                actions.apply(work, step)
    except TcmaError as error:
        log.warning("step failed", run=run_id, reason=error.message)
        with run.transaction() as work:
            actions.fail(work, run_id, reason=error.message)


def _decide(run: Run, run_id: int) -> Step | None:
    with run.transaction() as work:
        decided = queries.decide(work, run_id)
        if isinstance(decided, Exit):
            actions.stop_run(work, run_id, why=decided)
            return None
        mailing = (
            ensure_mailing(work, decided.run, decided.move.mail) if decided.move.mail else None
        )
        return Step(run_id, decided.run.step_no, decided.run.node, decided.move, mailing)


@runs(Job.NURTURE_STOP)
def stop(
    run: Run, lead_id: str = "", contact_id: str = "", message_id: str = "", why: str = ""
) -> None:
    """End the runs of a lead or contact that answered; without one, look for all who did.

    A message names its contact: whoever unsubscribed, complained or bounced from it.
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
        for run_id, reason in queries.to_stop(work.session):
            actions.stop_run(work, run_id, why=reason)
