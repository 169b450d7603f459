"""Housekeeping by the clock: sessions, used links and frequency caps that ended long ago."""

from tcma.accounts import sessions
from tcma.db.work import Work
from tcma.jobs import Job
from tcma.nurture import caps
from workers.runtime import handles


@handles(Job.SESSIONS_PURGE)
def purge_sessions(work: Work) -> None:
    """Delete what ended a month ago."""
    sessions.purge(work)
    caps.forget(work)
