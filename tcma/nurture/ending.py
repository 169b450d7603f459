"""What the end of a run does besides: mails that wait are dropped, and the lead's history says why."""

from uuid import UUID

from sqlalchemy import select

from tcma.db.work import Work
from tcma.delivery.actions import skip_waiting
from tcma.delivery.models import Message
from tcma.delivery.rules import Reason


def drop_waiting(work: Work, run_id: int, contact_id: int) -> None:
    """Drop the mails of a run that are not on their way yet."""
    of_run = select(Message.mailing_id).where(
        Message.contact_id == contact_id, Message.origin_id == run_id
    )
    skip_waiting(work, list(work.session.scalars(of_run.distinct())), contact_id, Reason.ANSWERED)


def why_ended(work: Work, lead_id: UUID | None, vendor_id: UUID, why: str) -> None:
    """Write into the lead's history that it left its journey."""
    if lead_id:
        work.audit("left the sequence", "lead", lead_id, vendor_id=vendor_id, why=why)
