"""Leaving a relay alone that is in trouble: until when, and when it is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update

from tcma.db.work import Work
from tcma.delivery.models import Mailing
from tcma.delivery.rules import MailingState, back_off
from tcma.delivery.sender_queries import carriers


def note_trouble(work: Work, mailing_ids: Sequence[int]) -> datetime | None:
    """Leave the relay alone for a while for these mailings; several lines in trouble count once.

    Returns until when, None when they were backing off already.
    """
    rows = work.session.execute(
        select(Mailing.id, Mailing.trouble_n)
        .where(
            Mailing.id.in_(mailing_ids),
            Mailing.state == MailingState.RUNNING,
            or_(Mailing.back_off_until.is_(None), Mailing.back_off_until <= work.now),
        )
        .order_by(Mailing.id)
        .with_for_update()
    ).all()
    until = None
    for number, streak in rows:
        until = work.now + back_off(streak + 1)
        work.session.execute(
            update(Mailing)
            .where(Mailing.id == number)
            .values(trouble_n=streak + 1, back_off_until=until)
        )
    return until


def note_health(work: Work, mailing_id: int) -> None:
    """Forget earlier trouble: the relay takes mail of this mailing again."""
    work.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.trouble_n > 0)
        .values(trouble_n=0, back_off_until=None)
    )


def go_on(work: Work, domain_id: UUID) -> int:
    """Let mailings that backed off from a domain's own relays try again; return how many."""
    resting = work.session.scalars(
        select(Mailing.id).where(
            Mailing.state == MailingState.RUNNING, Mailing.back_off_until > work.now
        )
    ).all()
    found = carriers(work.session, resting) if resting else {}
    mine = [n for n, each in found.items() if each.has_relays and each.domain_id == domain_id]
    work.session.execute(update(Mailing).where(Mailing.id.in_(mine)).values(back_off_until=None))
    return len(mine)
