"""What one worker at a time does: who comes second leaves it to the first."""

from sqlalchemy import func, select

from tcma.db.work import Work


def is_alone(work: Work, what: str) -> bool:
    """Say whether nobody else does `what` now, and keep it so until the transaction ends.

    What the other has written by then is seen by the next statement.
    """
    key = func.hashtextextended(what, 0)
    return bool(work.session.scalar(select(func.pg_try_advisory_xact_lock(key))))
