"""Housekeeping by the clock: sessions, links, frequency caps and imports that ended long ago."""

from tcma import retention
from tcma.accounts import sessions
from tcma.contacts import erasure
from tcma.db.work import Work
from tcma.jobs import Job
from tcma.mdf.case_files import letting_go
from tcma.nurture import caps
from workers.runtime import handles


@handles(Job.SESSIONS_PURGE)
def purge_sessions(work: Work) -> None:
    """Delete what ended a month ago: sessions, links, ways back; let go of people and papers after their time."""
    sessions.purge(work)
    caps.forget(work)
    erasure.purge(work)
    retention.let_go(work)
    letting_go.let_go(work)
