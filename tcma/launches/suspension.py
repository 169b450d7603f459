"""A partner that its vendor has suspended, or parted from, launches nothing; what runs is paused."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.models import Mailing
from tcma.delivery.rules import MailingState
from tcma.errors import Conflict
from tcma.launches.models import Launch
from tcma.launches.moving import move, record
from tcma.launches.queries import mailings_of
from tcma.launches.rules import LaunchState, barred_words
from tcma.launches.telling import tell_paused
from tcma.partners.models import Enrolment, Vendor
from tcma.partners.rules import EnrolmentState
from tcma.words import say

BARRED = (EnrolmentState.SUSPENDED, EnrolmentState.ENDED)
MOVING = (LaunchState.SCHEDULED, LaunchState.EXPANDING, LaunchState.SENDING)


def is_barred(launch: type[Launch]) -> ColumnElement[bool]:
    """The condition under which a launch's partner may not launch with its vendor."""
    return exists().where(_of(launch), Enrolment.state.in_(BARRED))


def why_barred(session: Session, launch: Launch) -> str:
    """Return why a launch's partner may launch nothing; empty while it may."""
    row = session.execute(
        select(Enrolment.state, Vendor.name)
        .join(Vendor, Vendor.id == Enrolment.vendor_id)
        .where(
            Enrolment.vendor_id == launch.vendor_id,
            Enrolment.partner_id == launch.partner_id,
        )
    ).one_or_none()
    return barred_words(EnrolmentState(row.state), row.name) if row else ""


def refuse_barred(work: Work, launch: Launch) -> None:
    """Raise Conflict with the reason when a launch's partner may launch nothing."""
    why = why_barred(work.session, launch)
    if why:
        raise Conflict(say("{why}.", why=why), code="launch.barred")


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


def _of(launch: Any) -> ColumnElement[bool]:
    return and_(Enrolment.vendor_id == launch.vendor_id, Enrolment.partner_id == launch.partner_id)
