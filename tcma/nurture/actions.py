"""Enrol a lead, wake who waited, stop those who answered, steer one person or all who are stuck."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.journeys.document import END
from tcma.journeys.interpreter import Outcome, due_of
from tcma.journeys.people import holds, kept_out, misses
from tcma.leads.models import Lead
from tcma.leads.rules import LeadState
from tcma.nurture.ending import drop_waiting, why_ended
from tcma.nurture.entering import begins, entrance
from tcma.nurture.facts import Known, look_at, runs_of, whole
from tcma.nurture.models import NurtureRun, NurtureStep
from tcma.nurture.outlived import outlived
from tcma.nurture.queries import enrolling
from tcma.nurture.recycled import enter_again
from tcma.nurture.rules import ATTEMPTS, FRESH, OPEN, RETRY_AFTER, Barred, Exit, RunState
from tcma.nurture.versions import JourneyVersion, entered, sequence_of
from tcma.permissions import Permission
from tcma.words import say


def enrol(work: Work, lead_id: UUID) -> int | None:
    """Start the journey of a fresh lead's campaign; once per person, or again when it says so.

    The sender is the partner who took the consent, by a page, a key, a list or a mail. Returns the
    run's number, None when there is nothing to start, or the person may not be mailed (`entering`).
    Who is held out gets a run that has ended, so that they are counted.
    """
    lead = found(work.session.get(Lead, lead_id))
    if lead.state == LeadState.RECYCLED:
        return enter_again(work, lead)
    if lead.state not in FRESH:
        return None
    way = entrance(work, lead)
    if isinstance(way, Barred):
        return None
    sequence_id = sequence_of(work, vendor_id=lead.vendor_id, campaign_id=lead.campaign_id)
    version = entered(work, sequence_id, way.campaign_version_id)
    [person] = whole(work.session, [(enrolling(work.session, lead, way.copy_id), version.journey)])
    if misses(version.journey.entry, person):
        return None
    rotation = _rotation(work, version, lead)
    if rotation is None:
        return None
    run_id = work.session.scalar(
        insert(NurtureRun)
        .values(
            sequence_id=sequence_id,
            version_id=version.id,
            vendor_id=lead.vendor_id,
            partner_id=way.partner_id,
            contact_id=lead.contact_id,
            lead_id=lead.id,
            rotation=rotation,
            created_at=work.now,
            **begins(version.journey, person, work.now, answers=True),
        )
        .on_conflict_do_nothing()
        .returning(NurtureRun.id)
    )
    if run_id is not None:
        work.audit("entered the sequence", "lead", lead.id, vendor_id=lead.vendor_id)
        work.wake(Job.NURTURE_ADVANCE)
    return run_id


def _rotation(work: Work, version: JourneyVersion, lead: Lead) -> int | None:
    """Return which time this is for the person; None when they may not enter.

    Who began by a date and asks now gets the answer: that run ends, and counts for nothing else.
    """
    runs = work.session.execute(
        select(
            NurtureRun.id,
            NurtureRun.rotation,
            NurtureRun.state,
            NurtureRun.lead_id,
            NurtureRun.ended_at,
        ).where(
            NurtureRun.sequence_id == version.sequence_id, NurtureRun.contact_id == lead.contact_id
        )
    ).all()
    if not runs:
        return 1
    asked = [run for run in runs if run.lead_id is not None]
    if any(run.state in OPEN or run.lead_id == lead.id for run in asked):
        return None
    last = max((run.ended_at or work.now for run in asked), default=None)
    if kept_out(version.journey, None if last is None else (work.now - last).days):
        return None
    for each in look_at(work, [run.id for run in runs if run.lead_id is None], OPEN):
        end(work, each, Exit.ANEW)
    return 1 + max(int(run.rotation) for run in runs)


def fail(work: Work, run_id: int, *, reason: str) -> None:
    """Count a failed try; after five the run is stuck, where an author sees it."""
    run = work.session.get(NurtureRun, run_id, with_for_update=True)
    if run is None or run.state != RunState.ACTIVE:
        return
    run.attempt += 1
    run.due_at = work.now + RETRY_AFTER
    if run.attempt >= ATTEMPTS:
        run.state, run.left_because = RunState.STUCK, reason[:200]


def wake_of_message(work: Work, run_id: int) -> bool:
    """Make a run due now when what it waits for has happened."""
    return any(_woken(work, each) for each in look_at(work, [run_id], (RunState.ACTIVE,)))


def _woken(work: Work, known: Known) -> bool:
    step = known.journey.step(known.stand.step)
    asks = step.asks if step else None
    waits = known.row.waiting_for and asks is not None and holds(asks, known.facts)
    if not waits or known.stand.due_at <= work.now:
        return False
    work.session.execute(
        update(NurtureRun)
        .where(NurtureRun.id == known.row.id)
        .values(due_at=work.now, waiting_for=None)
    )
    work.wake(Job.NURTURE_ADVANCE)
    return True


def stop_answered(
    work: Work, *, lead_id: UUID | None, contact_id: int | None, why: Exit | None = None
) -> int:
    """End every open run of a lead or contact that has a reason to end, wake those that waited.

    Returns how many ended.
    """
    ended = 0
    for known in look_at(work, runs_of(work.session, lead_id=lead_id, contact_id=contact_id), OPEN):
        reason = why or known.leaves
        if reason is not None:
            end(work, known, reason)
            ended += 1
        else:
            _woken(work, known)
    return ended


def end_outlived(work: Work) -> int:
    """End runs of campaigns that ended and of partners that left, as many as a batch; how many did."""
    done = 0
    for known in look_at(work, outlived(work), OPEN):
        if known.leaves is not None:
            end(work, known, known.leaves)
            done += 1
    return done


def end(work: Work, known: Known, why: Exit) -> None:
    """End one run for a reason; its mails that wait are dropped."""
    row = known.row
    work.session.execute(
        update(NurtureRun)
        .where(NurtureRun.id == row.id)
        .values(
            state=RunState.EXITED,
            left_because=why,
            ended_at=work.now,
            due_at=None,
            waiting_for=None,
        )
    )
    drop_waiting(work, row.id, row.contact_id)
    why_ended(work, row.lead_id, row.vendor_id, why)


def pause(work: Work, run_id: int) -> None:
    """Hold one person's run."""
    _steer(work, run_id, (RunState.ACTIVE,), RunState.PAUSED)


def resume(work: Work, run_id: int) -> None:
    """Let a held or stuck run go on; what was overdue meanwhile is due now, not too old."""
    _steer(work, run_id, (RunState.PAUSED, RunState.STUCK), RunState.ACTIVE)
    work.wake(Job.NURTURE_ADVANCE)


def _steer(work: Work, run_id: int, origin: Sequence[RunState], to: RunState) -> None:
    work.require(Permission.NURTURE_STEER)
    mine = select(NurtureRun.id).where(NurtureRun.id == run_id)
    found(work.session.scalar(visible(mine, work.principal, NurtureRun)))
    moved = work.session.execute(
        update(NurtureRun)
        .where(NurtureRun.id == run_id, NurtureRun.state.in_(origin))
        .values(
            state=to,
            attempt=0,
            left_because=None,
            due_at=func.greatest(NurtureRun.due_at, work.now),
        )
        .returning(NurtureRun.lead_id, NurtureRun.vendor_id)
    ).one_or_none()
    if moved is None:
        raise Conflict(say("This person has left the journey."), code="nurture.left")
    verb = "paused the journey" if to is RunState.PAUSED else "resumed the journey"
    work.audit(verb, "lead", moved.lead_id or run_id, vendor_id=moved.vendor_id)


def retry_stuck(work: Work, sequence_id: UUID, node: str) -> int:
    """Let everybody go on who is stuck at a step; return how many."""
    runs = _stuck(work, sequence_id, node)
    work.session.execute(
        update(NurtureRun)
        .where(NurtureRun.id.in_(runs), NurtureRun.state == RunState.STUCK)
        .values(state=RunState.ACTIVE, attempt=0, left_because=None, due_at=work.now)
    )
    work.audit("retried a step", "sequence", sequence_id, step=node)
    work.wake(Job.NURTURE_ADVANCE)
    return len(runs)


def skip_stuck(work: Work, sequence_id: UUID, node: str) -> int:
    """Let everybody who is stuck at a step go on behind it; return how many.

    Only a step with one way on can be skipped: which way a question would have gone nobody knows.
    """
    runs = look_at(work, _stuck(work, sequence_id, node), (RunState.STUCK,))
    for known in runs:
        step = known.journey.step(node)
        ways = set(step.follows()) if step else set()
        if len(ways) != 1:
            message = say(
                "This step asks which way to go, so it cannot be skipped. Try it again instead."
            )
            raise Conflict(message, code="nurture.skip")
        _behind(work, known, ways.pop())
    work.audit("skipped a step", "sequence", sequence_id, step=node)
    work.wake(Job.NURTURE_ADVANCE)
    return len(runs)


def _behind(work: Work, known: Known, to: str) -> None:
    row, step = known.row, known.journey.step(to)
    work.session.add(
        NurtureStep(
            run_id=row.id, step_no=row.step_no, version_no=known.version.no, at=work.now,
            node=row.node, outcome=Outcome.SKIPPED, why=f"skipped by {work.principal.name}",
        )
    )  # fmt: skip
    due = due_of(known.journey, step, known.person, work.now) if step else None
    work.session.execute(
        update(NurtureRun)
        .where(NurtureRun.id == row.id)
        .values(
            state=RunState.ACTIVE if step else RunState.EXHAUSTED,
            node=to if step else END,
            step_no=NurtureRun.step_no + 1,
            since=work.now,
            due_at=due,
            attempt=0,
            left_because=None,
            ended_at=None if step else work.now,
        )
    )


def _stuck(work: Work, sequence_id: UUID, node: str) -> list[int]:
    work.require(Permission.NURTURE_STEER)
    at = select(NurtureRun.id).where(
        NurtureRun.sequence_id == sequence_id,
        NurtureRun.node == node,
        NurtureRun.state == RunState.STUCK,
    )
    return list(work.session.scalars(visible(at, work.principal, NurtureRun)))
