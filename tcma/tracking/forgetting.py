"""What tracking keeps of a person: the program that opened and clicked, emptied after its time."""

from datetime import datetime
from itertools import takewhile

from sqlalchemy import select, update

from tcma.db.marks import done_to, move
from tcma.db.work import Work
from tcma.tracking.models import Event


def let_go(work: Work, before: datetime, most: int) -> int:
    """Empty the next `most` events that are older; their verdicts stay. Return how many."""
    session, after = work.session, done_to(work.session, "event")
    rows = session.execute(
        select(Event.id, Event.at).where(Event.id > after).order_by(Event.id).limit(most)
    )
    old = [row.id for row in takewhile(lambda row: row.at < before, rows)]
    if old:
        session.execute(
            update(Event)
            .where(Event.id > after, Event.id <= old[-1])
            .values(user_agent="", network="")
        )
        move(session, "event", old[-1])
    return len(old)
