"""Messages whose hours have closed before they left: a pause, another try, a relay that was away. They get
their next hour; until then no worker takes them (`Message.leave_by`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update

from tcma.db.work import Work
from tcma.delivery.models import Mailing, Message
from tcma.delivery.rules import MailingState, MessageState
from tcma.launches.clocks import moments, move_to
from tcma.launches.hours import WINDOWS, Hours
from tcma.launches.models import Launch, LaunchMail


def move_late(work: Work, launch: Launch) -> None:
    """Give those of a launch who missed their hours the next; the caller holds the launch's row."""
    if WINDOWS[Hours(launch.hours)] is None:
        return
    for mailing_id, at in _running(work, launch):
        missed = _missed(mailing_id, work.now)
        people = select(Message.contact_id).where(missed)
        if work.session.scalar(people.limit(1)) is None:
            continue
        spread = moments(work.session, launch, people, at=at, now=work.now)
        if spread is not None:
            move_to(work, spread, missed)
        # of whom nothing is known any more: whoever is gone is skipped with that reason
        gone = update(Message).where(_missed(mailing_id, work.now))
        work.session.execute(gone.values(leave_by=None))


def _running(work: Work, launch: Launch) -> Sequence[tuple[int, datetime]]:
    rows = work.session.execute(
        select(Mailing.id, LaunchMail.due_at)
        .join(LaunchMail, LaunchMail.mailing_id == Mailing.id)
        .where(LaunchMail.launch_id == launch.id, Mailing.state == MailingState.RUNNING)
        .order_by(Mailing.id)
    )
    return [(row.id, row.due_at) for row in rows]


def _missed(mailing_id: int, now: datetime) -> ColumnElement[Any]:
    return and_(
        Message.mailing_id == mailing_id,
        Message.state == MessageState.READY,
        Message.due_at <= now,
        Message.leave_by <= now,
    )
