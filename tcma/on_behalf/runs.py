"""A vendor runs one campaign for many partners: chosen, checked, scheduled, stopped; a pilot first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from tcma.db.references import next_reference
from tcma.db.scope import found, visible
from tcma.db.work import Work
from tcma.errors import Conflict, Invalid
from tcma.ids import new_id
from tcma.jobs import Job
from tcma.launches import actions as launches
from tcma.launches.models import Launch
from tcma.launches.rules import OVER, LaunchState
from tcma.library.models import Campaign
from tcma.library.seeing import seen_campaigns
from tcma.on_behalf import letters
from tcma.on_behalf.acting import for_partner
from tcma.on_behalf.arranging import drop_draft, replan
from tcma.on_behalf.models import ArrangedLaunch, PartnerRun, StandingOrder
from tcma.on_behalf.rules import (
    AHEAD,
    LEAST_NOTICE,
    ArrangedState,
    Health,
    OrderState,
    RunState,
    healthiest,
)
from tcma.partners.queries import candidates
from tcma.permissions import Permission

A = ArrangedState
MOST_PARTNERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """Which campaign, when, and for which partners; an empty filter asks for nothing.

    `joined` keeps to partners that let the vendor launch for them. With `pilots` partners going first
    the rest follows `wait_hours` later.
    """

    campaign_slug: str
    send_at: datetime
    tiers: Sequence[str] = ()
    kinds: Sequence[str] = ()
    territories: Sequence[str] = ()
    joined: bool = False
    pilots: int = 0
    wait_hours: int = 0
    words: str = ""


def draft_run(work: Work, plan: RunPlan) -> str:
    """Write a run and the partners it is for; each is then checked by a worker. Return its reference.

    Raises Invalid for a day that is too near, or when no partner fits.
    """
    work.require(Permission.LAUNCH_ARRANGE)
    campaign: Campaign = found(
        work.session.scalar(
            visible(select(Campaign), work.principal, Campaign).where(
                Campaign.slug == plan.campaign_slug
            )
        )
    )
    _check_day(work, plan.send_at)
    chosen = _fitting(work, plan, campaign)
    if not chosen:
        said = "No active partner fits and sees this campaign."
        raise Invalid(said, code="run.nobody", remedy="Ask for less.", fields={"campaign": said})
    if len(chosen) > MOST_PARTNERS:
        said = f"{len(chosen):,} partners fit; a run takes {MOST_PARTNERS:,} at most. Narrow it."
        raise Invalid(said, code="run.many", fields={"campaign": said})
    run = PartnerRun(
        id=new_id(), ref=next_reference(work, "RUN"), vendor_id=campaign.vendor_id,
        campaign_id=campaign.id, state=RunState.DRAFT, send_at=plan.send_at, pilots_n=plan.pilots,
        wait_hours=plan.wait_hours if plan.pilots else 0, words=" ".join(plan.words.split()),
        created_by=work.principal.user_id, created_by_name=work.principal.name, created_at=work.now,
    )  # fmt: skip
    work.session.add(run)
    work.session.flush()  # the rows name it
    for partner_id, order_id in chosen.items():
        work.session.add(
            ArrangedLaunch(
                id=new_id(), ref=next_reference(work, "ARR"), vendor_id=run.vendor_id,
                partner_id=partner_id, campaign_id=campaign.id, order_id=order_id, run_id=run.id,
                state=A.CHECKING, send_at=plan.send_at, due_at=work.now,
            )
        )  # fmt: skip
    work.audit("drafted", "partner_run", run.ref, vendor_id=run.vendor_id, partners=len(chosen))
    work.wake(Job.LAUNCH_ARRANGE)
    return run.ref


def schedule_run(
    work: Work, ref: str, *, chosen: Sequence[str], pilots: Sequence[str] = ()
) -> None:
    """Let a run happen for the chosen rows: who allowed it is told, others are asked; twice is once.

    `pilots` are rows that go first; without any named, the healthiest lists do. Conflict while
    partners are still being checked, Invalid when nobody is chosen or nobody can go first.
    """
    run = _run(work, ref)
    if run.state != RunState.DRAFT:
        return
    _check_day(work, run.send_at)
    rows = _rows(work, run)
    if any(row.state == A.CHECKING for row in rows):
        raise Conflict("Some partners are still being checked.", code="run.checking",
                       remedy="Wait a moment and press again.")  # fmt: skip
    kept = [row for row in rows if row.ref in set(chosen)]
    if not kept:
        said = "Choose at least one partner."
        raise Invalid(said, code="run.nobody", fields={"chosen": said})
    given = _orders(work, run.vendor_id)
    for row in kept:
        row.order_id = given.get(row.partner_id)
    first = _first(run, kept, pilots)
    for row in rows:
        if row not in kept:
            work.session.delete(row)
            continue
        row.is_pilot = row.ref in first
        if run.pilots_n and not row.is_pilot:
            row.send_at = run.send_at + timedelta(hours=run.wait_hours)
        if row.order_id:
            row.state, row.due_at = A.WAITING, work.now
        else:
            row.state, row.due_at, row.told_at = A.ASKING, row.send_at, work.now
            letters.ask(work, row, run.words)
    run.state, run.scheduled_at = RunState.RUNNING, work.now
    run.pilots_n = len(first)
    run.released_at = None if first else work.now
    _audit(work, run, "scheduled", partners=len(kept), pilots=len(first))
    work.wake(Job.LAUNCH_ARRANGE)


def release_run(work: Work, ref: str) -> None:
    """Let the rest go: now that it is wanted by hand, or after a pilot went wrong. Twice is once."""
    run = _run(work, ref)
    if run.state not in (RunState.RUNNING, RunState.HELD):
        raise Conflict("This run is not under way.", code="run.over")
    if run.state == RunState.RUNNING and run.released_at is not None:
        return
    run.state, run.held_why, run.released_at = RunState.RUNNING, None, work.now
    for row in _rows(work, run):
        if not row.is_pilot and row.state in (A.WAITING, A.TOLD, A.HELD, A.ASKING):
            row.send_at = min(row.send_at, max(work.now, run.send_at))
            if row.state in (A.TOLD, A.HELD):
                row.due_at = row.send_at
                replan(work, row)
    _audit(work, run, "released")
    work.wake(Job.LAUNCH_ARRANGE)


def stop_run(work: Work, ref: str) -> int:
    """Stop a run for every partner: nothing more begins, what runs is cancelled; return how many."""
    run = _run(work, ref)
    if run.state == RunState.STOPPED:
        return 0
    if run.state == RunState.DRAFT:
        raise Conflict("This run has not been scheduled.", code="run.draft", remedy="Discard it.")
    run.state = RunState.STOPPED
    stopped = sum(_stop(work, row) for row in _rows(work, run))
    _audit(work, run, "stopped", partners=stopped)
    return stopped


def stop_one(work: Work, ref: str, arranged_ref: str) -> bool:
    """Stop a run for one partner; False when there was nothing left to stop."""
    run = _run(work, ref)
    row = found(next((r for r in _rows(work, run) if r.ref == arranged_ref), None))
    stopped = _stop(work, row)
    if stopped:
        _audit(work, run, "stopped for one", arranged=arranged_ref)
    return stopped


def discard_run(work: Work, ref: str) -> None:
    """Throw a run away that was never scheduled; Conflict for others."""
    run = _run(work, ref)
    if run.state != RunState.DRAFT:
        raise Conflict("This run has been scheduled, so it stays on record.", code="run.started",
                       remedy="Stop it.")  # fmt: skip
    work.session.execute(delete(ArrangedLaunch).where(ArrangedLaunch.run_id == run.id))
    work.session.delete(run)
    _audit(work, run, "discarded")


def _stop(work: Work, row: ArrangedLaunch) -> bool:
    if row.state in AHEAD and drop_draft(work, row):
        row.state, row.due_at = A.STOPPED, None
        return True
    launch = work.session.get(Launch, row.launch_id) if row.launch_id else None
    if row.state != A.LAUNCHED or launch is None or launch.state in (*OVER, LaunchState.DRAFT):
        return False
    launches.cancel_launch(for_partner(work, row), launch.ref)
    return True


def _fitting(work: Work, plan: RunPlan, campaign: Campaign) -> dict[UUID, UUID | None]:
    """Partners that fit and see the campaign, by name in addresses; each with its order, if any."""
    given = _orders(work, campaign.vendor_id)
    fit: dict[UUID, UUID | None] = {}
    for pair in candidates(work.session, campaign.vendor_id):
        if (
            (plan.tiers and pair.tier not in plan.tiers)
            or (plan.kinds and pair.kind not in plan.kinds)
            or (plan.territories and not set(plan.territories) & set(pair.territories))
            or (plan.joined and pair.partner_id not in given)
        ):
            continue
        asked = [(campaign.id, campaign.vendor_id)]
        if seen_campaigns(work.session, pair.partner_id, asked, today=work.now.date()):
            fit[pair.partner_id] = given.get(pair.partner_id)
    return fit


def _orders(work: Work, vendor_id: UUID) -> dict[UUID, UUID]:
    rows = work.session.execute(
        select(StandingOrder.partner_id, StandingOrder.id).where(
            StandingOrder.vendor_id == vendor_id,
            StandingOrder.calendar_id.is_(None),
            StandingOrder.state == OrderState.ACTIVE,
        )
    )
    return {row.partner_id: row.id for row in rows}


def _first(run: PartnerRun, rows: Sequence[ArrangedLaunch], named: Sequence[str]) -> set[str]:
    """The rows that go first: those named that may, else as many healthy ones as the run asks for."""
    if not run.pilots_n:
        return set()
    able = [
        Health(
            row.ref, row.verdict.get("people", 0), row.verdict.get("sendable", 0),
            ready=row.order_id is not None and not row.verdict.get("stops"),
        )
        for row in rows
    ]  # fmt: skip
    wanted = [h for h in able if h.ref in set(named)] if named else able
    first = healthiest(wanted, len(wanted) if named else run.pilots_n)
    if not first:
        said = "No partner is ready to go first: each is missing something or has to be asked."
        raise Invalid(said, code="run.pilot", fields={"pilots": said})
    if len(first) == len(rows):
        said = "All would go first. Choose more partners, or run it without a pilot."
        raise Invalid(said, code="run.pilot", fields={"pilots": said})
    return set(first)


def _check_day(work: Work, send_at: datetime) -> None:
    if send_at < work.now + LEAST_NOTICE:
        said = f"Partners are told {LEAST_NOTICE.days} days before, so choose a later day."
        raise Invalid(said, code="run.day", fields={"day": said})


def _rows(work: Work, run: PartnerRun) -> Sequence[ArrangedLaunch]:
    wanted = select(ArrangedLaunch).where(ArrangedLaunch.run_id == run.id)
    return work.session.scalars(wanted.order_by(ArrangedLaunch.id).with_for_update()).all()


def _run(work: Work, ref: str) -> PartnerRun:
    work.require(Permission.LAUNCH_ARRANGE)
    wanted = visible(select(PartnerRun), work.principal, PartnerRun).where(PartnerRun.ref == ref)
    row: PartnerRun = found(work.session.scalar(wanted.with_for_update()))
    return row


def _audit(work: Work, run: PartnerRun, verb: str, **detail: Any) -> None:
    work.audit(verb, "partner_run", run.ref, vendor_id=run.vendor_id, **detail)
