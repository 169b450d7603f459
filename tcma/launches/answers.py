"""What a launch learns when one of its people answers."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.models import Message, MessageReaction
from tcma.delivery.rules import MessageState, Reason
from tcma.launches.queries import mailings_of


def answered(work: Work, launch_id: UUID, contact_id: int) -> int:
    """Note that a person answered this launch (a form, a reply): later mails leave them out.

    Called by leads at capture; returns how many of their messages it marked.
    """
    mailings = mailings_of(work.session, launch_id)
    numbers = work.session.scalars(
        select(Message.id).where(
            Message.mailing_id.in_(mailings),
            Message.contact_id == contact_id,
            Message.state.in_((MessageState.SENT, MessageState.UNCERTAIN)),
        )
    ).all()
    for number in numbers:
        mailing_id = select(Message.mailing_id).where(Message.id == number).scalar_subquery()
        fresh = upsert(MessageReaction).values(
            message_id=number, mailing_id=mailing_id, replied_at=work.now
        )
        work.session.execute(
            fresh.on_conflict_do_update(
                index_elements=["message_id"],
                set_={"replied_at": work.now},
                where=MessageReaction.replied_at.is_(None),
            )
        )
    delivery.skip_waiting(work, mailings, contact_id, Reason.ANSWERED)
    return len(numbers)
