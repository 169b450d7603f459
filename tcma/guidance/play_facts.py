"""What is known of a partner when its next plays are chosen: leads, money, campaigns, launches."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.guidance.playbook import NEEDS, StandState
from tcma.guidance.playbooks import Playbook
from tcma.guidance.plays import Facts, FundPart, NearStep, Offered, OwnLead
from tcma.launches.models import Launch
from tcma.launches.rules import RUNNING, LaunchState
from tcma.leads.models import Lead, LeadTouch
from tcma.leads.rules import LeadState
from tcma.library.queries import library_for
from tcma.mdf.funds import views as funds
from tcma.mdf.models.funding import FundAllocation, FundRequest
from tcma.mdf.rules import RequestState
from tcma.permissions import Permission, Principal
from tcma.reporting.peers import peers_of

ASKED = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.INFO_REQUESTED,
    RequestState.APPEALED,
    RequestState.HELD,
)
"""A plan that may take money of a fund and has not yet."""
MOST_LEADS = 50


def facts_of(
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    today: date,
    books: Sequence[Playbook] = (),
) -> Facts:
    """Return what this person may see of its partner; `today` is the reader's day, `books` are the
    playbooks of its launches.
    """
    may_launch = principal.may(Permission.LAUNCH_PLAN)
    may_plan = principal.may(Permission.REQUEST_FILE)
    uncalled = _uncalled(session, principal, today) if principal.may(Permission.LEAD_ANSWER) else ()
    if not may_launch and not may_plan:
        return Facts(
            today=today,
            uncalled=uncalled,
            steps=_steps(principal, books),
            may_plan=False,
            may_launch=False,
        )
    launches, last, begun = _launches(session, found(principal.partner_id))
    return Facts(
        today=today,
        launches=launches,
        last_launch=last.date() if last else None,
        begun=begun,
        uncalled=uncalled,
        funds=_funds(session, principal, now) if may_plan else (),
        campaigns=_campaigns(session, principal, today),
        steps=_steps(principal, books),
        may_plan=may_plan,
        may_launch=may_launch,
    )


def _uncalled(session: Session, principal: Principal, today: date) -> Sequence[OwnLead]:
    touched = exists().where(LeadTouch.lead_id == Lead.id)
    cold = select(Lead.ref, Lead.company, Lead.last_name, Lead.accepted_at).where(
        Lead.partner_id == principal.partner_id, Lead.state == LeadState.ACCEPTED, ~touched
    )
    cold = cold.where(or_(Lead.person_id.is_(None), Lead.person_id == principal.user_id))
    rows = session.execute(cold.order_by(Lead.accepted_at).limit(MOST_LEADS))
    return [
        OwnLead(
            ref=row.ref,
            company=row.company or row.last_name,
            accepted_on=row.accepted_at.date() if row.accepted_at else today,
        )
        for row in rows
    ]


def _launches(session: Session, partner_id: UUID) -> tuple[int, datetime | None, int]:
    started = Launch.started_at.is_not(None)
    waits = Launch.state.in_((LaunchState.DRAFT, LaunchState.AWAITING, *RUNNING))
    row = session.execute(
        select(
            func.count().filter(started),
            func.max(Launch.started_at),
            func.count().filter(waits),
        ).where(Launch.partner_id == partner_id)
    ).one()
    return row[0], row[1], row[2]


def _steps(principal: Principal, books: Sequence[Playbook]) -> list[NearStep]:
    return [
        NearStep(
            ref=book.ref,
            key=stand.step.key,
            title=stand.step.title,
            campaign=book.name,
            due_on=stand.due_on,
            minutes=stand.step.minutes,
            no=book.needed.index(stand) + 1,
            of=len(book.needed),
        )
        for book in books
        for stand in (*book.asked, *book.soon)
        if stand.state is not StandState.SPARED and principal.may(NEEDS[stand.step.who])
    ]


def _funds(session: Session, principal: Principal, now: datetime) -> list[FundPart]:
    asked = select(FundRequest.allocation_id).where(
        FundRequest.partner_id == principal.partner_id, FundRequest.state.in_(ASKED)
    )
    waiting = set(session.scalars(asked))
    parts = [
        part
        for part in funds.wallet(session, principal, now=now)
        if part.allocation_id not in waiting
    ]
    vendors = select(FundAllocation.id, FundAllocation.vendor_id).where(
        FundAllocation.id.in_([part.allocation_id for part in parts])
    )
    vendor_of = {row.id: row.vendor_id for row in session.execute(vendors)}
    return [
        FundPart(
            ref=part.ref,
            name=part.name,
            vendor_id=vendor_of[part.allocation_id],
            available=part.available,
            usable_until=part.usable_until,
        )
        for part in parts
    ]


def _campaigns(session: Session, principal: Principal, today: date) -> list[Offered]:
    cards = library_for(session, principal, today=today)
    ids = [card.campaign_id for card in cards]
    peers = peers_of(session, principal, ids)
    ours = visible(
        select(Launch.campaign_id, func.max(Launch.created_at)).group_by(Launch.campaign_id),
        principal,
        Launch,
    ).where(Launch.campaign_id.in_(ids), Launch.state != LaunchState.CANCELLED)
    last: dict[UUID, datetime] = {row[0]: row[1] for row in session.execute(ours)}
    brought = (
        select(Lead.campaign_id, func.count())
        .where(Lead.source_partner_id == principal.partner_id, Lead.campaign_id.in_(ids))
        .group_by(Lead.campaign_id)
    )
    leads: dict[UUID, int] = {row[0]: row[1] for row in session.execute(brought)}
    return [
        Offered(
            slug=card.slug,
            vendor_slug=card.vendor_slug,
            vendor_id=card.vendor_id,
            name=card.name,
            minutes=card.minutes,
            published_on=card.published_at.date(),
            ends_on=card.ends_on,
            last_launch=last[card.campaign_id].date() if card.campaign_id in last else None,
            own_leads=leads.get(card.campaign_id, 0),
            peers=peers[card.campaign_id].partners,
            peer_leads=peers[card.campaign_id].leads,
        )
        for card in cards
    ]
