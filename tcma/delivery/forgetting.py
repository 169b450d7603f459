"""What sending keeps of a person, emptied."""

from collections.abc import Collection

from sqlalchemy import select, update

from tcma.db.counting import changed
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
