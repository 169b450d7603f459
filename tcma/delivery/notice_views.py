"""What the product told one person, as a list: the notices that also went by mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcma.db.pages import Page, page_of
from tcma.delivery.letters import Told, read_letter
from tcma.delivery.models import Mailing, Message, MessageBody
from tcma.delivery.rules import MailingKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice and when it was written."""

    at: datetime
    told: Told


def notices_to(session: Session, address_hash: bytes, *, after: str | None = None) -> Page[Notice]:
    """Return the notices to one address, newest first; the caller is whom it belongs to."""
    chosen = (
        select(Message.due_at, MessageBody.plain)
        .join(MessageBody, MessageBody.message_id == Message.id)
        .join(Mailing, Mailing.id == Message.mailing_id)
        .where(
            Message.address_hash == address_hash,
            Message.contact_id == 0,
            Mailing.kind == MailingKind.NOTICE,
        )
    )
    page = page_of(session, chosen, [Message.due_at.expression, Message.id.expression], after=after)
    rows = [Notice(at=row.due_at, told=read_letter(row.plain)) for row in page.rows]
    return Page(rows, page.next)
