"""Housekeeping by the clock: sessions, links, frequency caps and imports that ended long ago."""

from tcma.accounts import sessions
from tcma.contacts import erasure
from tcma.db.work import Work
from tcma.jobs import Job
from tcma.nurture import caps
from workers.runtime import handles


@handles(Job.SESSIONS_PURGE)
def purge_sessions(work: Work) -> None:
    """Delete what ended a month ago: sessions, links, and the ways back of old imports."""
    sessions.purge(work)
    caps.forget(work)
    erasure.purge(work)
