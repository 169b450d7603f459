"""Reads of arranged launches and of runs for many partners, for both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tcma.contacts.models import ContactList, Segment
from tcma.db.scope import found, visible
from tcma.db.sentences import unpacked
from tcma.delivery.queries import Equation
from tcma.delivery.small_cells import hides_from, is_few
from tcma.launches.models import Launch, LaunchList, LaunchSegment
from tcma.launches.queries import LaunchLine, lines_of
from tcma.launches.rules import OVER, LaunchState
from tcma.library.models import Campaign
from tcma.on_behalf.models import (
    ArrangedLaunch,
    CalendarDay,
    CampaignCalendar,
    PartnerRun,
)
from tcma.on_behalf.rules import (
    AHEAD,
    WHY_WORDS,
    ArrangedState,
    Missing,
    RunState,
    Why,
)
from tcma.partners.models import Enrolment, Partner, Vendor
from tcma.permissions import Principal

A = ArrangedState


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangedView:
    """One campaign for one partner, arranged by a calendar or a run; `launch` once it is planned."""

    ref: str
    state: ArrangedState
    why: Why | None
    send_at: datetime
    told_at: datetime | None
    agreed_at: datetime | None
    agreed_by: str | None
    is_pilot: bool
    has_order: bool
    campaign_id: UUID
    campaign: str
    campaign_slug: str
    vendor: str
    vendor_slug: str
    partner: str
    partner_slug: str
    tier: str
    calendar: str
    calendar_slug: str
    run_ref: str
    people: int
    sendable: int
    sender: str
    stops: tuple[Missing, ...]
    looks: tuple[str, ...]
    is_few: bool
    """Whether too few people could be mailed to be told of; `people` and `sendable` are 0 then."""
    launch: LaunchLine | None
    draft_ref: str

    @property
    def shown(self) -> tuple[str, str]:
        """The machine and the state its pill shows: once launched it is the launch's own."""
        if self.launch:
            return "launch", self.launch.shown_state
        return "arranged", self.state.value

    @property
    def why_words(self) -> str:
        """Why it was skipped, in a sentence."""
        return WHY_WORDS[self.why] if self.why else ""

    @property
    def is_ahead(self) -> bool:
        """Say whether it may still come."""
        return self.state in AHEAD and self.launch is None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run for many partners with its rows, and the sum over all their mails."""

    id: UUID
    ref: str
    state: RunState
    campaign_id: UUID
    campaign: str
    campaign_slug: str
    send_at: datetime
    pilots_n: int
    wait_hours: int
    words: str
    held_why: str
    released_at: datetime | None
    created_by: str
    scheduled_at: datetime | None
    rows: tuple[ArrangedView, ...]

    @property
    def shown_state(self) -> str:
        """The state as pages show it: finished once nothing is ahead and every launch is over."""
        if self.state is not RunState.RUNNING:
            return self.state.value
        going = [
            r for r in self.rows
            if r.is_ahead or (r.launch and r.state is A.LAUNCHED and r.launch.state not in OVER)
        ]  # fmt: skip
        return "running" if going else "finished"

    @property
    def equation(self) -> Equation:
        """The sum over every launch of the run."""
        return sum((r.launch.equation for r in self.rows if r.launch), Equation())

    @property
    def checking(self) -> int:
        """How many partners are still to be checked."""
        return sum(r.state is A.CHECKING for r in self.rows)


def arranged(
    session: Session, principal: Principal, *conditions: ColumnElement[bool]
) -> list[ArrangedView]:
    """Return arranged launches, the next first."""
    wanted = visible(_arranged(), principal, ArrangedLaunch).where(*conditions)
    rows = session.execute(wanted.order_by(ArrangedLaunch.send_at, Partner.name)).all()
    ids = [row.launch_id for row in rows if row.launch_id]
    lines = lines_of(session, principal, ids) if ids else {}
    return [_view(row, lines.get(row.launch_id), principal) for row in rows]


def arranged_by_ref(session: Session, principal: Principal, ref: str) -> ArrangedView:
    """Return one; NotFound for others'."""
    return found(next(iter(arranged(session, principal, ArrangedLaunch.ref == ref)), None))


def arranged_of_calendar(
    session: Session, principal: Principal, calendar_id: UUID
) -> list[ArrangedView]:
    """Return everything a calendar brings or brought, the earliest first."""
    return arranged(session, principal, CalendarDay.calendar_id == calendar_id)


def ahead(session: Session, principal: Principal, *, now: datetime) -> list[ArrangedView]:
    """Return what comes to a partner, and what was skipped and can still be taken back."""
    may_come = ArrangedLaunch.state.in_(AHEAD)
    back = (ArrangedLaunch.state == A.SKIPPED) & (ArrangedLaunch.why == Why.CHOSE) & (
        ArrangedLaunch.send_at > now
    )  # fmt: skip
    return arranged(session, principal, may_come | back)


def arranged_launch_of(
    session: Session, principal: Principal, launch_id: UUID
) -> ArrangedView | None:
    """Return what arranged a planned launch; None for one that a person planned."""
    return next(iter(arranged(session, principal, ArrangedLaunch.launch_id == launch_id)), None)


def lists_of(session: Session, row: ArrangedView) -> tuple[str, ...]:
    """Return the names of the lists and segments a planned launch goes to; empty before."""
    chosen = ArrangedLaunch.ref == row.ref
    lists = (
        select(ContactList.name)
        .join(LaunchList, LaunchList.list_id == ContactList.id)
        .join(ArrangedLaunch, ArrangedLaunch.launch_id == LaunchList.launch_id)
        .where(chosen)
    )
    parts = (
        select(Segment.name)
        .join(LaunchSegment, LaunchSegment.segment_id == Segment.id)
        .join(ArrangedLaunch, ArrangedLaunch.launch_id == LaunchSegment.launch_id)
        .where(chosen)
    )
    return tuple(sorted(name for each in (lists, parts) for name in session.scalars(each)))


def runs(session: Session, principal: Principal) -> list[RunView]:
    """Return a vendor's runs, newest first."""
    wanted = visible(_runs(), principal, PartnerRun).order_by(PartnerRun.id.desc())
    heads = session.execute(wanted).all()
    rows: dict[str, list[ArrangedView]] = {}
    for row in arranged(
        session, principal, ArrangedLaunch.run_id.in_([h.PartnerRun.id for h in heads])
    ):
        rows.setdefault(row.run_ref, []).append(row)
    return [_run(head, rows.get(head.PartnerRun.ref, [])) for head in heads]


def run_by_ref(session: Session, principal: Principal, ref: str) -> RunView:
    """Return one run with its rows; NotFound for others'."""
    wanted = visible(_runs(), principal, PartnerRun).where(PartnerRun.ref == ref)
    head = found(session.execute(wanted).one_or_none())
    return _run(head, arranged(session, principal, ArrangedLaunch.run_id == head.PartnerRun.id))


def _arranged() -> Any:
    return (
        select(
            ArrangedLaunch, Campaign.name.label("campaign"), Campaign.slug.label("campaign_slug"),
            Vendor.name.label("vendor"), Vendor.slug.label("vendor_slug"),
            Partner.name.label("partner"), Partner.slug.label("partner_slug"), Enrolment.tier,
            CampaignCalendar.name.label("calendar"), CampaignCalendar.slug.label("calendar_slug"),
            PartnerRun.ref.label("run_ref"), ArrangedLaunch.launch_id,
            Launch.ref.label("launch_ref"),
        )
        .join(Campaign, Campaign.id == ArrangedLaunch.campaign_id)
        .join(Vendor, Vendor.id == ArrangedLaunch.vendor_id)
        .join(Partner, Partner.id == ArrangedLaunch.partner_id)
        .join(
            Enrolment,
            (Enrolment.vendor_id == ArrangedLaunch.vendor_id)
            & (Enrolment.partner_id == ArrangedLaunch.partner_id),
        )
        .outerjoin(CalendarDay, CalendarDay.id == ArrangedLaunch.day_id)
        .outerjoin(CampaignCalendar, CampaignCalendar.id == CalendarDay.calendar_id)
        .outerjoin(PartnerRun, PartnerRun.id == ArrangedLaunch.run_id)
        .outerjoin(Launch, Launch.id == ArrangedLaunch.launch_id)
    )  # fmt: skip


def _view(row: Any, line: LaunchLine | None, reader: Principal) -> ArrangedView:
    it, said = row.ArrangedLaunch, row.ArrangedLaunch.verdict
    people, sendable = said.get("people", 0), said.get("sendable", 0)
    few = hides_from(reader) and (is_few(people) or is_few(sendable))
    return ArrangedView(
        ref=it.ref, state=ArrangedState(it.state), why=Why(it.why) if it.why else None,
        send_at=it.send_at, told_at=it.told_at, agreed_at=it.agreed_at, agreed_by=it.agreed_by,
        is_pilot=it.is_pilot, has_order=it.order_id is not None, campaign_id=it.campaign_id,
        campaign=row.campaign, campaign_slug=row.campaign_slug, vendor=row.vendor,
        vendor_slug=row.vendor_slug, partner=row.partner, partner_slug=row.partner_slug,
        tier=row.tier, calendar=row.calendar or "", calendar_slug=row.calendar_slug or "",
        run_ref=row.run_ref or "", people=0 if few else people,
        sendable=0 if few else sendable, is_few=few,
        sender=said.get("sender", ""), stops=tuple(Missing(*each) for each in unpacked(said.get("stops", []))),
        looks=() if few else tuple(unpacked(said.get("looks", []))),
        launch=line if line and line.state is not LaunchState.DRAFT else None,
        draft_ref=row.launch_ref or "",
    )  # fmt: skip


def _runs() -> Any:
    return select(
        PartnerRun, Campaign.name.label("campaign"), Campaign.slug.label("campaign_slug")
    ).join(Campaign, Campaign.id == PartnerRun.campaign_id)


def _run(head: Any, rows: Sequence[ArrangedView]) -> RunView:
    it = head.PartnerRun
    ordered = sorted(
        rows, key=lambda r: (not r.is_pilot, bool(r.stops), not r.has_order, r.partner)
    )
    return RunView(
        id=it.id, ref=it.ref, state=RunState(it.state), campaign_id=it.campaign_id,
        campaign=head.campaign, campaign_slug=head.campaign_slug, send_at=it.send_at,
        pilots_n=it.pilots_n, wait_hours=it.wait_hours, words=it.words, held_why=it.held_why or "",
        released_at=it.released_at, created_by=it.created_by_name, scheduled_at=it.scheduled_at,
        rows=tuple(ordered),
    )  # fmt: skip
