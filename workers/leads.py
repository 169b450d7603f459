"""Leads: route what waits, take back what nobody answered."""

from uuid import UUID

from tcma.jobs import Job
from tcma.leads import actions, offers, queries
from workers.runtime import Run, runs


@runs(Job.LEAD_ROUTE)
def route(run: Run, lead_id: str = "") -> None:
    """Route one lead at once, or whatever waits when no one is named."""
    if lead_id:
        waiting = [UUID(lead_id)]
    else:
        with run.transaction() as work:
            waiting = list(queries.waiting_ids(work.session))
    for each in waiting:
        with run.transaction() as work:
            offers.route(work, each)


@runs(Job.LEAD_EXPIRE)
def expire(run: Run) -> None:
    """Hand back every offer past its time; each in its own transaction."""
    with run.transaction() as work:
        overdue = list(queries.overdue_offer_ids(work.session, now=work.now))
    for each in overdue:
        with run.transaction() as work:
            actions.expire(work, each)
