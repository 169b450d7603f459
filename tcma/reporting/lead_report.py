"""How leads were answered: by campaign, from offer to opportunity, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from tcma.leads.models import Lead, LeadOffer, Opportunity
from tcma.leads.rules import LeadState, OfferState
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.permissions import Principal
from tcma.reporting.figures import Figure, Line, Opens, Report
from tcma.reporting.gather import leads_seen_by
from tcma.reporting.metrics import Sums, middle, share, summed
from tcma.words import say

MOST_LEADS = 50_000


@dataclass(slots=True)
class _Tally:
    leads: int = 0
    offered: int = 0
    accepted: int = 0
    late: int = 0
    opportunities: int = 0
    won: int = 0
    worth: list[Money] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)


def leads_report(
    session: Session, principal: Principal, *, since: datetime | None = None
) -> Report:
    """Return one line a campaign: offered, accepted, timed out, won, median minutes to accept."""
    query = (
        select(
            Lead.id,
            Lead.state,
            Lead.created_at,
            Lead.accepted_at,
            Campaign.slug,
            Campaign.name,
            Opportunity.amount_minor,
            Opportunity.currency,
        )
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .outerjoin(Opportunity, Opportunity.lead_id == Lead.id)
        .where(leads_seen_by(principal))
        .order_by(Lead.id.desc())
        .limit(MOST_LEADS)
    )
    if since:
        query = query.where(Lead.created_at >= since)
    rows = session.execute(query).all()
    turns = _turns(session, [row.id for row in rows])
    tallies: dict[tuple[str, str], _Tally] = {}
    total = _Tally()
    for row in rows:
        for tally in (tallies.setdefault((row.name, row.slug), _Tally()), total):
            _count(tally, row, turns.get(row.id, ()))
    lines = tuple(_line(slug, name, tallies[name, slug]) for name, slug in sorted(tallies))
    return Report(
        "leads", say("Leads"), _sentence(total), lines, _line("", say("All campaigns"), total)
    )


def _turns(session: Session, leads: list[UUID]) -> dict[UUID, list[OfferState]]:
    rows = session.execute(
        select(LeadOffer.lead_id, LeadOffer.state).where(LeadOffer.lead_id.in_(leads))
    )
    turns: dict[UUID, list[OfferState]] = {}
    for lead_id, state in rows:
        turns.setdefault(lead_id, []).append(OfferState(state))
    return turns


def _count(tally: _Tally, row: Row[*tuple[Any, ...]], turns: Sequence[OfferState]) -> None:
    tally.leads += 1
    tally.offered += bool(turns)
    tally.late += OfferState.TIMED_OUT in turns
    if row.accepted_at is not None:
        tally.accepted += 1
        tally.minutes.append(int((row.accepted_at - row.created_at).total_seconds()) // 60)
    if row.currency is not None:
        tally.opportunities += 1
        tally.worth.append(Money(row.amount_minor, row.currency))
    tally.won += row.state == LeadState.WON


def _line(slug: str, name: str, tally: _Tally) -> Line:
    about = {"campaign": slug} if slug else {}

    def leads(facet: str) -> Opens:
        return Opens("leads", {**about, "facet": facet} if facet else about)

    worth: Sums = summed(tally.worth)
    figures = (
        Figure("leads", say("Leads"), tally.leads, leads("")),
        Figure("offered", say("Offered"), tally.offered, leads("offered")),
        Figure(
            "accepted",
            say("Accepted"),
            tally.accepted,
            leads("accepted"),
            share(tally.accepted, tally.leads),
        ),
        Figure(
            "late", say("Timed out once"), tally.late, leads("late"), share(tally.late, tally.leads)
        ),
        Figure(
            "opportunities",
            say("Opportunities"),
            tally.opportunities,
            Opens("opportunities", about),
            share(tally.opportunities, tally.leads),
        ),
        Figure("won", say("Won"), tally.won, leads("won"), share(tally.won, tally.opportunities)),
        Figure("worth", say("Worth"), worth, Opens("opportunities", about)),
        Figure("minutes", say("Minutes to accept, median"), middle(tally.minutes)),
    )
    return Line(slug, name, figures, Opens("report", about) if slug else None)


def _sentence(total: _Tally) -> str:
    if not total.leads:
        return say("No lead yet.")
    wait = middle(total.minutes)
    said = say(
        "{accepted:,} of {leads:,} leads were accepted", accepted=total.accepted, leads=total.leads
    )
    return (
        say("{said}, half of them within {wait:,} minutes.", said=said, wait=wait)
        if wait is not None
        else f"{said}."
    )
