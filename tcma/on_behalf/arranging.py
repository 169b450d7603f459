"""Arranged launches as their partner steers them: agreed to, skipped and taken back, put off; and how
they come to be, one for each order and day of a calendar.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.launches import actions as launches
from tcma.launches.actions import LaunchPlan
from tcma.launches.models import Launch
from tcma.launches.queries import launch_detail
from tcma.launches.rules import LaunchState
from tcma.on_behalf.acting import for_partner, plan, shown_mail, usual_answers
from tcma.on_behalf.models import (
    ArrangedLaunch,
    CalendarDay,
    CampaignCalendar,
    PartnerRun,
    StandingOrder,
)
from tcma.on_behalf.rules import (
    AHEAD,
    FURTHEST,
    ArrangedState,
    OrderState,
    Why,
    morning,
    tell_at,
)
from tcma.partners.models import Partner
from tcma.permissions import Permission
from tcma.words import say

A = ArrangedState


def arrange(work: Work, calendar_id: UUID) -> int:
    """Write what the orders and days of a calendar still lack; return how many. Twice is once.

    A day whose notice is too short by now is left out: nobody is surprised.
    """
    calendar = work.session.get_one(CampaignCalendar, calendar_id)
    pairs = work.session.execute(
        select(StandingOrder, CalendarDay, Partner.zone)
        .join(CalendarDay, CalendarDay.calendar_id == StandingOrder.calendar_id)
        .join(Partner, Partner.id == StandingOrder.partner_id)
        .outerjoin(
            ArrangedLaunch,
            (ArrangedLaunch.order_id == StandingOrder.id)
            & (ArrangedLaunch.day_id == CalendarDay.id),
        )
        .where(
            StandingOrder.calendar_id == calendar_id,
            StandingOrder.state == OrderState.ACTIVE,
            CalendarDay.taken_back_at.is_(None),
            ArrangedLaunch.id.is_(None),
        )
        .order_by(CalendarDay.on_day, StandingOrder.id)
    ).all()
    made = 0
    for order, day, zone in pairs:
        send_at = morning(day.on_day, zone)
        if tell_at(send_at, calendar.notice_days) <= work.now:
            continue
        values = {
            "id": new_id(), "ref": next_reference(work, "ARR"), "vendor_id": order.vendor_id,
            "partner_id": order.partner_id, "campaign_id": day.campaign_id, "order_id": order.id,
            "day_id": day.id, "send_at": send_at,
            "due_at": tell_at(send_at, calendar.notice_days),
        }  # fmt: skip
        fresh = upsert(ArrangedLaunch).values(values)
        work.session.execute(fresh.on_conflict_do_nothing(constraint="arranged_launch_day_once"))
        made += 1
    if made:
        work.wake(Job.LAUNCH_ARRANGE)
    return made


def agree(work: Work, ref: str) -> None:
    """Say that a launch may go; one that was asked for is planned with the usual answers.

    Agreeing twice is the same as once. Conflict for one that is over; Invalid when the partner has to
    choose a list first.
    """
    row = _mine(work, ref)
    if row.state == A.ASKING:
        answers = usual_answers(work.session, row.partner_id, row.vendor_id)
        if answers is None:
            raise Invalid(
                say("There is no list yet that it could go to."),
                code="arranged.no_list",
                remedy=say("Bring your customers first, then say yes."),
            )
        row.launch_id = plan(work, row, answers).id
        row.state = A.TOLD
        row.due_at = row.send_at
    elif row.state not in (A.TOLD, A.HELD):
        _over(row)
    if row.state == A.HELD:
        row.due_at = work.now
    if row.agreed_at is None:
        row.agreed_at, row.agreed_by = work.now, work.principal.name
        _audit(work, row, "agreed to")
    work.wake(Job.LAUNCH_ARRANGE)


def skip(work: Work, ref: str) -> None:
    """Leave one launch out; its draft goes. Skipping twice is the same as once."""
    row = _mine(work, ref)
    if row.state == A.SKIPPED:
        return
    if row.state not in AHEAD:
        _over(row)
    set_aside(work, row, Why.CHOSE)
    _audit(work, row, "skipped")


def unskip(work: Work, ref: str) -> None:
    """Take a skip back while its day is still to come."""
    row = _mine(work, ref)
    if row.state != A.SKIPPED or row.why != Why.CHOSE:
        return
    if not bring_back(work, row):
        raise Conflict(say("Its day has passed."), code="arranged.past")
    _audit(work, row, "brought back")


def put_off(work: Work, ref: str, day: date) -> None:
    """Launch on another day, at the same hour. Invalid for a past, early or far one."""
    row = _mine(work, ref)
    if row.state not in (A.WAITING, A.TOLD, A.HELD):
        _over(row)
    zone = found(work.session.scalar(select(Partner.zone).where(Partner.id == row.partner_id)))
    later = morning(day, zone)
    soonest = work.now
    if row.run_id:
        soonest = max(soonest, work.session.get_one(PartnerRun, row.run_id).send_at)
    if later <= soonest or later > work.now + FURTHEST:
        said = say("Choose a day between tomorrow and {last:%d %B}.", last=work.now + FURTHEST)
        if row.run_id:
            said = say("It goes to many partners at once, so choose a later day, within 90 days.")
        raise Invalid(said, code="arranged.day", fields={"day": said})
    row.send_at = later
    if row.state == A.WAITING:
        row.due_at = max(work.now, min(row.due_at or later, later))
    else:
        row.state, row.due_at = A.TOLD, later
    replan(work, row)
    _audit(work, row, "put off", day=day.isoformat())


def mail_of(work: Work, ref: str) -> str:
    """Return the first mail of one's own arranged launch as a document; takes no lock."""
    work.require(Permission.LAUNCH_PLAN)
    wanted = visible(select(ArrangedLaunch), work.principal, ArrangedLaunch).where(
        ArrangedLaunch.ref == ref
    )
    return shown_mail(work, found(work.session.scalar(wanted)))


def set_aside(work: Work, row: ArrangedLaunch, why: Why) -> None:
    """Skip a launch for a reason, and take its draft away."""
    if drop_draft(work, row):
        row.state, row.why, row.due_at, row.agreed_at = A.SKIPPED, why, None, None


def bring_back(work: Work, row: ArrangedLaunch) -> bool:
    """Let a skipped launch come after all; False when its day has passed."""
    if row.send_at <= work.now:
        return False
    row.why = None
    row.state = A.ASKING if row.run_id and row.order_id is None else A.WAITING
    row.due_at = row.send_at if row.state == A.ASKING else work.now
    work.wake(Job.LAUNCH_ARRANGE)
    return True


def set_all_aside(work: Work, order: StandingOrder, why: Why) -> int:
    """Skip what an order still brings; return how many."""
    rows = _of(work, order, AHEAD)
    for row in rows:
        set_aside(work, row, why)
    return len(rows)


def bring_all_back(work: Work, order: StandingOrder, why: Why, notice_days: int) -> int:
    """Let come what was skipped for this reason; return how many."""
    back = 0
    for row in _of(work, order, (A.SKIPPED,)):
        if row.why == why and bring_back(work, row):
            row.due_at = max(work.now, tell_at(row.send_at, notice_days))
            back += 1
    return back


def drop_draft(work: Work, row: ArrangedLaunch) -> bool:
    """Delete the draft of a row; False for one that has begun by other hands: it is launched."""
    launch = work.session.get(Launch, row.launch_id) if row.launch_id else None
    if launch is None:
        return True
    if launch.state != LaunchState.DRAFT:
        row.state, row.due_at = A.LAUNCHED, None
        return False
    row.launch_id = None
    work.session.flush()  # the row lets go of its launch before that is deleted
    launches.delete_draft(for_partner(work, row), launch.ref)
    return True


def follow_draft(work: Work, launch_ref: str) -> None:
    """Let an arranged launch go when its draft says, after its partner changed that by hand."""
    wanted = (
        visible(select(ArrangedLaunch), work.principal, ArrangedLaunch)
        .join(Launch, Launch.id == ArrangedLaunch.launch_id)
        .where(Launch.ref == launch_ref, ArrangedLaunch.state.in_((A.TOLD, A.HELD)))
    )
    row = work.session.scalar(wanted.with_for_update(of=ArrangedLaunch))
    if row is not None:
        row.send_at = row.due_at = work.session.get_one(Launch, row.launch_id).due_at


def replan(work: Work, row: ArrangedLaunch) -> None:
    """Move the draft of a row to the row's day."""
    launch = work.session.get(Launch, row.launch_id) if row.launch_id else None
    if launch is None or launch.state != LaunchState.DRAFT:
        return
    hand = for_partner(work, row)
    now = launch_detail(work.session, hand.principal, launch.ref, now=work.now)
    launches.change_plan(
        hand,
        launch.ref,
        LaunchPlan(
            copy_id=now.copy_id, list_ids=now.list_ids, sender_id=now.sender_id,
            send_at=row.send_at, mails="all" if len(now.mails) > 1 else "first", name=now.line.name,
        ),
    )  # fmt: skip


def _of(
    work: Work, order: StandingOrder, states: Sequence[ArrangedState]
) -> Sequence[ArrangedLaunch]:
    wanted = select(ArrangedLaunch).where(
        ArrangedLaunch.order_id == order.id, ArrangedLaunch.state.in_(states)
    )
    return work.session.scalars(wanted.order_by(ArrangedLaunch.id).with_for_update()).all()


def _mine(work: Work, ref: str) -> ArrangedLaunch:
    work.require(Permission.LAUNCH_PLAN)
    wanted = visible(select(ArrangedLaunch), work.principal, ArrangedLaunch).where(
        ArrangedLaunch.ref == ref
    )
    row: ArrangedLaunch = found(work.session.scalar(wanted.with_for_update()))
    launch = work.session.get(Launch, row.launch_id) if row.launch_id else None
    if row.state in AHEAD and launch is not None and launch.state != LaunchState.DRAFT:
        row.state, row.due_at = A.LAUNCHED, None  # its partner pressed Launch on its own page
    return row


def _over(row: ArrangedLaunch) -> None:
    words = {
        A.LAUNCHED: say("It has been launched. Its own page pauses and cancels it."),
        A.STOPPED: say("Your vendor took it back."),
        A.MISSED: say("Its time is over."),
    }
    raise Conflict(
        words.get(ArrangedState(row.state), say("It is not as it was when you opened this page.")),
        code="arranged.over",
    )


def _audit(work: Work, row: ArrangedLaunch, verb: str, **detail: Any) -> None:
    work.audit(
        verb, "arranged_launch", row.ref, vendor_id=row.vendor_id, partner_id=row.partner_id,
        **detail,
    )  # fmt: skip
