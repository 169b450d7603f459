"""Housekeeping by the clock: sessions, links, frequency caps and imports that ended long ago."""

from tcma import retention
from tcma.accounts import sessions
from tcma.contacts import erasure
from tcma.jobs import Job
from tcma.mdf.case_files import letting_go
from tcma.nurture import caps
from workers.runtime import Run, one_by_one, runs


@runs(Job.SESSIONS_PURGE)
def purge_sessions(run: Run) -> None:
    """Delete what ended a month ago: sessions, links, ways back; let go of people and papers after their time.

    Each in its own transaction, so that what fails at one keeps nobody's data longer.
    """
    one_by_one(
        run, [sessions.purge, caps.forget, erasure.purge, retention.let_go, letting_go.let_go]
    )
