"""Mail from a vendor to people of its partners: a mailing of its own kind, each with its own way out.

It goes by the engine that sends everything else, behind the product's own notices, and has nothing to do
with what customers said: consents and stop lists of partners are about other mail. Dead addresses,
complaints and legal demands stop it (`stopping`), and a person's own choice before anything is queued.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import insert, update

from tcma.contacts.rules import address_hash, normal_address
from tcma.db.work import Work
from tcma.delivery.letters import Letter
from tcma.delivery.links import Links, Purpose
from tcma.delivery.models import Mailing, Message
from tcma.delivery.notices import keep_letters, next_numbers
from tcma.delivery.rules import MailingKind, MailingState, MessageState, Reason
from tcma.jobs import Job

Write = Callable[[str], Letter]
"""Writes the letter of one person, given the address of their way out."""


def announce(
    work: Work, *, vendor_id: UUID, topic: str, subject: str, to: Sequence[tuple[str, Write]]
) -> tuple[int, list[int]]:
    """Queue one mail for each address; the mailing's number and those of its messages, in order."""
    links = Links.of(work.site)
    mailing_id: int = work.session.execute(
        insert(Mailing)
        .values(
            vendor_id=vendor_id,
            kind=MailingKind.ANNOUNCEMENT,
            topic=topic,
            state=MailingState.RUNNING,
            subject=subject,
            expected_n=len(to),
            created_at=work.now,
        )
        .returning(Mailing.id)
    ).scalar_one()
    numbers = next_numbers(work, len(to))
    letters = [
        (address, write(links.url(Purpose.ANNOUNCED, number)))
        for number, (address, write) in zip(numbers, to, strict=True)
    ]
    keep_letters(work, mailing_id, numbers, letters)
    work.wake(Job.MAILING_SEND)
    return mailing_id, numbers


def skip_announcements(work: Work, *, vendor_id: UUID, topic: str, address: str) -> int:
    """Skip what waits for somebody who does not want it any more; return how many."""
    hashed = address_hash(work.site.secret, normal_address(address))
    waiting = (
        Mailing.kind == MailingKind.ANNOUNCEMENT,
        Mailing.vendor_id == vendor_id,
        Mailing.topic == topic,
        Mailing.state.in_((MailingState.RUNNING, MailingState.PAUSED)),
    )
    skipped = work.session.execute(
        update(Message)
        .where(
            Message.mailing_id == Mailing.id,
            *waiting,
            Message.address_hash == hashed,
            Message.state.in_((MessageState.READY, MessageState.LEASED)),
        )
        .values(
            state=MessageState.SKIPPED, reason=Reason.UNSUBSCRIBED, lease=None, lease_until=None
        )
        .returning(Message.id)
    )
    return len(skipped.all())
