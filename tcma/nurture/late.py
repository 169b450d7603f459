"""What is late after a silence goes out by a rate, in order, and never before what is due by now.

A scheduler that was down for three days finds all that was due meanwhile. Done at once it would be a
burst that no mailbox expects, and who has just asked something would wait behind it.
"""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from tcma.db.marks import Mark
from tcma.db.work import Work
from tcma.nurture.rules import late_allowance

MARK = "late steps"
ANY_LATE = text("SELECT EXISTS (SELECT FROM nurture_run WHERE state = 0 AND due_at <= :until)")


def allowance(work: Work, until: datetime) -> int:
    """Return how many steps that were due by `until` may be taken now; whoever asks has them.

    0 while another worker has them, or none are late.
    """
    session = work.session
    if not session.scalar(ANY_LATE, {"until": until}):
        return 0
    session.execute(insert(Mark).values(name=MARK, done_to=0).on_conflict_do_nothing())
    mark = session.scalar(select(Mark).where(Mark.name == MARK).with_for_update(skip_locked=True))
    if mark is None:
        return 0
    now = int(work.now.timestamp() * 1_000)
    allowed = late_allowance(now - mark.done_to)
    if allowed:
        mark.done_to = now
    return allowed
