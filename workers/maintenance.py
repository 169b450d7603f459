"""Housekeeping by the clock: sessions and used links that ended long ago."""

from tcma.accounts import sessions
from tcma.db.work import Work
from tcma.jobs import Job
from workers.runtime import handles


@handles(Job.SESSIONS_PURGE)
def purge_sessions(work: Work) -> None:
    """Delete what ended a month ago."""
    sessions.purge(work)
