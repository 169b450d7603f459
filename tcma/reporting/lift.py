"""What a launch did to those who got it, beside those who were held out of it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, select
from sqlalchemy.orm import Session

from tcma.db.scope import found, visible
from tcma.delivery.models import Message
from tcma.delivery.rules import MessageState, Reason
from tcma.delivery.small_cells import hides_from, is_few
from tcma.launches.hold_out import Group, Lift
from tcma.launches.models import Launch, LaunchMail
from tcma.leads.models import Lead
from tcma.leads.rules import LeadState
from tcma.permissions import Principal
from tcma.words import say

OUTCOMES = (
    (say("Leads"), ()),
    (say("Opportunities"), (LeadState.OPPORTUNITY, LeadState.WON, LeadState.LOST)),
)
"""What is compared, with the states that count; no clicks: who got no mail has nothing to click."""


def lifts_of(session: Session, principal: Principal, ref: str) -> list[Lift]:
    """Return every outcome of a launch's people and of those held out; empty without a hold-out.

    A vendor is told of none where either side is fewer than five people.
    Both were drawn by lot from the same people. A lead counts from the launch's start on, whatever
    way it came in.
    """
    launch: Launch = found(
        session.scalar(visible(select(Launch), principal, Launch).where(Launch.ref == ref))
    )
    if not launch.hold_out or launch.started_at is None:
        return []
    first = select(LaunchMail.mailing_id).where(
        LaunchMail.launch_id == launch.id, LaunchMail.no == 1, LaunchMail.mailing_id.is_not(None)
    )
    held = Message.reason == int(Reason.HELD_OUT)
    counts = [
        func.count().filter(_has_lead(launch, states)).label(name.lower())
        for name, states in OUTCOMES
    ]
    rows = session.execute(
        select(held.label("held"), func.count().label("people"), *counts)
        .where(
            Message.mailing_id.in_(first),
            (Message.state != MessageState.SKIPPED) | held,
            Message.state != MessageState.CANCELLED,
        )
        .group_by(held)
    ).mappings()
    by_side = {row["held"]: row for row in rows}
    if hides_from(principal) and any(is_few(row["people"]) for row in by_side.values()):
        return []
    return [
        Lift(name, *(_group(by_side.get(side), name.lower()) for side in (False, True)))
        for name, _ in OUTCOMES
    ]


def _group(row: Any, name: str) -> Group:
    return Group(row[name], row["people"]) if row else Group(0, 0)


def _has_lead(launch: Launch, states: tuple[LeadState, ...]) -> ColumnElement[bool]:
    same = and_(
        Lead.vendor_id == launch.vendor_id,
        Lead.campaign_id == launch.campaign_id,
        Lead.address_hash == Message.address_hash,
        Lead.created_at >= launch.started_at,
    )
    wanted = select(literal(1)).where(same)
    return exists(wanted.where(Lead.state.in_(states)) if states else wanted)
