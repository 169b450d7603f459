"""A partner that its vendor has suspended, or parted from, launches nothing; what runs is paused."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from tcma.contacts.list_queries import is_taken_back
from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.models import Mailing
from tcma.delivery.rules import MailingState
from tcma.launches.models import Launch
from tcma.launches.moving import move, record
from tcma.launches.queries import mailings_of
from tcma.launches.rules import LaunchState
from tcma.launches.telling import tell_paused
from tcma.partners import standing

MOVING = (LaunchState.SCHEDULED, LaunchState.EXPANDING, LaunchState.SENDING)


def is_barred(launch: type[Launch]) -> ColumnElement[bool]:
    """The condition under which a launch's partner may not launch with its vendor."""
    return standing.is_barred(launch.vendor_id, launch.partner_id)


def may_begin(launch: type[Launch]) -> ColumnElement[bool]:
    """The condition under which a due launch may write down its people: nobody has barred its partner,
    and no import of the partner is just being undone.
    """
    return and_(~is_barred(launch), ~is_taken_back(partner_id=launch.partner_id))


def why_barred(session: Session, launch: Launch) -> str:
    """Return why a launch's partner may launch nothing; empty while it may."""
    return standing.why_barred(session, launch.vendor_id, launch.partner_id)


def refuse_barred(work: Work, launch: Launch) -> None:
    """Raise Conflict with the reason when a launch's partner may launch nothing."""
    standing.refuse_barred(work.session, launch.vendor_id, launch.partner_id, code="launch.barred")


def barred_launches(work: Work) -> list[UUID]:
    """Return what runs of partners that may not launch, oldest first."""
    wanted = select(Launch.id).where(Launch.state.in_(MOVING), is_barred(Launch))
    return list(work.session.scalars(wanted.order_by(Launch.id)))


def pause_barred(work: Work, launch_id: UUID) -> bool:
    """Pause a launch whose partner may not launch any more, with the reason, and tell its people.

    False when it does not run any more, or the partner may again.
    """
    launch = work.session.scalar(
        select(Launch)
        .where(Launch.id == launch_id, Launch.state.in_(MOVING))
        .with_for_update(skip_locked=True)
    )
    why = why_barred(work.session, launch) if launch is not None else ""
    if launch is None or not why:
        return False
    for mailing_id in _running(work, launch):
        delivery.pause_mailing(work, mailing_id, reason=why)
    if launch.state == LaunchState.EXPANDING:
        launch.due_at = work.now
    move(launch, LaunchState.PAUSED)
    launch.paused_reason = why
    record(work, launch, "paused", reason=why)
    tell_paused(work, launch, why)
    return True


def _running(work: Work, launch: Launch) -> list[int]:
    rows = work.session.scalars(
        select(Mailing.id)
        .where(
            Mailing.id.in_(mailings_of(work.session, launch.id)),
            Mailing.state == MailingState.RUNNING,
        )
        .order_by(Mailing.id)
        .with_for_update()
    )
    return list(rows)
