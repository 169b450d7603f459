"""How leads were answered: by campaign, from offer to opportunity, and how fast."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, tuple_
from sqlalchemy.orm import Session

from tcma.leads.models import Lead, LeadOffer, Opportunity
from tcma.leads.models_routing import LeadRecycling
from tcma.leads.rules import LeadState, OfferState
from tcma.library.models import Campaign
from tcma.money import Money
from tcma.permissions import Principal
from tcma.reporting.figures import Figure, Line, Opens, Report
from tcma.reporting.gather import leads_seen_by
from tcma.reporting.metrics import Sums, share, summed
from tcma.reporting.untold import told_to
from tcma.words import say

TURNS = select(
    LeadOffer.lead_id, func.bool_or(LeadOffer.state == OfferState.TIMED_OUT).label("late")
).group_by(LeadOffer.lead_id)
"""The leads that were offered, and whether an offer timed out."""
RECYCLED = exists().where(LeadRecycling.lead_id == Lead.id)
"""Leads that a partner has given back to nurture, wherever they are now."""
MINUTES = func.trunc(func.extract("epoch", Lead.accepted_at - Lead.created_at) / 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tally:
    leads: int = 0
    offered: int = 0
    accepted: int = 0
    late: int = 0
    opportunities: int = 0
    won: int = 0
    recycled: int = 0
    worth: Sums = ()
    minutes: int | None = None

    def __add__(self, other: "_Tally") -> "_Tally":
        """Return the sum; a median is no sum and is left out."""
        return _Tally(
            **{name: getattr(self, name) + getattr(other, name) for name in COUNTED},
            worth=summed((*self.worth, *other.worth)),
        )


COUNTED = ("leads", "offered", "accepted", "late", "opportunities", "won", "recycled")


def leads_report(
    session: Session, principal: Principal, *, since: datetime | None = None
) -> Report:
    """Return one line a campaign: offered, accepted, timed out, won, median minutes to accept."""
    mine = leads_seen_by(principal)
    if since:
        mine &= Lead.created_at >= since
    tallies: dict[tuple[str, str], _Tally] = {}
    for row in session.execute(_counts(mine)).mappings():
        key = row["name"], row["slug"]
        worth = (Money(int(row["worth"]), row["currency"]),) if row["currency"] else ()
        more = _Tally(**{name: row[name] for name in COUNTED}, worth=summed(worth))
        tallies[key] = tallies.get(key, _Tally()) + more
    medians = {(row.name, row.slug): row.half for row in session.execute(_medians(mine))}
    total = replace(sum(tallies.values(), _Tally()), minutes=_whole(medians.get((None, None))))
    lines = tuple(
        _line(slug, name, replace(tallies[name, slug], minutes=_whole(medians.get((name, slug)))))
        for name, slug in sorted(tallies)
    )
    report = Report(
        "leads", say("Leads"), _sentence(total), lines, _line("", say("All campaigns"), total)
    )
    return told_to(principal, report)


def _counts(mine: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """By campaign and currency: every lead stands in one of them."""
    turns = TURNS.subquery("turns")
    return (
        select(
            Campaign.name,
            Campaign.slug,
            Opportunity.currency,
            func.count(Lead.id).label("leads"),
            func.count(turns.c.lead_id).label("offered"),
            func.count(Lead.accepted_at).label("accepted"),
            func.count().filter(turns.c.late).label("late"),
            func.count(Opportunity.id).label("opportunities"),
            func.count().filter(Lead.state == LeadState.WON).label("won"),
            func.count().filter(RECYCLED).label("recycled"),
            func.coalesce(func.sum(Opportunity.amount_minor), 0).label("worth"),
        )
        .select_from(Lead)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .outerjoin(Opportunity, Opportunity.lead_id == Lead.id)
        .outerjoin(turns, turns.c.lead_id == Lead.id)
        .where(mine)
        .group_by(Campaign.name, Campaign.slug, Opportunity.currency)
    )


def _medians(mine: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """By campaign, and of all of them in the row without a name."""
    half = func.percentile_cont(0.5).within_group(MINUTES)
    return (
        select(Campaign.name, Campaign.slug, half.label("half"))
        .select_from(Lead)
        .join(Campaign, Campaign.id == Lead.campaign_id)
        .where(mine, Lead.accepted_at.is_not(None))
        .group_by(func.grouping_sets(tuple_(Campaign.name, Campaign.slug), tuple_()))
    )


def _whole(half: float | None) -> int | None:
    return None if half is None else round(half)


def _line(slug: str, name: str, tally: _Tally) -> Line:
    about = {"campaign": slug} if slug else {}

    def leads(facet: str) -> Opens:
        return Opens("leads", {**about, "facet": facet} if facet else about)

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
        Figure(
            "recycled",
            say("Back in nurture"),
            tally.recycled,
            leads("recycled"),
            share(tally.recycled, tally.leads),
        ),
        Figure("worth", say("Worth"), tally.worth, Opens("opportunities", about)),
        Figure("minutes", say("Minutes to accept, median"), tally.minutes, leads("accepted")),
    )
    return Line(slug, name, figures, Opens("report", about) if slug else None)


def _sentence(total: _Tally) -> str:
    if not total.leads:
        return say("No lead yet.")
    wait = total.minutes
    said = say(
        "{accepted:,} of {leads:,} leads were accepted", accepted=total.accepted, leads=total.leads
    )
    return (
        say("{said}, half of them within {wait:,} minutes.", said=said, wait=wait)
        if wait is not None
        else f"{said}."
    )
