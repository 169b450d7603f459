"""Enrol a lead, move those who are due, stop those who answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, update
from sqlalchemy.dialects.postgresql import insert

from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.delivery import actions as delivery
from tcma.delivery.rules import Reason
from tcma.errors import Conflict
from tcma.jobs import Job
from tcma.leads.models import Lead
from tcma.leads.rules import LeadState
from tcma.library.models import Page
from tcma.library.queries import campaign_source
from tcma.nurture.models import NurtureMailing, NurtureRun, NurtureStep, SequenceVersion
from tcma.nurture.models import Sequence as SequenceRow
from tcma.nurture.queries import why_leave
from tcma.nurture.rules import (
    ATTEMPTS,
    BATCH,
    LEASE,
    RETRY_AFTER,
    Exit,
    Move,
    Outcome,
    RunState,
    enter,
)
from tcma.partners.models import Partner
from tcma.permissions import Permission
from tcma.rendering.nurture_plan import END

SLUG = "nurture"
OPEN = (RunState.ACTIVE, RunState.PAUSED, RunState.STUCK)

CLAIM = text("""
WITH due AS MATERIALIZED (
  SELECT id FROM nurture_run WHERE state = 0 AND due_at <= :now
    AND (lease_until IS NULL OR lease_until < :now)
  ORDER BY due_at, id LIMIT :batch FOR UPDATE SKIP LOCKED)
UPDATE nurture_run r SET lease_until = :until FROM due WHERE r.id = due.id
RETURNING r.id
""")


def enrol(work: Work, lead_id: UUID) -> int | None:
    """Start the sequence of a fresh lead's campaign; once per person. Returns the run's number.

    The sender is the partner whose page took the consent. None when there is nothing to start.
    """
    lead = found(work.session.get(Lead, lead_id))
    if lead.state not in {LeadState.NEW, LeadState.OFFERED, LeadState.UNASSIGNED}:
        return None
    page = work.session.get(Page, lead.page_id) if lead.page_id else None
    if page is None or lead.contact_id is None:
        return None
    version = _version(work, page)
    partner = found(work.session.get(Partner, page.partner_id))
    plan = campaign_source(work, page.version_id).nurture
    node, due_at = enter(plan, work.now, partner.zone)
    run_id = work.session.scalar(
        insert(NurtureRun)
        .values(
            sequence_id=version.sequence_id,
            version_id=version.id,
            vendor_id=lead.vendor_id,
            partner_id=page.partner_id,
            contact_id=lead.contact_id,
            lead_id=lead.id,
            state=RunState.ACTIVE,
            node=node,
            due_at=due_at,
            created_at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(NurtureRun.id)
    )
    if run_id is not None:
        work.audit("entered the sequence", "lead", lead.id, vendor_id=lead.vendor_id)
        work.wake(Job.NURTURE_ADVANCE)
    return run_id


def _version(work: Work, page: Page) -> SequenceVersion:
    plan = campaign_source(work, page.version_id).nurture
    sequence = insert(SequenceRow).values(
        vendor_id=page.vendor_id, campaign_id=page.campaign_id, slug=SLUG, created_at=work.now
    )
    work.session.execute(sequence.on_conflict_do_nothing(constraint="sequence_slug"))
    sequence_id = work.session.scalar(
        select(SequenceRow.id).where(
            SequenceRow.campaign_id == page.campaign_id, SequenceRow.slug == SLUG
        )
    )
    fresh = insert(SequenceVersion).values(
        sequence_id=sequence_id,
        vendor_id=page.vendor_id,
        campaign_version_id=page.version_id,
        steps={
            "steps": [
                {"id": s.id, "kind": s.kind, "mail": s.mail, "follows": list(s.follows())}
                for s in plan.steps
            ],
            "exits": sorted(plan.exits),
        },
        made_at=work.now,
    )
    work.session.execute(fresh.on_conflict_do_nothing(constraint="sequence_version_once"))
    return work.session.scalars(
        select(SequenceVersion).where(
            SequenceVersion.sequence_id == sequence_id,
            SequenceVersion.campaign_version_id == page.version_id,
        )
    ).one()


def claim_due(work: Work, *, batch: int = BATCH) -> list[int]:
    """Lease due runs for a minute; a dead worker's come back by themselves."""
    rows = work.session.execute(CLAIM, {"now": work.now, "until": work.now + LEASE, "batch": batch})
    return sorted(row.id for row in rows)


@dataclass(frozen=True, slots=True)
class Step:
    """A decided move of one leased run; `mailing_id` where it sends."""

    run_id: int
    step_no: int
    node: str
    move: Move
    mailing_id: int | None


def apply(work: Work, step: Step) -> bool:
    """Write one executed step, its message and the run's next place: all or nothing, once.

    False when somebody else was there first or the run has ended meanwhile.
    """
    run = work.session.scalar(
        select(NurtureRun)
        .where(
            NurtureRun.id == step.run_id,
            NurtureRun.state == RunState.ACTIVE,
            NurtureRun.step_no == step.step_no,
            NurtureRun.node == step.node,
        )
        .with_for_update()
    )
    if run is None:
        return False
    move = step.move
    run.lease_until, run.attempt = None, 0
    if move.node == step.node and move.outcome is Outcome.WAITED:
        run.due_at = move.due_at
        return True
    if step.mailing_id is not None:
        delivery.queue_message(
            work,
            mailing_id=step.mailing_id,
            contact_id=run.contact_id,
            origin_id=run.id,
            step_no=step.step_no,
        )
    work.session.add(
        NurtureStep(
            run_id=run.id,
            step_no=step.step_no,
            node=step.node,
            outcome=move.outcome,
            detail={"mail": move.mail, "why": move.detail},
            at=work.now,
        )
    )
    run.step_no += 1
    run.node, run.due_at = move.node, move.due_at
    if move.node == END:
        run.state, run.ended_at = RunState.DONE, work.now
    return True


def fail(work: Work, run_id: int, *, reason: str) -> None:
    """Count a failed try; after five the run is stuck, where an author sees it."""
    run = found(work.session.get(NurtureRun, run_id, with_for_update=True))
    run.attempt += 1
    run.lease_until, run.due_at = None, work.now + RETRY_AFTER
    if run.attempt >= ATTEMPTS:
        run.state, run.left_because = RunState.STUCK, reason[:200]


def stop_run(work: Work, run_id: int, *, why: Exit) -> None:
    """End one open run; its mails not yet on their way are dropped."""
    _end(work, NurtureRun.id == run_id, why)


def stop_answered(
    work: Work, *, lead_id: UUID | None, contact_id: int | None, why: Exit | None
) -> int:
    """End every open run of a lead or contact that has a reason to end; return how many."""
    whose = NurtureRun.lead_id == lead_id if lead_id else NurtureRun.contact_id == contact_id
    ended = 0
    for run in work.session.scalars(select(NurtureRun).where(whose, NurtureRun.state.in_(OPEN))):
        reason = why or why_leave(work.session, run)
        if reason is not None:
            ended += _end(work, NurtureRun.id == run.id, reason)
    return ended


def _end(work: Work, whose: ColumnElement[bool], why: Exit) -> int:
    ended = work.session.execute(
        update(NurtureRun)
        .where(whose, NurtureRun.state.in_(OPEN))
        .values(state=RunState.EXITED, left_because=why, ended_at=work.now, due_at=None)
        .returning(
            NurtureRun.version_id, NurtureRun.partner_id, NurtureRun.contact_id, NurtureRun.lead_id
        )
    ).all()
    for run in ended:
        mailings = work.session.scalars(
            select(NurtureMailing.mailing_id).where(
                NurtureMailing.version_id == run.version_id,
                NurtureMailing.partner_id == run.partner_id,
            )
        ).all()
        delivery.skip_waiting(work, list(mailings), run.contact_id, Reason.ANSWERED)
        if run.lead_id:
            work.audit("left the sequence", "lead", run.lead_id, why=why)
    return len(ended)


def pause(work: Work, run_id: int) -> None:
    """Hold one person's run."""
    _steer(work, run_id, (RunState.ACTIVE,), RunState.PAUSED)


def resume(work: Work, run_id: int) -> None:
    """Let a held or stuck run go on; what is overdue goes at the next look."""
    _steer(work, run_id, (RunState.PAUSED, RunState.STUCK), RunState.ACTIVE)
    work.wake(Job.NURTURE_ADVANCE)


def _steer(work: Work, run_id: int, origin: Sequence[RunState], to: RunState) -> None:
    work.require(Permission.NURTURE_STEER)
    mine = select(NurtureRun.id).where(NurtureRun.id == run_id)
    found(work.session.scalar(visible(mine, work.principal, NurtureRun)))
    moved = work.session.execute(
        update(NurtureRun)
        .where(NurtureRun.id == run_id, NurtureRun.state.in_(origin))
        .values(state=to, attempt=0, lease_until=None)
        .returning(NurtureRun.id)
    ).one_or_none()
    if moved is None:
        raise Conflict("This person has left the sequence.", code="nurture.left")
