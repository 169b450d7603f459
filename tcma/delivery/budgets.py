"""Complaint and bounce budgets: what came back is counted by launch and by sender, and too much of it
pauses what still runs and holds what would come next, with the numbers and the remedy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from tcma.accounts import queries as accounts
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery.actions import pause_mailing
from tcma.delivery.launch_notices import campaign_news
from tcma.delivery.models import Mailing, Message, MessageReaction, Sender
from tcma.delivery.notices import Reader
from tcma.delivery.reaction_sums import reaction_sums
from tcma.delivery.rules import (
    BOUNCES,
    BUDGET_WINDOW,
    COMPLAINTS,
    MailingState,
    MessageState,
    Tally,
    budget_breach,
)
from tcma.delivery.sender_queries import BULK
from tcma.errors import Conflict, Forbidden
from tcma.jobs import Job
from tcma.permissions import Permission
from tcma.words import joined, say

REMEDY = say("Look at who they are and where the list comes from before you go on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What came back to a sender since its count began, and why it is held; empty while it is not."""

    sender_id: UUID
    address: str
    name: str
    tally: Tally
    held_reason: str
    held_at: datetime | None
    is_lent: bool


def running(session: Session) -> Sequence[int]:
    """Return the launches whose mail leaves now."""
    some = select(Mailing.id).where(_runs())
    return session.scalars(some.order_by(Mailing.id)).all()


def _runs() -> ColumnElement[bool]:
    return and_(
        Mailing.state == MailingState.RUNNING,
        Mailing.kind.in_(BULK),
        Mailing.sender_id.is_not(None),
    )


def pause_if_spent(work: Work, mailing_id: int) -> int:
    """Pause a running launch when too much came back to it; 0 when nothing changes.

    What comes back after the last mail has left counts for its sender: `hold_if_spent`.
    """
    mine = select(Mailing.counted_from).where(Mailing.id == mailing_id, _runs())
    row = work.session.execute(mine).one_or_none()
    if row is None:
        return 0
    since = row.counted_from or datetime.min.replace(tzinfo=work.now.tzinfo)
    why = budget_breach(_tally(work.session, Mailing.id == mailing_id, since))
    if not why:
        return 0
    try:
        pause_mailing(
            work, mailing_id, reason=say("We paused: {why}. {remedy}", why=why, remedy=REMEDY)
        )
    except Conflict:  # somebody else was faster
        return 0
    work.wake(Job.LAUNCH_SETTLE, mailing_id=mailing_id)
    return 1


def standing(session: Session, sender_id: UUID, *, now: datetime) -> Standing:
    """Return what came back to one sender."""
    row = session.get_one(Sender, sender_id)
    since = max(now - BUDGET_WINDOW, row.counted_from or now - BUDGET_WINDOW)
    return Standing(
        sender_id=row.id,
        address=row.from_address,
        name=row.from_name,
        tally=_tally(session, _mailings_of(sender_id, since), since),
        held_reason=row.held_reason or "",
        held_at=row.held_at,
        is_lent=row.is_fallback,
    )


def came_back(session: Session, sender_id: UUID) -> str:
    """Return why a sender is held; empty while it is not."""
    return session.scalar(select(Sender.held_reason).where(Sender.id == sender_id)) or ""


def why_held(session: Session, sender_id: UUID, *, now: datetime) -> str:
    """Return why nothing may leave from a sender: held already, or so much came back that it will be."""
    held = came_back(session, sender_id)
    why = "" if held else budget_breach(standing(session, sender_id, now=now).tally)
    return held or (_reason(why) if why else "")


def held_senders(session: Session, principal: Any) -> list[Standing]:
    """Return the held senders of a side, the latest first."""
    rows = session.scalars(
        visible(select(Sender), principal, Sender)
        .where(Sender.held_at.is_not(None))
        .order_by(Sender.held_at.desc(), Sender.id)
    )
    return [
        Standing(
            sender_id=row.id, address=row.from_address, name=row.from_name, tally=Tally(),
            held_reason=row.held_reason or "", held_at=row.held_at, is_lent=row.is_fallback,
        )
        for row in rows
    ]  # fmt: skip


def let_send_again(work: Work, sender_id: UUID) -> None:
    """Let a held sender send again and count anew from now.

    Conflict when it is not held; Forbidden for a partner whose address is lent: its lender decides.
    """
    work.require(Permission.LAUNCH_STEER)
    query = visible(select(Sender), work.principal, Sender).where(Sender.id == sender_id)
    row: Sender = found(work.session.scalar(query.with_for_update()))
    if row.is_fallback and work.principal.partner_id:
        raise Forbidden(say("This address is your vendor's, so your vendor decides."))
    if row.held_at is None:
        raise Conflict(
            say("{from_address} is not held.", from_address=row.from_address),
            code="sender.not_held",
        )
    row.held_at = row.held_reason = None
    row.counted_from = work.now
    work.audit(
        "let send again", "sender", row.id, vendor_id=row.vendor_id, partner_id=row.partner_id
    )
    work.wake(Job.MAILING_SEND)


def suspects(session: Session, *, now: datetime) -> Sequence[UUID]:
    """Return the senders to which enough came back lately that their mail is worth counting.

    Read from the sums by day: the day before the window is in, for zones differ.
    """
    summed = reaction_sums()
    since = (now - BUDGET_WINDOW).date() - timedelta(days=1)
    found_rows = session.scalars(
        select(Mailing.sender_id)
        .join(summed, summed.c.mailing_id == Mailing.id)
        .join(Sender, Sender.id == Mailing.sender_id)
        .where(summed.c.on_day >= since, Mailing.kind.in_(BULK), Sender.held_at.is_(None))
        .group_by(Mailing.sender_id)
        .having(
            or_(
                func.sum(summed.c.bounced) >= BOUNCES.least,
                func.sum(summed.c.complained) >= COMPLAINTS.least,
            )
        )
        .order_by(Mailing.sender_id)
    )
    return [each for each in found_rows if each]


def _reason(why: str) -> str:
    return say("In seven days {why}. {remedy}", why=why, remedy=REMEDY)


def hold_if_spent(work: Work, sender_id: UUID) -> int:
    """Hold a sender when too much came back to it, and tell its people; 0 when nothing changes."""
    now = standing(work.session, sender_id, now=work.now)
    why = budget_breach(now.tally)
    if not why:
        return 0
    reason = _reason(why)
    held = work.session.execute(
        update(Sender)
        .where(Sender.id == sender_id, Sender.held_at.is_(None))
        .values(held_at=work.now, held_reason=reason)
        .returning(Sender.partner_id, Sender.vendor_id)
    ).one_or_none()
    if held is None:
        return 0
    work.audit(
        "held", "sender", sender_id, vendor_id=held.vendor_id, partner_id=held.partner_id,
        reason=reason,
    )  # fmt: skip
    side = "console" if held.partner_id else "desk"
    for person in accounts.members_of(
        work.session, partner_id=held.partner_id,
        vendor_id=None if held.partner_id else held.vendor_id, able_to=Permission.LAUNCH_STEER,
    ):  # fmt: skip
        campaign_news(
            work,
            Reader(email=person.email, name=person.name, locale=person.locale if held.partner_id else "en"),
            vendor_id=held.vendor_id,
            subject=say("{address} is held", address=now.address),
            words=joined(
                say("No campaign mail leaves from {address} for now.", address=now.address),
                say("{reason}.", reason=reason),
                say("Nobody is lost: what waits goes on when the address is let go."),
            ),
            url=f"{work.site.public_url}/{side}/senders",
        )  # fmt: skip
    return 1


def _mailings_of(sender_id: UUID, since: datetime) -> Any:
    """The mailings of a sender that may have sent since then; nurture never finishes."""
    return and_(
        Mailing.sender_id == sender_id,
        Mailing.kind.in_(BULK),
        or_(Mailing.finished_at.is_(None), Mailing.finished_at > since),
    )


def _tally(session: Session, which: Any, since: datetime) -> Tally:
    mailings = session.scalars(select(Mailing.id).where(which)).all()
    r = MessageReaction
    bounced, complained = session.execute(
        select(
            func.count().filter(r.bounced_at > since), func.count().filter(r.complained_at > since)
        ).where(r.mailing_id.in_(mailings))
    ).one()
    if bounced < BOUNCES.least and complained < COMPLAINTS.least:
        return Tally(0, bounced, complained)
    left = select(func.count()).where(
        Message.mailing_id.in_(mailings),
        or_(
            and_(Message.state == MessageState.SENT, Message.sent_at > since),
            Message.state == MessageState.FAILED,
        ),
    )
    return Tally(session.scalar(left) or 0, bounced, complained)
