"""Journeys follow their person when two contacts become one; nobody walks one journey twice."""

from collections.abc import Collection

from sqlalchemy import select, update

from tcma.db.work import Work
from tcma.delivery.models import Message
from tcma.nurture.actions import end
from tcma.nurture.facts import look_at
from tcma.nurture.models import NurtureRun
from tcma.nurture.rules import OPEN, Exit


def move(
    work: Work, origin_id: int, to_id: int, *, only: Collection[int] | None = None
) -> list[int]:
    """Give a contact's open runs to another, or `only` these of them; return which moved.

    Their mails go with them. Where the other is or was in the same journey, this run ends.
    """
    run = NurtureRun
    walked = select(run.sequence_id).where(run.contact_id == to_id)
    theirs = select(run.id, run.sequence_id.in_(walked).label("twice")).where(
        run.contact_id == origin_id, run.state.in_(OPEN)
    )
    if only is not None:
        theirs = theirs.where(run.id.in_(only))
    rows = work.session.execute(theirs.with_for_update(of=run)).all()
    for known in look_at(work, [row.id for row in rows if row.twice], OPEN):
        end(work, known, Exit.MERGED)
    moved = [row.id for row in rows if not row.twice]
    work.session.execute(update(run).where(run.id.in_(moved)).values(contact_id=to_id))
    work.session.execute(
        update(Message)
        .where(Message.contact_id == origin_id, Message.origin_id.in_(moved))
        .values(contact_id=to_id)
    )
    return moved
