"""What people did on a page they came to by a mail: saw it, or took a file from it; once a day each."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tcma.db.work import Work
from tcma.delivery.links import Purpose
from tcma.delivery.queries import message_of_link
from tcma.errors import NotFound
from tcma.jobs import Job
from tcma.tracking.models import PageSignal


class Did(StrEnum):
    """What somebody did on a page. It counts while the click that led there is a person's."""

    VISITED = "visited"
    DOWNLOADED = "downloaded"


def note(work: Work, token: str, page_id: UUID, did: Did) -> None:
    """Note what the person of a mailed link did on a page; a forged token notes nothing."""
    try:
        facts = message_of_link(work.session, work.site.signer, Purpose.CLICK, token)
    except NotFound:
        return
    row = insert(PageSignal).values(
        message_id=facts.id, page_id=page_id, did=did, day=work.now.date(), at=work.now
    )
    is_new = work.session.scalar(row.on_conflict_do_nothing().returning(PageSignal.message_id))
    if is_new:
        work.wake(Job.NURTURE_STOP, message_id=facts.id)
