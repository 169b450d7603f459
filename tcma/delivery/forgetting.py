"""What sending keeps of a person, emptied."""

from collections.abc import Collection
from datetime import datetime
from itertools import takewhile

from sqlalchemy import func, select, update

from tcma.db.counting import changed
from tcma.db.marks import done_to, move
from tcma.db.work import Work
from tcma.delivery.models import FeedbackReport, Message


def forget(work: Work, numbers: Collection[int]) -> dict[str, int]:
    """Empty the address of a contact, by each of its numbers, in messages and reports; return how many of each.

    Their hash stays: by it the stop list still holds back what waits.
    """
    theirs = select(Message.id).where(Message.contact_id.in_(numbers))
    return {
        "messages": changed(
            work.session,
            update(Message)
            .where(Message.contact_id.in_(numbers), Message.address != "")
            .values(address=""),
        ),
        "reports": changed(
            work.session,
            update(FeedbackReport)
            .where(FeedbackReport.message_id.in_(theirs), FeedbackReport.recipient != "")
            .values(recipient="", detail={}),
        ),
    }


def let_go(work: Work, before: datetime, most: int) -> int:
    """Empty the addresses of the next `most` messages that are older; return how many were looked at."""
    session, after = work.session, done_to(work.session, "message")
    moment = func.coalesce(Message.sent_at, Message.due_at)
    rows = session.execute(
        select(Message.id, moment.label("at"))
        .where(Message.id > after)
        .order_by(Message.id)
        .limit(most)
    )
    old = [row.id for row in takewhile(lambda row: row.at < before, rows)]
    if old:
        session.execute(
            update(Message)
            .where(Message.id > after, Message.id <= old[-1], Message.address != "")
            .values(address="")
        )
        session.execute(
            update(FeedbackReport)
            .where(FeedbackReport.message_id > after, FeedbackReport.message_id <= old[-1])
            .values(recipient="", detail={})
        )
        move(session, "message", old[-1])
    return len(old)
