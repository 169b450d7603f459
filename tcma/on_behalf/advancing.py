"""What a worker does when an arranged launch is due: check, tell, start, hold; one row at a time, each
step by compare-and-set, so that a kill anywhere repeats a step and never a launch.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from tcma.db.work import Work
from tcma.delivery.budgets import came_back
from tcma.delivery.rules import Tally
from tcma.errors import Invalid, TcmaError, Unavailable
from tcma.launches import actions as launches
from tcma.launches.models import Launch
from tcma.launches.queries import lines_of
from tcma.launches.rules import LaunchState
from tcma.library.queries import vendor_offers
from tcma.library.seeing import unmet
from tcma.on_behalf import letters
from tcma.on_behalf.acting import (
    Answers,
    answers_of,
    checked,
    for_partner,
    plan,
    refused,
    tried,
)
from tcma.on_behalf.arranging import drop_draft, set_aside
from tcma.on_behalf.models import ArrangedLaunch, PartnerRun, StandingOrder
from tcma.on_behalf.rules import (
    HELD_FOR,
    LOOK_AGAIN,
    LOOKED_AT,
    OWN_LAUNCH,
    ArrangedState,
    Gate,
    OrderState,
    Pilot,
    PilotVerdict,
    RunState,
    Why,
    judge_pilot,
)
from tcma.partners.models import Partner

A = ArrangedState
LEASE = timedelta(minutes=5)
"""How long one worker has for a row before another may try."""


def claim_due(work: Work) -> UUID | None:
    """Take the row that has waited longest; None when none is due.

    The rest of a run is not taken before it is released, nor anything of a run that is held.
    """
    gated = (
        select(PartnerRun.id)
        .where(
            PartnerRun.id == ArrangedLaunch.run_id,
            or_(
                ArrangedLaunch.state == A.CHECKING,
                (PartnerRun.state == RunState.RUNNING)
                & (
                    ArrangedLaunch.is_pilot
                    | ArrangedLaunch.state.in_((A.WAITING, A.ASKING))
                    | PartnerRun.released_at.is_not(None)
                ),
            ),
        )
        .exists()
    )
    row = work.session.scalar(
        select(ArrangedLaunch)
        .where(
            ArrangedLaunch.state.in_(LOOKED_AT),
            ArrangedLaunch.due_at <= work.now,
            or_(ArrangedLaunch.run_id.is_(None), gated),
        )
        .order_by(ArrangedLaunch.due_at, ArrangedLaunch.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.due_at = work.now + LEASE
    return row.id


def advance(work: Work, row_id: UUID) -> ArrangedState | None:
    """Do what is due for one row; return where it stands now, None when it is over.

    Raises Unavailable while files cannot be had, which says nothing of the launch: another look follows.
    """
    row = work.session.scalar(
        select(ArrangedLaunch)
        .where(ArrangedLaunch.id == row_id, ArrangedLaunch.state.in_(LOOKED_AT))
        .with_for_update()
    )
    if row is None:
        return None
    step = {
        A.CHECKING: _check,
        A.ASKING: _miss,
        A.WAITING: _tell,
        A.TOLD: _start,
        A.HELD: _start,
    }[ArrangedState(row.state)]
    step(work, row)
    return ArrangedState(row.state)


def unjudged(work: Work) -> list[UUID]:
    """Return the runs that a pilot still holds back."""
    return list(work.session.scalars(_waiting().order_by(PartnerRun.id)))


def _waiting() -> Select[UUID]:
    return select(PartnerRun.id).where(
        PartnerRun.state == RunState.RUNNING,
        PartnerRun.pilots_n > 0,
        PartnerRun.released_at.is_(None),
    )


def judge(work: Work, run_id: UUID) -> Gate | None:
    """Release or hold a run whose pilot tells enough; None when nobody waits for it, or another judges it."""
    mine = _waiting().where(PartnerRun.id == run_id).with_for_update(skip_locked=True)
    if work.session.scalar(mine) is None:
        return None
    run = work.session.get_one(PartnerRun, run_id)
    said = pilot_verdict(work, run)
    if said.gate is Gate.OPEN:
        run.released_at = work.now
    elif said.gate is Gate.HOLD:
        run.state, run.held_why = RunState.HELD, said.words
        letters.tell_run_held(work, run)
    else:
        return said.gate
    work.audit("pilot judged", "partner_run", run.ref, vendor_id=run.vendor_id,
               gate=said.gate, words=said.words)  # fmt: skip
    return said.gate


def pilot_verdict(work: Work, run: PartnerRun) -> PilotVerdict:
    """Return what the pilot of a run says now."""
    session = work.session
    rows = session.execute(
        select(ArrangedLaunch.launch_id, Partner.name, Launch.paused_reason, Launch.failure,
               Launch.sender_id)
        .join(Partner, Partner.id == ArrangedLaunch.partner_id)
        .outerjoin(Launch, Launch.id == ArrangedLaunch.launch_id)
        .where(ArrangedLaunch.run_id == run.id, ArrangedLaunch.is_pilot)
        .order_by(ArrangedLaunch.id)
    ).all()  # fmt: skip
    lines = lines_of(session, work.principal, [r.launch_id for r in rows if r.launch_id])
    pilots = []
    for row in rows:
        line = lines.get(row.launch_id)
        if line is None or line.state in (LaunchState.DRAFT, LaunchState.AWAITING):
            pilots.append(Pilot(row.name, None, "", 0, 0, Tally()))
            continue
        sums, back = line.equation, line.reactions
        pilots.append(
            Pilot(
                row.name, line.state, row.paused_reason or row.failure or "", sums.expected,
                sums.waiting, Tally(sums.sent, back["bounced"], back["complained"]),
            )
        )  # fmt: skip
    breach = next(
        (why for r in rows if r.sender_id and (why := came_back(session, r.sender_id))), ""
    )
    rest_at = run.send_at + timedelta(hours=run.wait_hours)
    return judge_pilot(pilots, rest_at=rest_at, now=work.now, breach=breach)


def _check(work: Work, row: ArrangedLaunch) -> None:
    answers = _answers(work.session, row)
    row.verdict = tried(work, row, answers) if answers else {"asks_first": True}
    row.state, row.due_at = A.LISTED, None


def _miss(work: Work, row: ArrangedLaunch) -> None:
    drop_draft(work, row)
    row.state, row.due_at = A.MISSED, None


def _tell(work: Work, row: ArrangedLaunch) -> None:
    answers = _answers(work.session, row)
    if answers is None:
        set_aside(work, row, Why.LEFT)
        return
    if not _offered(work, row):
        set_aside(work, row, Why.HIDDEN)
        return
    if _launched_itself(work, row):
        set_aside(work, row, Why.OWN)
        return
    try:
        with work.session.begin_nested():
            launch = plan(work, row, answers)
            row.launch_id, row.verdict = launch.id, checked(work, row, launch)
    except Unavailable:
        raise
    except TcmaError as error:
        row.verdict = refused(error)
    row.state, row.due_at, row.told_at = A.TOLD, row.send_at, work.now
    letters.tell_ahead(work, row)


def _start(work: Work, row: ArrangedLaunch) -> None:
    if work.now < row.send_at:
        row.state, row.due_at = A.TOLD, row.send_at
        return
    if not _offered(work, row):
        set_aside(work, row, Why.HIDDEN)
        return
    launch = work.session.get(Launch, row.launch_id) if row.launch_id else None
    if launch is None and not _plan_again(work, row):
        return
    launch = launch or work.session.get_one(Launch, row.launch_id)
    if launch.state != LaunchState.DRAFT:
        row.state, row.due_at = A.LAUNCHED, None
        return
    verdict = checked(work, row, launch)
    if not verdict["stops"]:
        try:
            with work.session.begin_nested():
                launches.start_launch(for_partner(work, row), launch.ref)
        except Invalid as error:
            verdict = {**verdict, **refused(error)}
        else:
            row.state, row.due_at, row.verdict = A.LAUNCHED, None, verdict
            work.audit(
                "launched", "arranged_launch", row.ref, vendor_id=row.vendor_id,
                partner_id=row.partner_id, launch=launch.ref,
            )  # fmt: skip
            return
    _hold(work, row, verdict)


def _plan_again(work: Work, row: ArrangedLaunch) -> bool:
    """Plan what could not be planned when the partner was told; a draft they deleted stays deleted."""
    if "sender" in row.verdict:
        set_aside(work, row, Why.DELETED)
        return False
    answers = _answers(work.session, row)
    if answers is None:
        set_aside(work, row, Why.LEFT)
        return False
    try:
        with work.session.begin_nested():
            row.launch_id = plan(work, row, answers).id
    except Unavailable:
        raise
    except TcmaError as error:
        _hold(work, row, refused(error))
        return False
    return True


def _hold(work: Work, row: ArrangedLaunch, verdict: dict[str, Any]) -> None:
    """Wait for what is missing; its partner is told once for each new reason."""
    if work.now > row.send_at + HELD_FOR:
        _miss(work, row)
        return
    news = row.state != A.HELD or row.verdict.get("stops") != verdict["stops"]
    row.state, row.due_at, row.verdict = A.HELD, work.now + LOOK_AGAIN, verdict
    if news and any(partner for *_, partner in verdict["stops"]):
        letters.tell_held(work, row)


def _answers(session: Session, row: ArrangedLaunch) -> Answers | None:
    """The answers of the order in force; None when there is none, or it is paused or left."""
    order = session.get(StandingOrder, row.order_id) if row.order_id else None
    if order is None or order.state != OrderState.ACTIVE:
        return None
    return answers_of(order)


def _launched_itself(work: Work, row: ArrangedLaunch) -> bool:
    own = select(Launch.id).where(
        Launch.partner_id == row.partner_id,
        Launch.campaign_id == row.campaign_id,
        Launch.state.not_in((LaunchState.DRAFT, LaunchState.CANCELLED, LaunchState.FAILED)),
        Launch.created_at > work.now - OWN_LAUNCH,
    )
    return work.session.scalar(own.limit(1)) is not None


def _offered(work: Work, row: ArrangedLaunch) -> bool:
    """Whether the partner may still start the campaign."""
    offer = work.session.scalar(vendor_offers(row.partner_id, row.campaign_id))
    return offer is not None and not unmet(
        work.session, row.partner_id, row.campaign_id, today=work.now.date()
    )
