"""Verbs on mailings and messages: open, freeze, queue, steer, finish."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.db.work import Work
from tcma.delivery.models import Mailing, MailingLink, Message, Sender
from tcma.delivery.queries import open_count
from tcma.delivery.rules import MailingKind, MailingState, MessageState, Reason
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.rendering.headers import mailbox
from tcma.rendering.mime import Artefact
from tcma.words import say

M = MessageState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMailing:
    """What a stream of mail is made of. `links` are by slot, as `[[link:n]]` counts: from 1;
    `from_name` stands in the inbox in place of the sender's own.
    """

    kind: MailingKind
    artefact: Artefact
    sender_id: UUID
    vendor_id: UUID | None
    partner_id: UUID | None
    campaign_id: UUID | None = None
    topic: str | None = None
    links: Mapping[int, str] = field(default_factory=dict)
    priority: int = 0
    resend_uncertain: bool = False
    from_name: str | None = None


def ensure_sender(  # noqa: PLR0913 - the columns of a sender
    work: Work,
    *,
    from_name: str,
    from_address: str,
    vendor_id: UUID | None = None,
    partner_id: UUID | None = None,
    reply_to: str | None = None,
    is_fallback: bool = False,
) -> UUID:
    """Return the sender with this address of this side, made when missing.

    Raises Invalid for an address or name that cannot stand in a header.
    """
    mailbox(from_name, from_address)
    row = {
        "from_name": from_name,
        "reply_to": reply_to,
        "is_fallback": is_fallback,
    }
    statement = upsert(Sender).values(
        vendor_id=vendor_id,
        partner_id=partner_id,
        from_address=from_address,
        created_at=work.now,
        **row,
    )
    statement = statement.on_conflict_do_update(constraint="sender_once", set_=row)
    return work.session.execute(statement.returning(Sender.id)).scalar_one()


def ensure_fallback(
    work: Work, *, partner_id: UUID, vendor_id: UUID, from_name: str
) -> UUID | None:
    """Lend a partner its vendor's address under its own name; None when the vendor has none.

    A partner sends from there until its own domain is set up.
    """
    lent = (Sender.vendor_id == vendor_id) & Sender.is_fallback
    known = work.session.scalar(select(Sender.id).where(lent, Sender.partner_id == partner_id))
    if known:
        return known
    address = work.session.scalar(
        select(Sender.from_address)
        .where(lent)
        .order_by(Sender.partner_id.is_not(None), Sender.created_at, Sender.id)
        .limit(1)
    )
    if address is None:
        return None
    return ensure_sender(
        work,
        from_name=from_name,
        from_address=address,
        vendor_id=vendor_id,
        partner_id=partner_id,
        is_fallback=True,
    )


def keep_artefact(work: Work, artefact: Artefact) -> str:
    """Store an artefact under its hash, once; return its key."""
    key = f"artefacts/{artefact.sha256}"
    if not work.files.exists(key):
        work.files.put(key, artefact.to_bytes(), "application/json")
    return key


def open_mailing(work: Work, new: NewMailing) -> int:
    """Store the artefact under its hash and write the mailing, still preparing; return its number."""
    key = keep_artefact(work, new.artefact)
    mailing_id = work.session.execute(
        insert(Mailing)
        .values(
            vendor_id=new.vendor_id,
            partner_id=new.partner_id,
            campaign_id=new.campaign_id,
            kind=new.kind,
            topic=new.topic,
            sender_id=new.sender_id,
            from_name=new.from_name,
            priority=new.priority,
            resend_uncertain=new.resend_uncertain,
            artefact_key=key,
            subject=new.artefact.subject_source,
            created_at=work.now,
        )
        .returning(Mailing.id)
    ).scalar_one()
    if new.links:
        rows = [{"mailing_id": mailing_id, "slot": n, "url": url} for n, url in new.links.items()]
        work.session.execute(insert(MailingLink), rows)
    return mailing_id


def start_mailing(work: Work, mailing_id: int) -> int:
    """Let a prepared mailing run; what is frozen now is what it expects. Returns that number."""
    expected = work.session.scalar(
        select(func.count()).select_from(Message).where(Message.mailing_id == mailing_id)
    )
    _move(work, mailing_id, MailingState.PREPARING, MailingState.RUNNING, expected_n=expected)
    work.wake(Job.MAILING_SEND)
    return expected or 0


def run_open_ended(work: Work, mailing_id: int) -> None:
    """Let a mailing run that takes messages one by one and has no end (nurture, notices)."""
    _move(work, mailing_id, MailingState.PREPARING, MailingState.RUNNING)


def pause_mailing(work: Work, mailing_id: int, *, reason: str) -> None:
    """Stop before the next intent (at most one micro-batch per line still leaves)."""
    _move(work, mailing_id, MailingState.RUNNING, MailingState.PAUSED, paused_reason=reason)


def resume_mailing(work: Work, mailing_id: int) -> None:
    """Go on where it stopped; what comes back is counted anew from here."""
    _move(
        work,
        mailing_id,
        MailingState.PAUSED,
        MailingState.RUNNING,
        paused_reason=None,
        back_off_until=None,
        trouble_n=0,
        counted_from=work.now,
    )
    work.wake(Job.MAILING_SEND)


def cancel_mailing(work: Work, mailing_id: int) -> int:
    """Cancel what has not begun to leave; return how many. What is on the wire still ends."""
    changed = work.session.execute(
        update(Mailing)
        .where(
            Mailing.id == mailing_id,
            Mailing.state.in_((MailingState.PREPARING, MailingState.RUNNING, MailingState.PAUSED)),
        )
        .values(state=MailingState.CANCELLED)
        .returning(Mailing.id)
    )
    if changed.scalar_one_or_none() is None:
        raise Conflict(say("This mailing is over already."), code="mailing.over")
    cancelled = work.session.execute(
        update(Message)
        .where(Message.mailing_id == mailing_id, Message.state.in_((M.READY, M.LEASED)))
        .values(state=M.CANCELLED, lease=None, lease_until=None)
        .returning(Message.id)
    )
    return len(cancelled.all())


def finish_mailing(work: Work, mailing_id: int) -> bool:
    """Finish a running mailing when no message is open; the database counts and checks the sum."""
    if open_count(work.session, mailing_id):
        return False
    changed = work.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state == MailingState.RUNNING)
        .values(state=MailingState.FINISHED, finished_at=work.now)
        .returning(Mailing.id)
    )
    return changed.scalar_one_or_none() is not None


def finish_tests(work: Work) -> int:
    """Finish mailings of tests, seeds and announcements that have nothing open; nobody waits for their
    end. Return how many.
    """
    waiting = select(Message.id).where(
        Message.mailing_id == Mailing.id, Message.state.in_((M.READY, M.LEASED, M.SENDING))
    )
    done = work.session.execute(
        update(Mailing)
        .where(
            Mailing.kind.in_((MailingKind.TEST, MailingKind.SEED, MailingKind.ANNOUNCEMENT)),
            Mailing.state == MailingState.RUNNING,
            ~waiting.exists(),
        )
        .values(state=MailingState.FINISHED, finished_at=work.now)
        .returning(Mailing.id)
    )
    return len(done.all())


def skip_waiting(work: Work, mailing_ids: list[int], contact_id: int, reason: Reason) -> int:
    """Skip a person's messages that have not begun to leave; return how many."""
    skipped = work.session.execute(
        update(Message)
        .where(
            Message.contact_id == contact_id,
            Message.mailing_id.in_(mailing_ids),
            Message.state.in_((M.READY, M.LEASED)),
        )
        .values(state=M.SKIPPED, reason=reason, lease=None, lease_until=None)
        .returning(Message.id)
    )
    return len(skipped.all())


def skip_twice(work: Work, kept_id: int, other_id: int) -> int:
    """Skip what waits for a contact in mailings where another, the same person, has a mail too."""
    of_kept = select(Message.mailing_id).where(
        Message.contact_id == kept_id, Message.origin_id == 0
    )
    ids = list(work.session.scalars(of_kept.distinct()))
    return skip_waiting(work, ids, other_id, Reason.DUPLICATE)


def _move(
    work: Work, mailing_id: int, origin: MailingState, to: MailingState, **values: Any
) -> None:
    moved = work.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state == origin)
        .values(state=to, **values)
        .returning(Mailing.id)
    )
    if moved.scalar_one_or_none() is None:
        raise Conflict(
            say("The state has changed meanwhile. Reload and try again."), code="mailing.state"
        )
